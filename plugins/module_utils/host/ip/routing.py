# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Rules and routes of every table as facts, from the output of ``ip``."""

from __future__ import annotations

import ipaddress
from typing import Any, Container, Iterable, Iterator, Mapping

from ...net.addresses import HOST_PREFIX

Shown = Mapping[str, Any]

MAX_ROUTES = 1000
"""Of one table and family; of a larger one, those that most routes have in common are left out."""

_ANYWHERE = {"ipv4": "0.0.0.0/0", "ipv6": "::/0"}
# `ip -N` leaves numbers be: RTN_UNICAST and so on. Broadcast, anycast and multicast are not kept.
_TYPES = {
    "1": "unicast",
    "2": "local",
    "6": "blackhole",
    "7": "unreachable",
    "8": "prohibit",
    "9": "throw",
}
_NOBODYS = ("127.", "::1/", "fe80:", "ff00:")
# Networks by which routes that are left out are told: few, whatever their number.
_BLOCK = {"ipv4": 8, "ipv6": 16}

_ACTIONS = {"6": "blackhole", "7": "unreachable", "8": "prohibit"}
_EVERY_BIT = 0xFFFFFFFF
# What is read of a rule below, and what says nothing about which packets it matches.
_KNOWN_OF_RULES = {
    *("priority", "src", "srclen", "dst", "dstlen", "iif", "oif", "fwmark", "fwmask", "ipproto"),
    *("sport", "sport_start", "sport_end", "dport", "dport_start", "dport_end", "l3mdev", "not"),
    *("table", "goto", "nop", "action", "suppress_prefixlen", "protocol", "flow", "unresolved"),
    *("iif_detached", "oif_detached"),
}


def routes(family: str, shown: Iterable[Shown]) -> Iterator[dict[str, Any]]:
    """Return the routes of ``ip -N route show table all``, one for each next hop."""
    known: set[tuple[object, ...]] = set()
    for route in shown:
        kind = _TYPES.get(route.get("type", "1"))
        destination = _network(family, route["dst"])
        if kind is None or destination.startswith(_NOBODYS):
            continue
        common = {
            "family": family,
            "table": int(route.get("table", 254)),
            "type": kind,
            "destination": destination,
            "source": _network(family, route["from"]) if "from" in route else "",
            "metric": route.get("metric", 0),
            "tos": int(route.get("tos", "0"), 16),
            "preferred_source": route.get("prefsrc", ""),
        }
        # Of IPv4 routes that are alike, the kernel takes the first.
        key = tuple(common[name] for name in ("table", "destination", "source", "metric", "tos"))
        if family == "ipv4" and key in known:
            continue
        known.add(key)
        for hop in route.get("nexthops", (route,)):
            if "dead" not in hop.get("flags", ()):
                has_device = kind in ("unicast", "local")
                device = hop.get("dev", "") if has_device else ""
                yield {**common, "gateway": _gateway(hop), "device": device}


def is_to(route: Shown, own: Container[str]) -> bool:
    """Tell whether a route is one that the kernel made for an address of the host."""
    address, _slash, length = route["destination"].partition("/")
    is_host = int(length) == HOST_PREFIX[route["family"]]
    return route["type"] == "local" and is_host and address in own


def bounded(found: Iterable[dict[str, Any]]) -> tuple[list[Any], list[dict[str, Any]]]:
    """Return the routes to keep, and in which networks each table has more.

    A host with the Internet's table has most of it by one routing program: of that one, routes with
    a short prefix and those to the host's own links are kept.
    """
    tables: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for route in found:
        tables.setdefault((route["family"], route["table"]), []).append(route)
    kept: list[Any] = []
    omitted = []
    for (family, table), of_table in tables.items():
        if len(of_table) <= MAX_ROUTES:
            kept += of_table
            continue
        basic = [one for one in of_table if _is_basic(one)]
        kept += basic[:MAX_ROUTES]
        left_out = [one for one in of_table if not _is_basic(one)] + basic[MAX_ROUTES:]
        blocks = {_block(one) for one in left_out}
        omitted.append({"family": family, "table": table, "networks": sorted(blocks)})
    return kept, omitted


def rules(family: str, shown: Iterable[Shown]) -> Iterator[dict[str, Any]]:
    """Return the rules of ``ip -N rule show``."""
    for rule in shown:
        mark = int(rule.get("fwmark", "0"), 16)
        mask = int(rule["fwmask"], 16) if "fwmask" in rule else (_EVERY_BIT if mark else 0)
        protocol = str(rule.get("ipproto", "")).replace("ipproto-", "")
        yield {
            "family": family,
            "priority": rule["priority"],
            "action": _action(rule),
            "table": 0 if "l3mdev" in rule else int(rule.get("table", 0)),
            "target": rule.get("goto", 0),
            "source": _selector(family, rule, "src"),
            "destination": _selector(family, rule, "dst"),
            "device": rule.get("iif", ""),
            "out": rule.get("oif", ""),
            "mark": mark,
            "mask": mask,
            "protocol": int(protocol) if protocol.isdecimal() else None,
            "source_ports": _ports(rule, "sport"),
            "destination_ports": _ports(rule, "dport"),
            "vrf": "l3mdev" in rule,
            "inverted": "not" in rule,
            "suppressed": rule.get("suppress_prefixlen", -1),
            "other": [
                *sorted(rule.keys() - _KNOWN_OF_RULES),
                *([f"ipproto {protocol}"] if protocol and not protocol.isdecimal() else []),
            ],
        }


def _gateway(hop: Shown) -> str:
    # An IPv4 route may lead through an IPv6 neighbour.
    gateway: str = hop.get("gateway", "") or hop.get("via", {}).get("host", "")
    return gateway


def _network(family: str, shown: str) -> str:
    if shown in ("default", "all"):
        return _ANYWHERE[family]
    return shown if "/" in shown else f"{shown}/{HOST_PREFIX[family]}"


def _is_basic(route: Shown) -> bool:
    length = int(route["destination"].rpartition("/")[2])
    return length <= _BLOCK[route["family"]] or not route["gateway"]


def _block(route: Shown) -> str:
    network = ipaddress.ip_network(route["destination"])
    length = min(network.prefixlen, _BLOCK[route["family"]])
    return str(network.supernet(new_prefix=length))


def _action(rule: Shown) -> str:
    if "goto" in rule:
        return "goto"
    return "nop" if "nop" in rule else _ACTIONS.get(rule.get("action", ""), "table")


def _selector(family: str, rule: Shown, name: str) -> str:
    address = rule.get(name, "all")
    if address == "all":
        return ""
    return f"{address}/{rule.get(f'{name}len', HOST_PREFIX[family])}"


def _ports(rule: Shown, name: str) -> list[int] | None:
    if name in rule:
        return [rule[name], rule[name]]
    return [rule[f"{name}_start"], rule[f"{name}_end"]] if f"{name}_start" in rule else None
