# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""From the facts of all hosts to nodes.

Facts come from the hosts. Those of a host that tells something else than node_info does (another
release, a host that lies) cost this host its node, and no other one.
"""

from __future__ import annotations

from typing import Any, Mapping

from .facts import Node, parse_node

ODD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What code raises that takes data for something that it is not."""


def read_nodes(facts: Mapping[str, Any]) -> tuple[dict[str, Node], dict[str, str]]:
    """The nodes, and what is wrong with the facts of others; a host without any is neither."""
    nodes: dict[str, Node] = {}
    unreadable: dict[str, str] = {}
    for name, found in facts.items():
        if not found:
            continue
        try:
            nodes[str(name)] = parse_node(str(name), found)
        except ODD as error:
            unreadable[str(name)] = f"{type(error).__name__}: {error}"
    return nodes, unreadable
