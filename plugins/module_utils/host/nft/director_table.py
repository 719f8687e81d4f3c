# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A director's nftables table as text for ``nft``, and its parser from JSON.

FULLNAT: in postrouting IPVS has already rewritten the destination, but the connection's original
direction (``ct original``) is still CIP → VIP. One rule for each family and protocol looks up VIP
and port in a set, and the new source in a map by the real server's address. Values of that map are
ranges, so that several LIPs are one element.

Marks for IPVS are in the same table, see ``marks.py``. Each part exists only if it has elements: a
NAT chain switches the host's connection tracking on.

Every rule has its name as a comment. A table in which a rule is missing, is another one, or does
something else is rewritten.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Iterable, Iterator

from ...net.addresses import family_of
from ..model import LocalAddresses, NftTable, Resource, Snat
from . import marks
from .text import FAMILIES, Family, elements, flags, listed_ports

TABLE = "lvs_director"
PROTOCOLS = ("tcp", "udp")
_CHAIN = "postrouting"


def replace(resources: Iterable[Resource]) -> str:
    """Return the transaction that replaces the table's content by these."""
    return delete() + "\n".join(_table([*resources])) + "\n"


def delete(table: str = TABLE) -> str:
    """Return the transaction that removes a table, if it exists."""
    return f"table inet {table} {{}}\ndelete table inet {table}\n"


def parse(listing: dict[str, Any]) -> Iterator[Resource]:
    """Return the table's content from the output of ``nft --json list table``."""
    objects = listing["nftables"]
    listed = {
        one["name"]: one.get("elem", ())
        for each in objects
        for kind, one in each.items()
        if kind in ("set", "map")
    }
    try:
        content = [*_content(listed)]
    except (LookupError, TypeError, ValueError):  # an element that is none of ours
        yield NftTable(TABLE, intact=False)
        return
    yield NftTable(TABLE, intact=_is_intact(objects, listed))
    yield from content


def _content(listed: dict[str, Any]) -> Iterator[Resource]:
    for family in FAMILIES:
        for protocol in PROTOCOLS:
            for element in listed.get(_services(family, protocol), ()):
                address, ports = element["concat"]
                yield Snat(protocol, str(ipaddress.ip_address(address)), listed_ports(ports))
        for real_server, sources in listed.get(_sources(family), ()):
            yield LocalAddresses(str(ipaddress.ip_address(real_server)), *_range(sources))
    yield from marks.parse(listed)


def _table(resources: list[Resource]) -> Iterator[str]:
    yield f"table inet {TABLE} {{"
    if any(isinstance(resource, (Snat, LocalAddresses)) for resource in resources):
        yield from _translation(resources)
    yield from marks.lines(resources)
    yield "}"


def _translation(resources: list[Resource]) -> Iterator[str]:
    for family in FAMILIES:
        for protocol in PROTOCOLS:
            own = [
                resource
                for resource in resources
                if isinstance(resource, Snat)
                and (family_of(resource.address), resource.protocol) == (family.name, protocol)
            ]
            services = elements(f"{one.address} . {one.ports}" for one in own)
            interval = flags(one.ports for one in own)
            kind = f"{family.type} . inet_service"
            yield f"  set {_services(family, protocol)} {{ type {kind};{interval} {services} }}"
        sources = [
            f"{resource.real_server} : {resource.first}-{resource.last}"
            for resource in resources
            if isinstance(resource, LocalAddresses)
            and family_of(resource.real_server) == family.name
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
    """Tell whether all used parts are complete, and there is nothing else."""
    chains: list[tuple[str, str, str, int, str]] = []
    rules: list[marks.Rule] = []
    names: list[str] = []
    services = [_services(family, protocol) for family in FAMILIES for protocol in PROTOCOLS]
    translation = [*services, *map(_sources, FAMILIES)]
    if any(listed.get(name) for name in translation):
        chains.append((_CHAIN, "nat", _CHAIN, 100, "accept"))  # priority srcnat
        rules += [_rule(family, protocol) for family in FAMILIES for protocol in PROTOCOLS]
        names += translation
    if any(listed.get(name) for name in marks.names()):
        chains += marks.CHAINS
        rules += marks.rules()
        names += marks.names()
    found = [
        (one["name"], one.get("type"), one.get("hook"), one.get("prio"), one.get("policy"))
        for each in objects
        for kind, one in each.items()
        if kind == "chain"
    ]
    found_rules = [
        (one["rule"].get("chain"), one["rule"].get("comment"), _named(one["rule"].get("expr")))
        for one in objects
        if "rule" in one
    ]
    return bool(names) and (found, found_rules, {*listed}) == (chains, rules, {*names})


def _rule(family: Family, protocol: str) -> marks.Rule:
    """Return what nft 1.0.6 and 1.1.3 list of a rule that translates sources."""
    name = _services(family, protocol)
    key = {"payload": {"protocol": family.nft, "field": "daddr"}}
    original = [
        {"ct": {"key": f"{family.nft} daddr", "dir": "original"}},
        {"ct": {"key": "proto-dst", "dir": "original"}},
    ]
    source = {"map": {"key": key, "data": f"@{_sources(family)}"}}
    expressions = [
        {"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": protocol}},
        {"match": {"op": "==", "left": {"concat": original}, "right": f"@{name}"}},
        {"snat": {"family": family.nft, "addr": source}},
    ]
    return marks.Rule(_CHAIN, name, expressions)


def _named(expressions: Any) -> Any:  # noqa: ANN401, whatever nft lists
    """Return a rule's expressions with the protocol's name, where nft shows its number."""
    try:
        first = expressions[0]["match"]
        name = marks.NUMBERS[first["right"]]
    except (LookupError, TypeError):
        return expressions
    return [{"match": {**first, "right": name}}, *expressions[1:]]


def _range(value: object) -> tuple[str, str]:
    """Return the first and last address of a value, which nft shortens."""
    if isinstance(value, dict) and "range" in value:
        first, last = value["range"]
    elif isinstance(value, dict):
        prefix = value["prefix"]
        network = ipaddress.ip_network(f"{prefix['addr']}/{prefix['len']}")
        first, last = network[0], network[-1]
    else:
        first = last = value
    return str(ipaddress.ip_address(first)), str(ipaddress.ip_address(last))
