# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Our nftables table as text for ``nft``, and back from its JSON. Pure.

FULLNAT: IPVS has rewritten the destination when postrouting is reached, but the connection's
original direction (``ct original``) still is CIP → VIP. One rule for each family and protocol finds
VIP and port in a set, and takes the new source from a map by the real server's address. The values
of that map are ranges, so that a pool of addresses is one element.

Every rule has its name as a comment: a table in which one is missing, or has been added, is not
ours as we made it, and is written anew.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Iterable, Iterator, NamedTuple

from ansible_collections.lvs.topology.plugins.module_utils.node.state import (
    LocalAddresses,
    Ruleset,
    Snat,
    Thing,
    family_of,
)

TABLE = "lvs_director"
PROTOCOLS = ("tcp", "udp")
_CHAIN = "postrouting"


class _Family(NamedTuple):
    name: str
    nft: str  # as nft calls it
    type: str  # of its addresses


_FAMILIES = (_Family("ipv4", "ip", "ipv4_addr"), _Family("ipv6", "ip6", "ipv6_addr"))


def replace(things: Iterable[Thing]) -> str:
    """The transaction that makes the table hold these and nothing else."""
    return delete() + "\n".join(_table([*things])) + "\n"


def delete() -> str:
    """The transaction that removes the table, if it is there."""
    return f"table inet {TABLE} {{}}\ndelete table inet {TABLE}\n"


def parse(listing: dict[str, Any]) -> Iterator[Thing]:
    """What the table holds, from the output of ``nft --json list table``."""
    objects = listing["nftables"]
    yield Ruleset(TABLE, intact=_is_intact(objects))
    elements = {
        one["name"]: one.get("elem", ())
        for each in objects
        for kind, one in each.items()
        if kind in ("set", "map")
    }
    for family in _FAMILIES:
        for protocol in PROTOCOLS:
            for element in elements.get(_services(family, protocol), ()):
                address, port = element["concat"]
                yield Snat(protocol, str(ipaddress.ip_address(address)), port)
        for real_server, sources in elements.get(_sources(family), ()):
            yield LocalAddresses(str(ipaddress.ip_address(real_server)), *_range(sources))


def _table(things: list[Thing]) -> Iterator[str]:
    yield f"table inet {TABLE} {{"
    for family in _FAMILIES:
        for protocol in PROTOCOLS:
            services = [
                f"{one.address} . {one.port}"
                for one in things
                if isinstance(one, Snat)
                and (family_of(one.address), one.protocol) == (family.name, protocol)
            ]
            kind = f"{family.type} . inet_service"
            yield f"  set {_services(family, protocol)} {{ type {kind}; {_elements(services)} }}"
        sources = [
            f"{one.real_server} : {one.first}-{one.last}"
            for one in things
            if isinstance(one, LocalAddresses) and family_of(one.real_server) == family.name
        ]
        kind = f"{family.type} : interval {family.type}"
        yield f"  map {_sources(family)} {{ type {kind}; {_elements(sources)} }}"
    yield f"  chain {_CHAIN} {{"
    yield f"    type nat hook {_CHAIN} priority srcnat; policy accept;"
    for family in _FAMILIES:
        for protocol in PROTOCOLS:
            yield (
                f"    meta l4proto {protocol} "
                f"ct original {family.nft} daddr . ct original proto-dst "
                f"@{_services(family, protocol)} "
                f"snat {family.nft} to {family.nft} daddr map @{_sources(family)} "
                f'comment "{_services(family, protocol)}"'
            )
    yield "  }"
    yield "}"


def _elements(elements: list[str]) -> str:
    # An empty list is a syntax error.
    return f"elements = {{ {', '.join(sorted(elements))} }};" if elements else ""


def _services(family: _Family, protocol: str) -> str:
    return f"services_{protocol}_{family.name}"


def _sources(family: _Family) -> str:
    return f"sources_{family.name}"


def _is_intact(objects: list[dict[str, Any]]) -> bool:
    chains = [
        (one["name"], one.get("type"), one.get("hook"), one.get("policy"))
        for each in objects
        for kind, one in each.items()
        if kind == "chain"
    ]
    rules = [one["rule"].get("comment") for one in objects if "rule" in one]
    names = {
        one["name"] for each in objects for kind, one in each.items() if kind in ("set", "map")
    }
    wanted = [_services(family, protocol) for family in _FAMILIES for protocol in PROTOCOLS]
    return (
        chains == [(_CHAIN, "nat", _CHAIN, "accept")]
        and rules == wanted
        and names == {*wanted, *map(_sources, _FAMILIES)}
    )


def _range(value: object) -> tuple[str, str]:
    """The first and the last address of a value, which nft shows in the shortest way it can."""
    if isinstance(value, dict) and "range" in value:
        first, last = value["range"]
    elif isinstance(value, dict):
        prefix = value["prefix"]
        network = ipaddress.ip_network(f"{prefix['addr']}/{prefix['len']}")
        first, last = network[0], network[-1]
    else:
        first = last = value
    return str(ipaddress.ip_address(first)), str(ipaddress.ip_address(last))
