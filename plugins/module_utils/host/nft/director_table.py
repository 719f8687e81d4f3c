# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Our nftables table as text for ``nft``, and back from its JSON.

FULLNAT: IPVS has rewritten the destination when postrouting is reached, but the connection's
original direction (``ct original``) still is CIP → VIP. One rule for each family and protocol finds
VIP and port in a set, and takes the new source from a map by the real server's address. The values
of that map are ranges, so that a pool of addresses is one element.

Marks for IPVS are in the same table, see ``marking.py``. Either part is there only where something
is in it: a chain for NAT switches the host's connection tracking on.

Every rule has its name as a comment: a table in which one is missing, or has been added, is not
ours as we made it, and is written anew.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Iterable, Iterator

from ...net.addresses import family_of
from ..model import LocalAddresses, Resource, Ruleset, Snat
from . import marks
from .text import FAMILIES, Family, elements

TABLE = "lvs_director"
PROTOCOLS = ("tcp", "udp")
_CHAIN = "postrouting"


def replace(resources: Iterable[Resource]) -> str:
    """The transaction that makes the table hold these and nothing else."""
    return delete() + "\n".join(_table([*resources])) + "\n"


def delete(table: str = TABLE) -> str:
    """The transaction that removes a table, if it is there."""
    return f"table inet {table} {{}}\ndelete table inet {table}\n"


def parse(listing: dict[str, Any]) -> Iterator[Resource]:
    """What the table holds, from the output of ``nft --json list table``."""
    objects = listing["nftables"]
    listed = {
        one["name"]: one.get("elem", ())
        for each in objects
        for kind, one in each.items()
        if kind in ("set", "map")
    }
    yield Ruleset(TABLE, intact=_is_intact(objects, listed))
    for family in FAMILIES:
        for protocol in PROTOCOLS:
            for element in listed.get(_services(family, protocol), ()):
                address, port = element["concat"]
                yield Snat(protocol, str(ipaddress.ip_address(address)), port)
        for real_server, sources in listed.get(_sources(family), ()):
            yield LocalAddresses(str(ipaddress.ip_address(real_server)), *_range(sources))
    yield from marks.parse(listed)


def _table(resources: list[Resource]) -> Iterator[str]:
    yield f"table inet {TABLE} {{"
    if any(isinstance(one, (Snat, LocalAddresses)) for one in resources):
        yield from _translation(resources)
    yield from marks.lines(resources)
    yield "}"


def _translation(resources: list[Resource]) -> Iterator[str]:
    for family in FAMILIES:
        for protocol in PROTOCOLS:
            services = [
                f"{one.address} . {one.port}"
                for one in resources
                if isinstance(one, Snat)
                and (family_of(one.address), one.protocol) == (family.name, protocol)
            ]
            kind = f"{family.type} . inet_service"
            yield f"  set {_services(family, protocol)} {{ type {kind}; {elements(services)} }}"
        sources = [
            f"{one.real_server} : {one.first}-{one.last}"
            for one in resources
            if isinstance(one, LocalAddresses) and family_of(one.real_server) == family.name
        ]
        kind = f"{family.type} : interval {family.type}"
        yield f"  map {_sources(family)} {{ type {kind}; {elements(sources)} }}"
    yield f"  chain {_CHAIN} {{"
    yield f"    type nat hook {_CHAIN} priority srcnat; policy accept;"
    for family in FAMILIES:
        for protocol in PROTOCOLS:
            yield (
                f"    meta l4proto {protocol} "
                f"ct original {family.nft} daddr . ct original proto-dst "
                f"@{_services(family, protocol)} "
                f"snat {family.nft} to {family.nft} daddr map @{_sources(family)} "
                f'comment "{_services(family, protocol)}"'
            )
    yield "  }"


def _services(family: Family, protocol: str) -> str:
    return f"services_{protocol}_{family.name}"


def _sources(family: Family) -> str:
    return f"sources_{family.name}"


def _is_intact(objects: list[dict[str, Any]], listed: dict[str, Any]) -> bool:
    """Whether the parts that have something in them are whole, and nothing else is there."""
    chains: list[tuple[str, str, str, str]] = []
    rules: list[marks.Rule] = []
    names: list[str] = []
    services = [_services(family, protocol) for family in FAMILIES for protocol in PROTOCOLS]
    translation = [*services, *map(_sources, FAMILIES)]
    if any(listed.get(name) for name in translation):
        chains.append((_CHAIN, "nat", _CHAIN, "accept"))
        rules += [marks.Rule(_CHAIN, name) for name in services]
        names += translation
    if any(listed.get(name) for name in marks.names()):
        chains += marks.CHAINS
        rules += marks.rules()
        names += marks.names()
    found = [
        (one["name"], one.get("type"), one.get("hook"), one.get("policy"))
        for each in objects
        for kind, one in each.items()
        if kind == "chain"
    ]
    found_rules = [
        (one["rule"].get("chain"), one["rule"].get("comment")) for one in objects if "rule" in one
    ]
    return bool(names) and (found, found_rules, {*listed}) == (chains, rules, {*names})


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
