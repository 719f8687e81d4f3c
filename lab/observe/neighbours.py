# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a network who has an address, in such a way that all who claim it answer."""

from __future__ import annotations

from collections.abc import Sequence

from .node import Node

# The answers are seen by a capture: the kernel's neighbour table keeps only one of them. What the
# node remembers is forgotten first, so that it asks everybody, and its own traffic then follows
# the answer that it gets now. ND is always asked by multicast; arping would turn to unicast after
# the first answer without -b. About an address that the node has to know it must not ask by itself.
_SCRIPT = """
for target in "$@"; do
  address=${target%%@*} rest=${target#*@}
  interface=${rest%@*} static=${rest#*@}
  ip neighbour flush to "$address" dev "$interface"
  case $static$address in
    static*) ;;
    *:*) ping -q -c 1 -W 2 -I "$interface" "$address" ;;
    *) arping -q -b -c 2 -w 3 -I "$interface" "$address" ;;
  esac > /dev/null &
done
wait
"""


def ask(node: Node, targets: Sequence[tuple[str, str, bool]]) -> None:
    """Ask for every address in the network of its interface, unless it is a static one."""
    pairs = [f"{address}@{interface}@{'static' * static}" for address, interface, static in targets]
    node.run("sh", "-c", _SCRIPT, "ask", *pairs)
