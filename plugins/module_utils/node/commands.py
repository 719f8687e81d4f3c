# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What ``ip`` is told to make a change, and what it says about the host. Pure."""

from __future__ import annotations

import ipaddress
import json
from typing import Any, Iterable, Iterator

from ansible_collections.lvs.topology.plugins.module_utils.node.plan import Add, PutUp, Remove
from ansible_collections.lvs.topology.plugins.module_utils.node.state import (
    HOST_PREFIX,
    RULE_PRIORITY,
    Address,
    Link,
    Neighbour,
    Route,
    Rule,
    family_of,
)

_FAMILIES = {"inet": "ipv4", "inet6": "ipv6"}
_PROTOCOLS = {"6": "tcp", "17": "udp", "132": "sctp"}


def command(operation: Add | Remove | PutUp, *, hidden: bool) -> str:
    """The line of an ``ip -batch`` that carries an operation out."""
    if isinstance(operation, PutUp):
        return f"link set dev {operation.device} up"
    thing, adding = operation.thing, isinstance(operation, Add)
    if isinstance(thing, Link):
        return (
            f"link add name {thing.name} type {thing.kind}"
            if adding
            else f"link delete dev {thing.name}"
        )
    if isinstance(thing, Address):
        verb = "add" if adding else "delete"
        line = f"address {verb} {thing.address}/{thing.prefix} dev {thing.device}"
        return line + (_ipv6_flags(hidden=hidden) if adding and ":" in thing.address else "")
    if isinstance(thing, Route):
        verb = "replace" if adding else "delete"
        return f"route {verb} default via {thing.gateway} table {thing.table}"
    if isinstance(thing, Neighbour):
        # An entry that the kernel has learnt is in the same place.
        verb, entry = ("replace", f" lladdr {thing.mac}") if adding else ("delete", "")
        permanent = " nud permanent" if adding else ""
        return f"neighbour {verb} {thing.address}{entry} dev {thing.device}{permanent}"
    if not isinstance(thing, Rule):
        raise TypeError(f"{thing} is nothing that ip knows of")
    verb = "add" if adding else "delete"
    selector = f"from {thing.source} ipproto {thing.protocol}"
    selector += f" sport {thing.port}" if thing.port else ""
    return f"rule {verb} priority {RULE_PRIORITY} {selector} table {thing.table}"


def family_option(operation: Add | Remove | PutUp) -> str:
    """The option of ``ip`` that an operation needs: rules alone do not tell their own family."""
    rule = None if isinstance(operation, PutUp) else operation.thing
    return "-6" if isinstance(rule, Rule) and family_of(rule.source) == "ipv6" else ""


def refused(errors: str) -> tuple[int, str]:
    """Which line of a batch failed, counted from 0, and why; -1 when ``ip`` names no line."""
    number, reasons = -1, []
    for line in errors.splitlines():
        if line.startswith("Command failed -:"):
            number = int(line.rpartition(":")[2]) - 1
        elif line.strip():
            reasons.append(line.strip().rstrip("."))
    return number, "; ".join(reasons) or "ip gave no reason"


def documents(output: str) -> Iterator[list[dict[str, Any]]]:
    """The lists of objects that ``ip -json -batch`` printed, one for each line of the batch."""
    decoder, at = json.JSONDecoder(), 0
    output = output.strip()
    while at < len(output):
        found, end = decoder.raw_decode(output, at)
        # Some versions print {} for what a filter left out.
        yield [one for one in found if one]
        at = end + len(output[end:]) - len(output[end:].lstrip())


def links(shown: Iterable[dict[str, Any]]) -> Iterator[Link]:
    """The links in the output of ``ip -details address show``."""
    for link in shown:
        yield Link(link["ifname"], link.get("linkinfo", {}).get("info_kind", ""))


def links_up(shown: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The names of links that are up, in the same output."""
    return (link["ifname"] for link in shown if "UP" in link["flags"])


def addresses(shown: Iterable[dict[str, Any]]) -> Iterator[Address]:
    """The addresses in the same output, link-local ones left out."""
    for link in shown:
        for one in link.get("addr_info", ()):
            if one.get("family") not in _FAMILIES or "local" not in one:
                continue
            if not ipaddress.ip_address(one["local"]).is_link_local:
                yield Address(link["ifname"], one["local"], one["prefixlen"])


def default_routes(shown: Iterable[dict[str, Any]]) -> Iterator[Route]:
    """The default routes in the output of ``ip -N route show default table all``."""
    for route in shown:
        if route.get("dst") == "default" and "gateway" in route:
            yield Route(int(route.get("table", 0)), route["gateway"])


def our_rules(shown: Iterable[dict[str, Any]]) -> Iterator[Rule]:
    """The rules with our priority and of our form in the output of ``ip -N rule show``."""
    for rule in shown:
        protocol = _PROTOCOLS.get(str(rule.get("ipproto", "")).replace("ipproto-", ""))
        if rule["priority"] == RULE_PRIORITY and protocol and "srclen" not in rule:
            yield Rule(rule["src"], protocol, rule.get("sport", 0), int(rule["table"]))


def permanent_neighbours(shown: Iterable[dict[str, Any]]) -> Iterator[Neighbour]:
    """The entries in the output of ``ip neighbour show nud permanent``."""
    for entry in shown:
        if "lladdr" in entry:
            yield Neighbour(entry["dev"], entry["dst"], entry["lladdr"])


def host_address(device: str, address: str) -> Address:
    """An address by itself, with no network behind it."""
    return Address(device, address, HOST_PREFIX[family_of(address)])


def _ipv6_flags(*, hidden: bool) -> str:
    # A virtual address is on several hosts on purpose, so nobody is asked whether it is free.
    # Deprecated addresses are received but never chosen as a source of this host's own connections.
    return " nodad preferred_lft 0" if hidden else " nodad"
