# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Words of nftables that several parts of a table's text share."""

from __future__ import annotations

from typing import Iterable, NamedTuple


class Family(NamedTuple):
    """A family of addresses."""

    name: str
    nft: str  # as nft calls it
    type: str  # of its addresses


FAMILIES = (Family("ipv4", "ip", "ipv4_addr"), Family("ipv6", "ip6", "ipv6_addr"))


def elements(values: Iterable[str]) -> str:
    """The elements of a set or map; an empty list would be a syntax error."""
    listed = ", ".join(sorted(values))
    return f"elements = {{ {listed} }};" if listed else ""
