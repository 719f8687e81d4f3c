# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Text of nftables that several parts of a table share."""

from __future__ import annotations

from typing import Iterable, NamedTuple


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
