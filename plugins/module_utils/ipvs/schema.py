# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The input format of services and destinations, with its conversion to the model and back.

One table of fields makes argument specs, checks and output, so that ``ipvs_services`` accepts the
output of ``ipvs_info``. All problems are reported at once.
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence, Tuple

from ..fields import Field, Fields, Problem, argument_spec
from ..net.addresses import HOST_PREFIX, MAX_PORT, family_of, normal_address
from ..net.probe_marks import EXPECTED, is_probe_mark
from ..tunnels.kind import CHECKSUMS, NO_CHECKSUM
from ..tunnels.table import DEFAULT, KINDS
from .model import (
    DEFAULT_FORWARDING,
    DEFAULT_SCHEDULER,
    FAMILIES,
    FLAGGED_SCHEDULERS,
    FORWARDINGS,
    MAX_WEIGHT,
    PERSISTENCE_ENGINES,
    PROTOCOLS,
    SCHEDULER_FLAGS,
    SCHEDULERS,
    TUNNEL,
    TUNNEL_FIELDS,
    TUNNEL_TYPES,
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
    Table,
)

_MAX_U32 = 2**32 - 1
# The kernel keeps timeouts as jiffies in an int (net/netfilter/ipvs/ip_vs_ctl.c). A month fits at
# every CONFIG_HZ, and exceeds every use.
_MAX_TIMEOUT = 31 * 24 * 3600


Hosts = Mapping[str, Tuple[str, ...]]  # the names of real servers, each with its addresses


SERVICE_KEY_FIELDS: dict[str, Field] = {
    "address": Field("str"),
    "fwmark": Field("int", low=1, high=_MAX_U32),
    "family": Field("str", choices=FAMILIES),
    "protocol": Field("str", choices=PROTOCOLS),
    "port": Field("int", low=0, high=MAX_PORT),
}
SERVICE_FIELDS: dict[str, Field] = {
    "scheduler": Field("str", DEFAULT_SCHEDULER, SCHEDULERS),
    "scheduler_flags": Field("list", (), SCHEDULER_FLAGS),
    "persistence_timeout": Field("int", 0, low=0, high=_MAX_TIMEOUT),
    "persistence_prefix": Field("int", low=1, high=128),
    "persistence_engine": Field("str", choices=PERSISTENCE_ENGINES),
    "one_packet": Field("bool", default=False),
}
DESTINATION_KEY_FIELDS: dict[str, Field] = {
    "address": Field("str"),
    "port": Field("int", low=0, high=MAX_PORT),
}
DESTINATION_FIELDS: dict[str, Field] = {
    "forwarding": Field("str", DEFAULT_FORWARDING, FORWARDINGS),
    "weight": Field("int", 1, low=0, high=MAX_WEIGHT),
    "upper_threshold": Field("int", 0, low=0, high=_MAX_U32),
    "lower_threshold": Field("int", 0, low=0, high=_MAX_U32),
    "tunnel_type": Field("str", DEFAULT.name, TUNNEL_TYPES),
    "tunnel_port": Field("int", 0, low=0, high=MAX_PORT),
    "tunnel_checksum": Field("str", NO_CHECKSUM, CHECKSUMS),
}


def destination_spec() -> dict[str, dict[str, Any]]:
    """Return the Ansible argument spec of one destination."""
    spec = argument_spec(DESTINATION_KEY_FIELDS, DESTINATION_FIELDS)
    spec["address"]["required"] = True
    return spec


def services_spec() -> dict[str, Any]:
    """Return the Ansible argument spec of a list of services with their destinations."""
    service = argument_spec(SERVICE_KEY_FIELDS, SERVICE_FIELDS)
    service["destinations"] = {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": destination_spec(),
    }
    return {"type": "list", "elements": "dict", "options": service}


def table_spec() -> dict[str, Any]:
    """The Ansible argument spec of a director's whole table."""
    return {
        "services": services_spec(),
        "hosts": {"type": "dict", "default": {}},
        "purge": {"type": "str", "default": "owned", "choices": ["owned", "all", "none"]},
    }


def parse_services(
    items: Sequence[Mapping[str, Any]], where: str = "services"
) -> tuple[Table, list[Problem]]:
    """Parse a whole table; return the valid entries and all problems."""
    table: Table = {}
    places: dict[ServiceKey, str] = {}
    problems: list[Problem] = []
    for index, item in enumerate(items):
        place = f"{where}[{index}]"
        entry, found = parse_service(item, place)
        problems += found
        if entry is None:
            continue
        key = entry.service.key
        if key in table:
            problems.append(
                Problem(place, str(key), f"one service only: {places[key]} is the same")
            )
            continue
        table[key] = entry
        places[key] = place
    return table, problems


def parse_hosts(given: object, where: str = "hosts") -> tuple[Hosts, list[Problem]]:
    """Parse the names of real servers, each with its addresses."""
    if not isinstance(given, dict):
        return {}, [Problem(where, given, "names, each with a list of addresses")]
    hosts: dict[str, tuple[str, ...]] = {}
    problems = []
    for name, rips in given.items():
        if not isinstance(name, str) or not name.isprintable():
            problems.append(Problem(where, name, "the name of a host"))
        else:
            addresses = [*map(_address, rips)] if isinstance(rips, (list, tuple)) else [None]
            hosts[name] = tuple(address for address in addresses if address)
            if None in addresses:
                problems.append(Problem(f"{where}.{name}", rips, "a list of addresses"))
    return hosts, problems


def parse_service(item: Mapping[str, Any], where: str) -> tuple[Entry | None, list[Problem]]:
    """Parse a service with its destinations; return it or None, and its problems."""
    key, problems = parse_service_key(item, where)
    fields = Fields(item, where)
    values = fields.read(SERVICE_FIELDS)
    problems += fields.problems
    timeout = values["persistence_timeout"] or 0
    family = key.family if key else "ipv6"
    if values["persistence_prefix"] and values["persistence_prefix"] > HOST_PREFIX[family]:
        problems.append(
            fields.problem("persistence_prefix", f"1 to {HOST_PREFIX[family]} for {family}")
        )
    for name in ("persistence_prefix", "persistence_engine"):
        if values[name] and not timeout:
            problems.append(
                fields.problem(name, "a persistence_timeout beside it, since nothing else reads it")
            )
    if values["scheduler_flags"] and values["scheduler"] not in FLAGGED_SCHEDULERS:
        expected = f"none: only {' and '.join(FLAGGED_SCHEDULERS)} read them"
        problems.append(fields.problem("scheduler_flags", expected))
    if key and not key.fwmark and not key.port and not timeout:
        problems.append(
            fields.problem("port", "1 to 65535, or 0 together with a persistence_timeout")
        )
    if key and values["one_packet"] and not (key.fwmark or key.protocol == "udp"):
        problems.append(fields.problem("one_packet", "false for anything but udp or a fwmark"))
    if key and values["persistence_engine"] and not (key.fwmark or key.protocol == "udp"):
        # ip_vs_sip_fill_param() in net/netfilter/ipvs/ip_vs_pe_sip.c drops other packets.
        expected = "none for anything but udp or a fwmark: it reads SIP in datagrams"
        problems.append(fields.problem("persistence_engine", expected))
    destinations = _parse_destinations(item.get("destinations") or [], where, key, problems)
    if problems or key is None:
        return None, problems
    service = Service(
        key,
        values["scheduler"],
        tuple(flag for flag in SCHEDULER_FLAGS if flag in (values["scheduler_flags"] or ())),
        timeout,
        (values["persistence_prefix"] or HOST_PREFIX[family]) if timeout else 0,
        values["persistence_engine"] or "",
        bool(values["one_packet"]),
    )
    return Entry(service, destinations), []


def parse_service_key(
    item: Mapping[str, Any], where: str
) -> tuple[ServiceKey | None, list[Problem]]:
    """Parse the identity of a service; return it or None, and its problems."""
    fields = Fields(item, where)
    values = fields.read(SERVICE_KEY_FIELDS)
    problems = fields.problems
    address, fwmark = values["address"], values["fwmark"]
    if (address is None) == (fwmark is None) and not problems:
        expected = "either an address or a fwmark"
        problems.append(Problem(where, "both" if address else "neither", expected))
    if fwmark is not None:
        for name in ("protocol", "port"):
            if values[name] is not None and address is None:
                problems.append(
                    fields.problem(name, "nothing: a fwmark covers every protocol and port")
                )
        if is_probe_mark(fwmark):
            problems.append(fields.problem("fwmark", EXPECTED))
        key = ServiceKey(values["family"] or "ipv4", fwmark, "", "", 0)
    else:
        normal = normal_address(address) if address is not None else ""
        if normal is None:
            problems.append(fields.problem("address", "an IPv4 or IPv6 address"))
        if address is not None and values["port"] is None and "port" not in fields.bad:
            problems.append(fields.problem("port", "a port"))
        family = family_of(normal or "")
        if normal and values["family"] not in (None, family):
            problems.append(fields.problem("family", f"{family}, or nothing, beside {normal}"))
        key = ServiceKey(family, 0, values["protocol"] or "tcp", normal or "", values["port"] or 0)
    return (None if problems else key), problems


def parse_destination_key(
    item: Mapping[str, Any], where: str, service: ServiceKey | None
) -> tuple[DestinationKey | None, list[Problem]]:
    """Parse the identity of a destination; return it or None, and its problems."""
    fields = Fields(item, where)
    values = fields.read(DESTINATION_KEY_FIELDS)
    address = normal_address(values["address"]) if values["address"] is not None else None
    if address is None and "address" not in fields.bad:
        fields.problems.append(fields.problem("address", "an IPv4 or IPv6 address"))
    if fields.problems or address is None:
        return None, fields.problems
    port = values["port"]
    if port is None:
        port = service.port if service else 0
    return DestinationKey(address, port), []


def parse_destination(
    item: Mapping[str, Any], where: str, service: ServiceKey | None
) -> tuple[Destination | None, list[Problem]]:
    """Parse a destination; return it or None, and its problems.

    Below an invalid service (None) it checks only the destination's own fields.
    """
    key, problems = parse_destination_key(item, where, service)
    fields = Fields(item, where)
    values = fields.read(DESTINATION_FIELDS)
    problems = fields.problems + problems
    if problems or key is None:
        return None, problems
    if service:
        problems += _misfits(fields, key, values["forwarding"], service)
    upper = values["upper_threshold"]
    if values["lower_threshold"] > upper:
        problems.append(fields.problem("lower_threshold", f"at most the upper_threshold {upper}"))
    problems += _tunnel_problems(fields, values)
    if problems:
        return None, problems
    tunnel = [values[name] for name in TUNNEL_FIELDS]
    return (
        Destination(
            key,
            values["forwarding"],
            values["weight"],
            upper,
            values["lower_threshold"],
            *(tunnel if values["forwarding"] == TUNNEL else ()),
        ),
        [],
    )


def _misfits(
    fields: Fields, key: DestinationKey, forwarding: str, service: ServiceKey
) -> list[Problem]:
    """Return the conflicts of a destination with its service."""
    problems = []
    if forwarding != "masq" and not service.fwmark and key.port != service.port:
        # ip_vs never rewrites the packet's port here; ipvsadm silently replaces it.
        expected = f"{service.port}, the service's: only masq maps ports"
        problems.append(fields.problem("port", expected))
    if family_of(key.address) != service.family and forwarding != TUNNEL:
        expected = f"an {service.family} address: only tunnel mixes families"
        problems.append(fields.problem("address", expected))
    return problems


def render_table(table: Table) -> list[dict[str, Any]]:
    """Return a table in the input format, sorted by service."""
    return [render_entry(table[key]) for key in sorted(table)]


def render_entry(entry: Entry) -> dict[str, Any]:
    """Return a service with its destinations in the input format, without unused fields."""
    service = entry.service
    item = render_key(service.key)
    item["scheduler"] = service.scheduler
    if service.scheduler_flags:
        item["scheduler_flags"] = list(service.scheduler_flags)
    if service.persistence_timeout:
        item["persistence_timeout"] = service.persistence_timeout
        item["persistence_prefix"] = service.persistence_prefix
    if service.persistence_engine:
        item["persistence_engine"] = service.persistence_engine
    if service.one_packet:
        item["one_packet"] = True
    item["destinations"] = [
        render_destination(destination) for destination in entry.destinations.values()
    ]
    return item


def render_key(key: ServiceKey) -> dict[str, Any]:
    """Return the options that identify a service."""
    if key.fwmark:
        return {"fwmark": key.fwmark, "family": key.family}
    return {"protocol": key.protocol, "address": key.address, "port": key.port}


def render_destination(destination: Destination) -> dict[str, Any]:
    """Return a destination in the input format, without unused fields."""
    item: dict[str, Any] = {
        "address": destination.key.address,
        "port": destination.key.port,
        "forwarding": destination.forwarding,
        "weight": destination.weight,
    }
    for name in ("upper_threshold", "lower_threshold"):
        if getattr(destination, name):
            item[name] = getattr(destination, name)
    if destination.forwarding == TUNNEL:
        item["tunnel_type"] = destination.tunnel_type
        kind = KINDS[destination.tunnel_type]
        if kind.has_port:
            item["tunnel_port"] = destination.tunnel_port
        if len(kind.checksums) > 1:
            item["tunnel_checksum"] = destination.tunnel_checksum
    return item


def _parse_destinations(
    items: Sequence[Mapping[str, Any]],
    where: str,
    service: ServiceKey | None,
    problems: list[Problem],
) -> dict[DestinationKey, Destination]:
    destinations: dict[DestinationKey, Destination] = {}
    for index, item in enumerate(items):
        place = f"{where}.destinations[{index}]"
        destination, found = parse_destination(item, place, service)
        problems += found
        if destination is None:
            continue
        if destination.key in destinations:
            first = list(destinations).index(destination.key)
            expected = f"one destination only: {where}.destinations[{first}] is the same"
            problems.append(Problem(place, str(destination.key), expected))
        destinations[destination.key] = destination
    return destinations


def _address(value: object) -> str | None:
    return normal_address(value) if isinstance(value, str) else None


def _tunnel_problems(fields: Fields, values: Mapping[str, Any]) -> list[Problem]:
    if values["forwarding"] != TUNNEL:
        return []
    kind, port = KINDS[values["tunnel_type"]], values["tunnel_port"]
    problems = []
    if kind.has_port and not port:
        problems.append(fields.problem("tunnel_port", f"1 to {MAX_PORT} for {kind.name}"))
    if port and not kind.has_port:
        problems.append(fields.problem("tunnel_port", f"nothing: {kind.name} has no port"))
    if values["tunnel_checksum"] not in kind.checksums:
        expected = f"{' or '.join(kind.checksums)} for {kind.name}"
        problems.append(fields.problem("tunnel_checksum", expected))
    return problems
