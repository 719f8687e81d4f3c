# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Commands of ``ip`` for operations, and parsers of its output."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any, Iterable, Iterator

from ...net.addresses import family_of
from ...net.ports import EVERY, PortRange
from ...tunnels.gue import GUE
from ...tunnels.table import DEVICES
from ..model import RULE_PRIORITY, Address, GuePort, Link, Neighbour, Resource, Route, Rule, Tunnel
from ..plan import Add, LinkUp, Remove

_FAMILIES = {"inet": "ipv4", "inet6": "ipv6"}
_PROTOCOLS = {"6": "tcp", "17": "udp", "132": "sctp"}

_RULE_NEEDS = {"priority", "src", "ipproto", "table"}
# protocol: which program has added it
_RULE_HAS = _RULE_NEEDS | {"sport", "sport_start", "sport_end", "protocol"}

_FOU_FAMILIES = {"ipv4": "", "ipv6": " -6"}

# What makes a device take only a part of what is sent to its address.
_NARROWING = ("key", "ikey", "okey", "link", "iseq")
_NOT_BUILT = re.compile("unknown device type|not supported|talking to the kernel", re.IGNORECASE)
_NO_REASON = "ip gave no reason"
_IPV4_COMPATIBLE = ipaddress.ip_network("::/96")


def command(operation: Add | Remove | LinkUp, *, arp_suppressed: bool) -> str:
    """Return an operation as a line of ``ip -batch``."""
    if isinstance(operation, LinkUp):
        return f"link set dev {operation.device} up"
    resource = operation.resource
    return (
        _add(resource, arp_suppressed=arp_suppressed)
        if isinstance(operation, Add)
        else _delete(resource)
    )


def family_option(operation: Add | Remove | LinkUp) -> str:
    """Return the family option of ``ip`` for an operation; only rules need one."""
    rule = None if isinstance(operation, LinkUp) else operation.resource
    return "-6" if isinstance(rule, Rule) and family_of(rule.source) == "ipv6" else ""


def missing(operation: Add | Remove | LinkUp, reason: str) -> str:
    """Return the missing kernel module of a refused operation, or ""."""
    resource = None if isinstance(operation, LinkUp) else operation.resource
    if not isinstance(resource, (Tunnel, GuePort)) or not _NOT_BUILT.search(reason):
        return ""
    return "fou" if isinstance(resource, GuePort) else DEVICES[resource.kind].module


def refusals(errors: str) -> list[tuple[int, str]]:
    """Return the failed lines of a batch, from 0 (-1 if unknown), each with the reason."""
    found: list[tuple[int, str]] = []
    reasons: list[str] = []
    for line in errors.splitlines():
        if line.startswith("Command failed -:"):
            found.append((int(line.rpartition(":")[2]) - 1, "; ".join(reasons) or _NO_REASON))
            reasons = []
        elif line.strip():
            reasons.append(line.strip().rstrip("."))
    if reasons or not found:
        found.append((-1, "; ".join(reasons) or _NO_REASON))
    return found


def documents(output: str) -> Iterator[list[dict[str, Any]]]:
    """Return the lists of objects from ``ip -json -batch``, one for each line."""
    # ip leaves control characters in names as they are.
    decoder, at = json.JSONDecoder(strict=False), 0
    output = output.strip()
    while at < len(output):
        found, end = decoder.raw_decode(output, at)
        # Some versions print {} for filtered objects.
        yield [one for one in found if one]
        at = end + len(output[end:]) - len(output[end:].lstrip())


def links(shown: Iterable[dict[str, Any]]) -> Iterator[Link | Tunnel]:
    """Return the links in the output of ``ip -details address show``, tunnels as such."""
    for link in shown:
        name, info = link["ifname"], link.get("linkinfo", {})
        kind, data = info.get("info_kind", ""), info.get("info_data", {})
        local = data.get("local", "any")
        is_open = data.get("remote", "any") == "any" and not any(map(data.get, _NARROWING))
        is_whole = kind != "ip6tnl" or data.get("proto") == "any"
        if kind in DEVICES and local != "any" and is_open and is_whole:
            yield Tunnel(name, kind, local, bool(data.get("icsum")))
        else:
            yield Link(name, kind)


def gue_ports(shown: Iterable[dict[str, Any]]) -> Iterator[GuePort]:
    """Return the ports in the output of ``ip fou show``, of every kind."""
    for one in shown:
        kind = GUE.name if GUE.name in one else "fou"
        if "local" in one:
            kind += f" at {one['local']}"
        yield GuePort(_FAMILIES[one.get("family", "inet")], one["port"], kind)


def links_up(shown: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Return the names of links that are up, from the same output."""
    return (link["ifname"] for link in shown if "UP" in link["flags"])


def addresses(shown: Iterable[dict[str, Any]]) -> Iterator[Address]:
    """Return the addresses in the same output, without link-local and sit's own ones."""
    for link in shown:
        for one in link.get("addr_info", ()):
            if one.get("family") not in _FAMILIES or "local" not in one:
                continue
            address = ipaddress.ip_address(one["local"])
            is_own = link.get("link_type") == "sit" and address in _IPV4_COMPATIBLE
            if not address.is_link_local and not is_own:
                yield Address(link["ifname"], one["local"], one["prefixlen"])


def default_routes(shown: Iterable[dict[str, Any]]) -> Iterator[Route]:
    """Return the default routes in the output of ``ip -N route show default table all``.

    One with several next hops, or with one of the other family, is nothing that we add, but in the
    way of what we do.
    """
    for route in shown:
        if route.get("dst") != "default":
            continue
        hops = [hop["gateway"] for hop in route.get("nexthops", (route,)) if "gateway" in hop]
        if hops:
            yield Route(int(route.get("table", 0)), " and ".join(hops))
        elif "via" in route:
            yield Route(int(route.get("table", 0)), "an IPv6 next hop of IPv4")


def our_rules(shown: Iterable[dict[str, Any]]) -> Iterator[Rule]:
    """Return our rules in the output of ``ip -N rule show``, by priority and form.

    A rule with anything else is another one (``not``, ``dst``, ``fwmark``, ``iif``, ``dport`` and
    more): beside it ours still has to be added.
    """
    for rule in shown:
        protocol = _PROTOCOLS.get(str(rule.get("ipproto", "")).replace("ipproto-", ""))
        is_plain = _RULE_NEEDS <= rule.keys() <= _RULE_HAS
        if rule["priority"] == RULE_PRIORITY and protocol and is_plain:
            yield Rule(rule["src"], protocol, _source_ports(rule), int(rule["table"]))


def _source_ports(rule: dict[str, Any]) -> PortRange:
    """Return a rule's ports; ip shows a range of one as a single port."""
    if "sport_start" in rule:
        return PortRange(rule["sport_start"], rule["sport_end"])
    return PortRange.single(rule["sport"]) if "sport" in rule else EVERY


def permanent_neighbours(shown: Iterable[dict[str, Any]]) -> Iterator[Neighbour]:
    """Return the entries in the output of ``ip neighbour show nud permanent``."""
    for entry in shown:
        if "lladdr" in entry:
            yield Neighbour(entry["dev"], entry["dst"], entry["lladdr"])


def _add(resource: Resource, *, arp_suppressed: bool) -> str:
    if isinstance(resource, Link):
        return f"link add name {resource.name} type {resource.kind}"
    if isinstance(resource, Tunnel):
        options = DEVICES[resource.kind].options
        line = f"link add name {resource.name} type {resource.kind}{options}"
        return f"{line} local {resource.local} remote any{' icsum' if resource.checksum else ''}"
    if isinstance(resource, GuePort):
        return f"fou add port {resource.port} {GUE.name}{_FOU_FAMILIES[resource.family]}"
    if isinstance(resource, Address):
        flags = _ipv6_flags(arp_suppressed=arp_suppressed) if ":" in resource.address else ""
        return f"address add {_place(resource)}{flags}"
    # `replace`, because a default route or a learnt entry may exist.
    if isinstance(resource, Neighbour):
        line = f"neighbour replace {resource.address} lladdr {resource.mac}"
        return f"{line} dev {resource.device} nud permanent"
    return (
        f"route replace {_way(resource)}"
        if isinstance(resource, Route)
        else f"rule add {_rule(resource)}"
    )


def _delete(resource: Resource) -> str:
    if isinstance(resource, (Link, Tunnel)):
        return f"link delete dev {resource.name}"
    if isinstance(resource, GuePort):
        return f"fou delete port {resource.port}{_FOU_FAMILIES[resource.family]}"
    if isinstance(resource, Address):
        return f"address delete {_place(resource)}"
    if isinstance(resource, Neighbour):
        return f"neighbour delete {resource.address} dev {resource.device}"
    return (
        f"route delete {_way(resource)}"
        if isinstance(resource, Route)
        else f"rule delete {_rule(resource)}"
    )


def _place(resource: Address) -> str:
    return f"{resource.address}/{resource.prefix} dev {resource.device}"


def _way(resource: Route) -> str:
    return f"default via {resource.gateway} table {resource.table}"


def _rule(resource: Resource) -> str:
    if not isinstance(resource, Rule):
        raise TypeError(f"{resource} is nothing that ip knows of")
    selector = f"from {resource.source} ipproto {resource.protocol}"
    selector += "" if resource.ports == EVERY else f" sport {resource.ports}"
    return f"priority {RULE_PRIORITY} {selector} table {resource.table}"


def _ipv6_flags(*, arp_suppressed: bool) -> str:
    # nodad: a virtual address is on several hosts on purpose.
    # preferred_lft 0: the host never chooses the address as a source of its own connections.
    return " nodad preferred_lft 0" if arp_suppressed else " nodad"
