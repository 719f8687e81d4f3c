# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the nodes of one plan become those of another: a boot takes longer than all the rest."""

from __future__ import annotations

from dataclasses import dataclass

from .lab import Node

# What a node that runs can change: its interfaces, with all that depends on them, and its ports.
_CHANGEABLE = ("links", "routes", "forward")


@dataclass(frozen=True)
class Change:
    """The nodes of the plan to come: those that run already, and those to be made."""

    kept: list[Node]
    new: list[Node]


def change_between(before: list[Node], after: list[Node]) -> Change | None:
    """Compare two plans. None: a node would have to go, and its address to become another's."""
    running, wanted = ({str(_fixed(node)): node for node in nodes} for nodes in (before, after))
    if not running.keys() <= wanted.keys():
        return None
    return Change(
        kept=[wanted[key] for key in running],
        new=[node for key, node in wanted.items() if key not in running],
    )


def _fixed(node: Node) -> Node:
    fixed = {key: value for key, value in node.items() if key not in _CHANGEABLE}
    return {**fixed, "web": bool(node["web"])}
