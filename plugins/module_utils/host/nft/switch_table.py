# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What two directors drop while one gives its VIPs to the other one, so that nothing is reset.

A director does not know connections of which it has not been told: it answers their packets with a
reset, or forwards what real servers of NAT reply as it is, which the client resets. It is told of a
connection once that is established, and up to three seconds later: the kernel collects what it
tells (``IPVS_SYNC_FLUSH_TIME`` and ``IPVS_SYNC_CHECK_PERIOD``, ``next_sync_buff`` in
net/netfilter/ipvs/ip_vs_sync.c). Who sends something that is dropped sends it again.

The elements expire if the table is not removed.
"""

from __future__ import annotations

from typing import Iterable, Iterator

from ...net.addresses import family_of
from .director_table import delete
from .text import FAMILIES, elements

TABLE = "lvs_switch"

_VIPS, _REAL_SERVERS = "vips", "real_servers"
# IPVS looks at packets before that, and takes those that it knows: ip_vs_ops4 in ip_vs_core.c.
_BEHIND_IPVS = 110


def giving(vips: Iterable[str], seconds: int) -> str:
    """Who gives them away opens no connections: one that is half open is told of by nobody."""
    rules = (
        f"{family.nft} daddr @{_VIPS}_{family.name} tcp flags & (fin|syn|rst|ack) == syn drop"
        for family in FAMILIES
    )
    return _table(
        *_sets(_VIPS, "", ((vip, vip) for vip in vips), seconds),
        *_chain("prerouting", "raw", rules),
    )


def taking(vips: Iterable[str], real_servers: Iterable[tuple[str, int]], seconds: int) -> str:
    """Who takes them waits until it is told of connections; real servers are those of NAT."""
    unknown = (
        f"{family.nft} daddr @{_VIPS}_{family.name} tcp flags & (syn|ack) != syn drop"
        for family in FAMILIES
    )
    replies = (
        f"{family.nft} saddr . tcp sport @{_REAL_SERVERS}_{family.name} drop" for family in FAMILIES
    )
    endpoints = ((address, f"{address} . {port}") for address, port in real_servers if port)
    return _table(
        *_sets(_VIPS, "", ((vip, vip) for vip in vips), seconds),
        *_sets(_REAL_SERVERS, " . inet_service", endpoints, seconds),
        *_chain("input", str(_BEHIND_IPVS), unknown),
        *_chain("forward", str(_BEHIND_IPVS), replies),
    )


def _table(*lines: str) -> str:
    return delete(TABLE) + "\n".join((f"table inet {TABLE} {{", *lines, "}")) + "\n"


def _sets(name: str, more: str, members: Iterable[tuple[str, str]], seconds: int) -> Iterator[str]:
    known = [*members]
    for family in FAMILIES:
        own = {text for address, text in known if family_of(address) == family.name}
        listed = elements(f"{one} timeout {seconds}s" for one in own)
        yield f"  set {name}_{family.name} {{ type {family.type}{more}; flags timeout; {listed} }}"


def _chain(hook: str, priority: str, rules: Iterable[str]) -> Iterator[str]:
    yield f"  chain {hook} {{"
    yield f"    type filter hook {hook} priority {priority}; policy accept;"
    yield from (f"    {rule}" for rule in rules)
    yield "  }"
