# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Everything that the checks look at. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from .declaration.inventory import Inventory
from .declaration.model import Service
from .declaration.options import Options
from .paths.facts import Node
from .paths.path import Path


@dataclass(frozen=True)
class Topology:
    """The declaration, joined with what is known of the hosts."""

    services: tuple[Service, ...]
    inventory: Inventory
    nodes: Mapping[str, Node]
    options: Options
    paths: tuple[Path, ...]
    left_out: frozenset[str] = frozenset()  # hosts that nothing is wanted of any more

    @property
    def all_directors(self) -> tuple[Node, ...]:
        """The directors whose facts were read."""
        names = self.inventory.directors
        return tuple(self.nodes[name] for name in names if name in self.nodes)

    @property
    def directors(self) -> tuple[Node, ...]:
        """Those that stay. Where none does, all: real servers and routers stay as they are."""
        staying = tuple(one for one in self.all_directors if one.name not in self.left_out)
        return staying or self.all_directors

    @property
    def routers(self) -> tuple[Node, ...]:
        """The routers whose facts were read."""
        names = self.inventory.routers
        return tuple(self.nodes[name] for name in names if name in self.nodes)
