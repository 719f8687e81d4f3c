# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The part of a director's nftables table that marks packets for IPVS.

IPVS schedules in the hooks input (requests of clients) and output (requests of the director's own
programs). The mark is set there and not earlier, because packets are defragmented (a fragment has
no port), and the mark must not affect routing. A packet without an entry keeps its mark, and so
does a probe of the health daemon: its mark leads to the one real server that it is for.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Iterable, Iterator, Mapping, NamedTuple

from ...net.addresses import family_of
from ...net.probe_marks import MARKS
from ..model import Mark, Resource
from .text import FAMILIES, Family, elements, flags, listed_ports

# Without /etc/protocols nft lists them by number.
NUMBERS = {6: "tcp", 17: "udp", 132: "sctp"}
MARKED = tuple(NUMBERS.values())
_OUTPUT = "output"
_HOOKS = ("input", _OUTPUT)
_PROBES = "probes"


class Rule(NamedTuple):
    """A rule of the table, as nft lists it: a comment says nothing of what a rule does."""

    chain: str
    comment: str
    expressions: Any


CHAINS = [(hook, "filter", hook, -150, "accept") for hook in _HOOKS]  # priority mangle


def names() -> list[str]:
    """Return the names of the maps."""
    return [_map(family) for family in FAMILIES]


def rules() -> list[Rule]:
    """Return the rules in order."""
    found = []
    for hook in _HOOKS:
        found += [Rule(hook, _PROBES, _EXEMPTION)] if hook == _OUTPUT else []
        found += [Rule(hook, _map(family), _expressions(family)) for family in FAMILIES]
    return found


def lines(resources: Iterable[Resource]) -> Iterator[str]:
    """Return this part of the table; empty without marks."""
    marks = [resource for resource in resources if isinstance(resource, Mark)]
    if not marks:
        return
    for family in FAMILIES:
        own = [mark for mark in marks if family_of(mark.address) == family.name]
        marked = elements(
            f"{mark.address} . {mark.protocol} . {mark.ports} : {mark.mark}" for mark in own
        )
        kind = f"{family.type} . inet_proto . inet_service : mark"
        interval = flags(mark.ports for mark in own)
        yield f"  map {_map(family)} {{ type {kind};{interval} {marked} }}"
    for hook in _HOOKS:
        yield f"  chain {hook} {{"
        yield f"    type filter hook {hook} priority mangle; policy accept;"
        if hook == _OUTPUT:
            yield f'    meta mark {MARKS[0]}-{MARKS[-1]} return comment "{_PROBES}"'
        for family in FAMILIES:
            yield (
                f"    meta mark set {family.nft} daddr . meta l4proto . th dport "
                f'map @{_map(family)} comment "{_map(family)}"'
            )
        yield "  }"


# What nft 1.0.6 and 1.1.3 list of a rule, here and below. A mask in place of the range is a prefix
# in the one, and an operation in the other.
_EXEMPTION = [
    {
        "match": {
            "op": "==",
            "left": {"meta": {"key": "mark"}},
            "right": {"range": [MARKS[0], MARKS[-1]]},
        }
    },
    {"return": None},
]


def _expressions(family: Family) -> list[dict[str, Any]]:
    place = [
        {"payload": {"protocol": family.nft, "field": "daddr"}},
        {"meta": {"key": "l4proto"}},
        {"payload": {"protocol": "th", "field": "dport"}},
    ]
    mark = {"map": {"key": {"concat": place}, "data": f"@{_map(family)}"}}
    return [{"mangle": {"key": {"meta": {"key": "mark"}}, "value": mark}}]


def parse(listed: Mapping[str, Any]) -> Iterator[Mark]:
    """Return the marks from the elements of each map; raise an exception for another element."""
    for name in names():
        for key, mark in listed.get(name, ()):
            address, protocol, ports = key["concat"]
            known = NUMBERS.get(protocol, str(protocol))
            yield Mark(known, str(ipaddress.ip_address(address)), listed_ports(ports), mark)


def _map(family: Family) -> str:
    return f"marks_{family.name}"
