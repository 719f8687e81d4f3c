# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""From the declaration's data to services; every error of its shape is collected.

What single fields of services and destinations may hold is said in ``ipvs/schema.py``, and is
asked there, so that a declaration and the module ``director`` accept the same.
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ...fields import Problem
from ...ipvs.model import Service as VirtualService, ServiceKey
from ...ipvs.schema import SERVICE_FIELDS, SERVICE_KEY_FIELDS, parse_service
from ...net.addresses import parse_address
from ...net.ports import PortRange, expected_ports, overlaps, parse_ports
from ...net.probe_marks import EXPECTED, is_probe_mark
from ..violation import Violation, did_you_mean
from .health import Defaults, HealthParser, check_fallback, fallback_of
from .inventory import Inventory
from .model import Service, Shape, Virtual
from .problems import AN_ADDRESS, ANY_ADDRESS, KEY, MODE, VALUE, Problems
from .real_servers import RealServerParser, own_modes
from .schema import SERVICE_KEYS

_BY_PORT = ("vips", "port", "real_servers")
_BY_MARK = ("vips", "ports", "real_servers")
# Stand for what is missing, while the rest of a service is checked; port 0 is right only for a
# persistent one.
_ANY_PORT = 1
_ANY_TIMEOUT = 1
_DATAGRAMS = "udp"
_PROTOCOL = SERVICE_KEYS["protocol"].default
_NOTHING_OF_HEALTH = Defaults()


def parse_services(
    services: Mapping[str, Any],
    inventory: Inventory,
    shapes: Mapping[str, Shape],
    health: Defaults = _NOTHING_OF_HEALTH,
) -> tuple[tuple[Service, ...], list[Violation]]:
    """The services as far as they can be understood, and everything that is wrong with them."""
    parsed = []
    violations: list[Violation] = []
    for name, data in services.items():
        noted = Problems(str(name), shapes)
        if not str(name).isprintable() or not str(name):
            noted.add(VALUE, f"the name {str(name)!r}", "a name of printable characters")
        service = _parse_service(data, inventory, shapes, health, noted)
        violations += noted.violations
        if service:
            parsed.append(service)
    violations += [
        Violation(VALUE, "", host, f"the host {host!r}", "a name of printable characters")
        for host in sorted(inventory.hosts)
        if not host.isprintable()
    ]
    return tuple(parsed), violations


def _parse_service(
    data: object,
    inventory: Inventory,
    shapes: Mapping[str, Shape],
    defaults: Defaults,
    noted: Problems,
) -> Service | None:
    if not isinstance(data, Mapping):
        noted.add(VALUE, repr(data), "a service: mode, vips, port and real_servers")
        return None
    mode = data.get("mode")
    shape = shapes.get(mode) if isinstance(mode, str) else None
    if shape is None:
        expected = f"one of {', '.join(shapes)}{did_you_mean(mode, shapes)}"
        noted.add(MODE, f"mode: {mode!r}" if "mode" in data else "no mode", expected)
        return None
    keys = dict(shape.service_keys)
    own_health = data.get("health")
    fallback = fallback_of(own_health, defaults)
    for other in own_modes(
        [data.get("real_servers"), [fallback.entry if fallback else None]], shape
    ):
        keys.update(shapes[other].service_keys)
    noted.check_keys(data, {*SERVICE_KEYS, *keys})
    fwmark = data.get("fwmark")
    for needed in _BY_PORT if fwmark is None else _BY_MARK:
        if data.get(needed) is None:
            noted.add(KEY, f"no {needed}", f"{needed}, which every service needs")
    ports = _ports(data, noted)
    protocols = _protocols(data, noted)
    extra = noted.read(data, keys)
    accept = tuple(map(str, noted.items(data, "accept", "ids of checks")))
    # Unless it is clear how the service is meant, nothing can be said of its real servers' hosts.
    is_clear = not noted.violations
    port = data.get("port") if fwmark is None else None
    virtuals = _virtuals({**data, "port": port}, protocols, noted)
    entries = noted.items(data, "real_servers", "real servers")
    parser = RealServerParser(inventory, shapes, str(mode), noted)
    service_port = virtuals[0].service.key.port if virtuals else _ANY_PORT
    port_of_all = None if fwmark is not None else service_port
    servers = tuple(parser.parse(entries, port_of_all))
    if fallback:
        check_fallback(fallback, noted)
        servers += parser.parse_fallback(fallback.entry, fallback.where, port_of_all)
    health = HealthParser(shape, str(mode), defaults, noted).parse(
        own_health, ports if port is None else (PortRange.single(service_port),), protocols
    )
    if not virtuals or (port is None and not ports):
        return None
    servers = servers if is_clear else ()
    if fwmark is None:
        ports = (PortRange.single(service_port),)
    elif not is_clear:
        return None
    else:
        virtuals = tuple(_marked(virtual, fwmark) for virtual in virtuals)
    return Service(
        noted.service,
        str(mode),
        ports,
        protocols,
        virtuals,
        servers,
        extra,
        accept,
        fwmark or 0,
        health,
        is_health_open=own_health is None and defaults.is_on is None,
    )


def _ports(data: Mapping[str, Any], noted: Problems) -> tuple[PortRange, ...]:
    """The ports of a service with a mark, as far as they are known."""
    if data.get("fwmark") is None:
        if data.get("ports") is not None:
            noted.add(KEY, "ports", "port, or a fwmark beside ports: IPVS takes several by it")
        return ()
    mark = SERVICE_KEY_FIELDS["fwmark"]
    if not _is_number(data["fwmark"], mark.low, mark.high):
        expected = f"a number from {mark.low} to {mark.high}"
        noted.add(VALUE, f"fwmark: {data['fwmark']!r}", expected)
    elif is_probe_mark(int(data["fwmark"])):
        noted.add(VALUE, f"fwmark: {data['fwmark']!r}", EXPECTED)
    if data.get("port") is not None:
        noted.add(KEY, "port beside fwmark", "ports: those of which the packets are marked")
    if data.get("ports") == []:
        noted.add(VALUE, "ports: []", "at least one port")
    known: dict[int, PortRange] = {}
    for index, value in enumerate(noted.items(data, "ports", "ports")):
        ports = parse_ports(value)
        if ports:
            known[index] = ports
        else:
            noted.add(VALUE, f"ports[{index}]: {value!r}", expected_ports())
    indices = [*known]
    for earlier, later in overlaps(("", ports) for ports in known.values()):
        first, second = indices[earlier], indices[later]
        expected = f"each port only once: ports[{first}] ({known[first]}) has it, too"
        noted.add(VALUE, f"ports[{second}]: {known[second]}", expected)
    return tuple(known.values())


def _protocols(data: Mapping[str, Any], noted: Problems) -> tuple[Any, ...]:
    """The protocols; whether they are known ones is looked at later."""
    given = data.get("protocol")
    if not isinstance(given, (list, tuple)):
        return (_PROTOCOL if given is None else given,)
    if data.get("fwmark") is None:
        expected = "one protocol, or a fwmark beside several: IPVS takes several by it"
        noted.add(KEY, f"protocol: {given!r}", expected)
    if not given:
        noted.add(VALUE, "protocol: []", "at least one protocol")
    for index, value in enumerate(given):
        if value in given[:index]:
            noted.add(VALUE, f"protocol[{index}]: {value!r}", "each protocol only once")
        elif not isinstance(value, str):
            noted.add(VALUE, f"protocol[{index}]: {value!r}", "the name of a protocol")
    return tuple(one for one in given if isinstance(one, str)) or (_PROTOCOL,)


def _is_number(value: object, low: float, high: float) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _marked(virtual: Virtual, fwmark: int) -> Virtual:
    """The same, as IPVS knows it by a mark: one service for all VIPs of a family."""
    key = ServiceKey(virtual.service.key.family, fwmark, "", "", 0)
    return Virtual(virtual.vip, virtual.service._replace(key=key))


def _virtuals(
    data: Mapping[str, Any], protocols: Sequence[Any], noted: Problems
) -> tuple[Virtual, ...]:
    fields = {name: data.get(name) for name in ("port", *SERVICE_FIELDS)}
    if fields["port"] is None:
        fields["port"] = _ANY_PORT
    virtuals: list[Virtual] = []
    problems: list[Problem] = []
    vips = noted.items(data, "vips", "addresses")
    if data.get("vips") == []:
        noted.add(VALUE, "vips: []", "at least one address")
    for index, value in enumerate(vips):
        vip = parse_address(value)
        if vip is None:
            noted.add(VALUE, f"vips[{index}]: {value!r}", AN_ADDRESS)
        if vip in [one.vip for one in virtuals]:
            noted.add(VALUE, f"vips[{index}]: {value!r}", "each VIP only once")
        known: list[VirtualService] = []
        # Beside datagrams others may do without what holds for datagrams alone.
        for protocol in sorted(protocols, key=lambda one: one != _DATAGRAMS):
            address = str(vip or ANY_ADDRESS)
            item = {**fields, "address": address, "protocol": protocol}
            if known and known[0].key.protocol == _DATAGRAMS:
                item["one_packet"] = None
            virtual, found = _virtual(item)
            problems += [one for one in found if one not in problems]
            known += [virtual] if virtual else []
        if vip and len(known) == len(protocols):
            virtuals.append(Virtual(vip, known[0]))
    noted.add_problems(problems)
    return tuple(virtuals)


def _virtual(item: Mapping[str, Any]) -> tuple[VirtualService | None, list[Problem]]:
    entry, problems = parse_service(item, "")
    if entry is None:
        # Its key alone is enough to go on with, if that is right.
        key = {name: item[name] for name in ("address", "protocol", "port")}
        entry, _problems = parse_service({**key, "persistence_timeout": _ANY_TIMEOUT}, "")
    return entry.service if entry else None, problems
