# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan, and the names of its resources on this machine."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Node = dict[str, Any]


@dataclass(frozen=True)
class Lab:
    """Names derived from the plan alone, so that a killed agent loses no state."""

    plan: dict[str, Any]

    @property
    def nodes(self) -> list[Node]:
        """Every node of the plan."""
        nodes: list[Node] = self.plan["nodes"]
        return nodes

    def named(self, names: Container[str]) -> list[Node]:
        """Return the nodes with these names."""
        return [node for node in self.nodes if node["name"] in names]

    @property
    def switch(self) -> str:
        """The namespace of the bridges."""
        return f"{self.plan['prefix']}switch"

    @property
    def store(self) -> Path:
        """The directory that holds all the nodes' layers."""
        return Path(self.plan["store"])

    @property
    def lower(self) -> Path:
        """The machine's tree, read only, without its mounts."""
        return self.store / "lower"

    def name(self, node: Node) -> str:
        """Return the name of the node's container and network namespace."""
        return f"{self.plan['prefix']}{node['name']}"

    def home(self, node: Node) -> Path:
        """Return the directory of one node's layers."""
        return self.store / "nodes" / str(node["name"])
