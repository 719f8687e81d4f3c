# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory as Ansible sees it: nodes, groups and the declaration."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ScenarioError
from .node import Node

DECLARATION = "topology_services"


@dataclass(frozen=True)
class Inventory:
    """Nodes, groups (each with the hosts of the groups below it) and declared services."""

    nodes: Mapping[str, Node]
    groups: Mapping[str, tuple[str, ...]]
    services: Mapping[str, Any]


def load(sources: Sequence[Path]) -> Inventory:
    """Ask Ansible what the given inventory sources say together."""
    arguments = [argument for source in sources for argument in ("-i", str(source))]
    done = subprocess.run(
        ["ansible-inventory", "--list", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ScenarioError(f"ansible-inventory: {done.stderr.strip()}")
    return parse(json.loads(done.stdout))


def parse(data: Mapping[str, Any]) -> Inventory:
    """Read the output of `ansible-inventory --list`."""
    variables: Mapping[str, Mapping[str, Any]] = data["_meta"]["hostvars"]
    services: Mapping[str, Any] = next(
        (each[DECLARATION] for each in variables.values() if DECLARATION in each), {}
    )
    return Inventory(
        nodes={name: _node(name, each) for name, each in variables.items()},
        groups={name: tuple(_members(data, name)) for name in data if name != "_meta"},
        services=services,
    )


def _members(data: Mapping[str, Any], group: str) -> list[str]:
    entry = data.get(group, {})
    names = [*entry.get("hosts", ())]
    for child in entry.get("children", ()):
        names += _members(data, child)
    return list(dict.fromkeys(names))


def _node(name: str, variables: Mapping[str, Any]) -> Node:
    options = ("ansible_ssh_common_args", "ansible_ssh_args")
    return Node(
        name=name,
        address=str(variables.get("ansible_host", name)),
        port=int(variables.get("ansible_port", 22)),
        user=str(variables.get("ansible_user", "root")),
        key=str(variables.get("ansible_ssh_private_key_file", "")),
        options=tuple(
            word for option in options for word in shlex.split(variables.get(option, ""))
        ),
        variables=dict(variables),
    )
