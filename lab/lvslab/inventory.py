# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Ansible inventory of a running lab."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .ssh import Access, Remote
from .topology import Topology

_HEADER = "# Written by lab/lab on each `up`.\n"


def _host(remote: Remote) -> dict[str, Any]:
    return {"ansible_host": remote.host, "ansible_port": remote.port}


def render(topology: Topology, remotes: Mapping[str, Remote], access: Access, python: str) -> str:
    """Return the inventory as YAML."""
    groups: dict[str, Any] = {}
    for node in topology.nodes:
        for group in node.groups:
            groups.setdefault(group, {"hosts": {}})["hosts"][node.name] = {}
    data = {
        "all": {
            "vars": {
                "ansible_user": "root",
                "ansible_ssh_private_key_file": str(access.key),
                "ansible_ssh_common_args": shlex.join(access.common),
                # Ansible's own options without compression, which emulation makes slow.
                "ansible_ssh_args": shlex.join(access.sharing),
                "ansible_ssh_pipelining": True,
                "ansible_python_interpreter": python,
            },
            "hosts": {node.name: _host(remotes[node.name]) for node in topology.nodes},
            "children": groups,
        }
    }
    return _HEADER + yaml.safe_dump(data, sort_keys=False)


def write(path: Path, text: str) -> None:
    """Write the inventory, and the directories above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
