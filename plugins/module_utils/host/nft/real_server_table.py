# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A real server's nftables table as text for ``nft``, and its parser from JSON.

TUN: requests grow between director and real server. Replies do not pass the director, so that the
real server limits the segment size in its SYN-ACK. The kernel never raises the value in a packet
(nft_exthdr_tcp_set_eval(), net/netfilter/nft_exthdr.c).
"""

from __future__ import annotations

from typing import Any, Iterable, Iterator, Mapping, Sequence

from ...net.addresses import family_of
from ..model import MssLimit, NftTable, Resource
from .director_table import delete

TABLE = "lvs_real_server"
_CHAIN = "output"
_PROTOCOLS = {"ipv4": "ip", "ipv6": "ip6"}
_PRIORITY = -150  # mangle
_FLAGS = {"payload": {"protocol": "tcp", "field": "flags"}}
_MASKS: tuple[Any, ...] = (["syn", "rst"], {"|": ["syn", "rst"]})  # of nft 1.0.6, and of 1.1.3


def replace(resources: Iterable[Resource]) -> str:
    """Return the transaction that replaces the table's content by these."""
    limits = sorted(resource for resource in resources if isinstance(resource, MssLimit))
    lines = [
        f"table inet {TABLE} {{",
        f"  chain {_CHAIN} {{",
        f"    type filter hook {_CHAIN} priority mangle; policy accept;",
        *(
            f"    {_PROTOCOLS[family_of(limit.address)]} saddr {limit.address} "
            f"tcp flags & (syn | rst) == syn tcp option maxseg size set {limit.size}"
            for limit in limits
        ),
        "  }",
        "}",
    ]
    return delete(TABLE) + "\n".join(lines) + "\n"


def parse(listing: dict[str, Any]) -> Iterator[Resource]:
    """Return the table's content from the output of ``nft --json list table``."""
    objects = listing["nftables"]
    chains = [
        (one["name"], one.get("type"), one.get("hook"), one.get("prio"), one.get("policy"))
        for each in objects
        for kind, one in each.items()
        if kind == "chain"
    ]
    limits = [_limit(one["rule"].get("expr", ())) for one in objects if "rule" in one]
    is_whole = chains == [(_CHAIN, "filter", _CHAIN, _PRIORITY, "accept")] and None not in limits
    yield NftTable(TABLE, intact=is_whole)
    yield from (limit for limit in limits if limit)


def _limit(rule: Sequence[Mapping[str, Any]]) -> MssLimit | None:
    """Return the limit of a rule, or None for a foreign rule."""
    try:
        address, size = rule[0]["match"]["right"], rule[2]["mangle"]["value"]
    except (LookupError, TypeError):
        return None
    if not isinstance(address, str) or not isinstance(size, int):
        return None
    limit = MssLimit(address, size)
    return limit if rule in [_expressions(limit, mask) for mask in _MASKS] else None


def _expressions(limit: MssLimit, mask: object) -> list[dict[str, Any]]:
    source = {"payload": {"protocol": _PROTOCOLS[family_of(limit.address)], "field": "saddr"}}
    option = {"tcp option": {"name": "maxseg", "field": "size"}}
    return [
        {"match": {"op": "==", "left": source, "right": limit.address}},
        {"match": {"op": "==", "left": {"&": [_FLAGS, mask]}, "right": "syn"}},
        {"mangle": {"key": option, "value": limit.size}},
    ]
