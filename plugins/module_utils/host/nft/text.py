# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Text of nftables that several parts of a table share."""

from __future__ import annotations

from typing import Any, Iterable, NamedTuple

from ...net.ports import PortRange


class Family(NamedTuple):
    """An address family."""

    name: str
    nft: str  # its name in nft
    type: str  # the type of its addresses


FAMILIES = (Family("ipv4", "ip", "ipv4_addr"), Family("ipv6", "ip6", "ipv6_addr"))


def elements(values: Iterable[str]) -> str:
    """Return the elements of a set or map; an empty list is a syntax error."""
    listed = ", ".join(sorted(values))
    return f"elements = {{ {listed} }};" if listed else ""


def flags(ports: Iterable[PortRange]) -> str:
    """Return the flags of a set or map with these ports in its keys.

    Without a range it is a hash, which finds one of many elements faster (net/netfilter/
    nft_set_hash.c, nft_set_pipapo.c).
    """
    return "" if all(one.is_single for one in ports) else " flags interval;"


def listed_ports(value: Any) -> PortRange:  # noqa: ANN401, whatever nft lists
    """Return the ports of an element's key; raise an exception for anything else."""
    first, last = value["range"] if isinstance(value, dict) else (value, value)
    return PortRange(int(first), int(last))
