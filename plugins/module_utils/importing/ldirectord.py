# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""ldirectord.cf → services: ldirectord(8)."""

from __future__ import annotations

import re
from typing import Any, Iterable, Iterator, Mapping, NamedTuple

from ..ipvs.model import DROUTE, MASQ, TUNNEL
from ..net.addresses import normal_address
from .source import (
    MAX_SERVERS,
    MAX_SERVICES,
    Line,
    Place,
    Remarks,
    Server,
    Service,
    SourceError,
    shown,
)
from .units import addresses_in, endpoint_in, number_in, only, port_in, prefix_in, seconds_in, short

_STATEMENT = re.compile(r"(\s*)([a-z0-9-]+)\s*=\s*(.*)$")
# A quote that is never closed goes to the end: nothing in it is tried again.
_WORD = re.compile(r'"((?:[^"\\]|\\.?)*)(?:"|$)|([^\s",]+)')
_METHODS = {"gate": DROUTE, "masq": MASQ, "ipip": TUNNEL}
_SCHEDULER = "wrr"  # where nothing is said, as is true of the next ones
_INTERVAL, _TIMEOUT, _NEGOTIATE_TIMEOUT = 10.0, 5.0, 30.0
# Of a service that is named by its port alone.
_SERVICES = {21: "ftp", 25: "smtp", 53: "dns", 80: "http", 110: "pop", 143: "imap", 443: "https"}
_HTTP, _HTTPS, _DNS = "http", "https", "dns"
_ANY_WORDS = "ipvs", "none", "simpletcp", "simpleudp"

# Of all services where they do not have them themselves.
_INHERITED = (
    "checkinterval",
    "checktimeout",
    "negotiatetimeout",
    "checkcount",
    "failurecount",
    "fallback",
    "fallback6",
)
_NEEDLESS = frozenset(
    [
        "servicename",
        "comment",
        "autoreload",
        "logfile",
        "supervised",
        "fork",
        "quiescent",
        "cleanstop",
        "readdquiescent",
        "httpmethod",
        "emailalertfrom",
        "emailalertfreq",
        "emailalertstatus",
    ]
)
_LOST = {
    "callback": "nothing is run when a file changes",
    "checkcommand": "",
    "emailalert": "no mails are sent: let monitoring do it",
    "smtp": "no mails are sent: let monitoring do it",
    "execute": "ldirectord.cf of its own: import it by itself",
    "fallbackcommand": "nothing is run when a state changes",
    "maintenancedir": "the playbook drain.yml takes a real server out",
    "monitorfile": "nothing is run when a state changes",
    "load": "weights do not follow a load",
    "database": "",
    "login": "",
    "passwd": "",
    "password": "",
    "secret": "",
}
_CHECK_WORDS = frozenset(
    [
        "checktype",
        "service",
        "checkport",
        "request",
        "receive",
        "virtualhost",
        "checkcommand",
        "scheduler",
        "persistent",
        "netmask",
        "protocol",
        "fallback",
        "real",
        "real6",
        "ops",
    ]
)


class _Said(NamedTuple):
    place: Place
    name: str
    value: str


class _Virtual(NamedTuple):
    place: Place
    target: str
    said: list[_Said]

    def get(self, name: str, above: Mapping[str, str]) -> str:
        """The last value of a name."""
        values = [one.value for one in self.said if one.name == name]
        return values[-1] if values else above.get(name, "")


def read_ldirectord(lines: Iterable[Line], remarks: Remarks) -> tuple[Service, ...]:
    """Read a configuration."""
    virtuals, above = _parsed(lines, remarks)
    services = []
    servers = 0
    for virtual in virtuals:
        service = _service(virtual, above, remarks)
        services += [service] if service else []
        servers += len(service.servers) if service else 0
        if len(services) > MAX_SERVICES or servers > MAX_SERVERS:
            raise SourceError(
                virtual.place, f"more than {MAX_SERVICES} services, or {MAX_SERVERS} real servers"
            )
    return tuple(services)


def _parsed(lines: Iterable[Line], remarks: Remarks) -> tuple[list[_Virtual], dict[str, str]]:
    virtuals: list[_Virtual] = []
    above: dict[str, str] = {}
    for line in lines:
        text = _without_comment(line.text).rstrip()
        if not text:
            continue
        found = _STATEMENT.match(text)
        if not found:
            remarks.add(line.place, f"{shown(text.strip())} is no NAME = VALUE: it is left out")
            continue
        indent, name, value = found.groups()
        if name in ("virtual", "virtual6"):
            virtuals.append(_Virtual(line.place, value, []))
        elif indent and virtuals:
            virtuals[-1].said.append(_Said(line.place, name, value))
        elif name in _INHERITED:
            above[name] = value
        else:
            _leave_out(line.place, name, remarks)
    return virtuals, above


def _service(virtual: _Virtual, above: Mapping[str, str], remarks: Remarks) -> Service | None:
    item = _key(virtual, remarks)
    if item is None:
        return None
    item["scheduler"] = virtual.get("scheduler", {}) or _SCHEDULER
    item["persistence_timeout"] = virtual.get("persistent", {}) or None
    item["one_packet"] = virtual.get("ops", {}) == "yes" or None
    mask = virtual.get("netmask", {})
    if mask and item["persistence_timeout"]:
        family = "ipv6" if ":" in virtual.target else "ipv4"
        item["persistence_prefix"] = prefix_in(mask, family)
    servers: list[Server] = []
    for one in virtual.said:
        if one.name in ("real", "real6"):
            servers += _servers(one, item.get("port", 0), remarks)
        elif one.name not in _CHECK_WORDS and one.name not in _INHERITED:
            _leave_out(one.place, one.name, remarks)
    fallback = _fallback(virtual, above, item.get("port", 0), remarks)
    health = _health(virtual, above, item, servers, remarks)
    if fallback and health is False:
        remarks.add(
            fallback.place, "the fallback is left out: nobody tries the real servers of the service"
        )
    return Service(virtual.place, "", only(item), tuple(servers), fallback, health)


def _key(virtual: _Virtual, remarks: Remarks) -> dict[str, Any] | None:
    protocol = virtual.get("protocol", {}).lower()
    mark = number_in(virtual.target)
    if mark:
        family = "ipv6" if virtual.target.startswith("[") else None
        return {"fwmark": mark, "family": family}
    address, port = endpoint_in(virtual.target)
    normal, number = normal_address(address), port_in(port or "0")
    if normal is None or number is None:
        remarks.add(
            virtual.place,
            f"the service {shown(virtual.target)} is left out",
            "expected ADDRESS:PORT, in numbers",
        )
        return None
    return {"protocol": protocol or "tcp", "address": normal, "port": number}


def _servers(said: _Said, service_port: int, remarks: Remarks) -> Iterator[Server]:
    words = [found[1] if found[1] is not None else found[2] for found in _WORD.finditer(said.value)]
    target, *more = words or [""]
    # FIRST->LAST:PORT
    first, arrow, last = target.partition("->")
    address, port = endpoint_in(last if arrow else target)
    if arrow:
        first = endpoint_in(first)[0]
    addresses = addresses_in(f"{first}-{address}" if arrow else address, said.place)
    number = port_in(port) if port else service_port
    if addresses is None or number is None:
        remarks.add(
            said.place,
            f"the real server {shown(target)} is left out",
            "expected ADDRESS, ADDRESS:PORT or FIRST->LAST:PORT, in numbers",
        )
        return
    item: dict[str, Any] = {"forwarding": DROUTE}
    for word in more:
        if word in _METHODS:
            item["forwarding"] = _METHODS[word]
        elif number_in(word) is not None and "weight" not in item:
            item["weight"] = word
        else:
            remarks.add(
                said.place, f"{shown(word)} of a real server is left out", "all are tried alike"
            )
    if item["forwarding"] != MASQ and service_port and number != service_port:
        remarks.add(
            said.place,
            f"port {number} in place of {service_port}: only masq maps ports, requests keep theirs",
        )
        number = service_port
    for one in addresses:
        yield Server(said.place, {"address": one, "port": number, **item})


def _fallback(
    virtual: _Virtual, above: Mapping[str, str], port: int, remarks: Remarks
) -> Server | None:
    name = "fallback6" if virtual.target.startswith("[") else "fallback"
    text = virtual.get("fallback", {}) or virtual.get(name, above)
    if not text:
        return None
    places = [one.place for one in virtual.said if one.name in ("fallback", "fallback6")]
    said = _Said(places[-1] if places else virtual.place, "fallback", text)
    found = [*_servers(said, port, remarks)]
    return found[0] if found else None


def _health(
    virtual: _Virtual,
    above: Mapping[str, str],
    item: Mapping[str, Any],
    servers: list[Server],
    remarks: Remarks,
) -> dict[str, Any] | bool:
    kind = virtual.get("checktype", {}) or "negotiate"
    place = next((one.place for one in virtual.said if one.name == "checktype"), virtual.place)
    if kind in ("on", "off"):
        return False
    if kind == "ping":
        remarks.add(place, "checktype=ping has no counterpart", "say health of the service")
        return False
    port = port_in(virtual.get("checkport", {})) if virtual.get("checkport", {}) else None
    if kind.startswith("external"):
        health = _script(virtual, place, remarks)
    elif kind == "connect":
        health = {"check": "udp" if item.get("protocol") == "udp" else "tcp"}
    else:
        health = _negotiated(virtual, place, item, remarks)
    is_short = kind == "connect"
    usual = _TIMEOUT if is_short else _NEGOTIATE_TIMEOUT
    timeout = seconds_in(virtual.get("checktimeout" if is_short else "negotiatetimeout", above))
    interval = min(seconds_in(virtual.get("checkinterval", above)) or _INTERVAL, 3600.0)
    failures = virtual.get("failurecount", above) or virtual.get("checkcount", above)
    health.update(
        interval=short(max(interval, 0.1)),
        timeout=short(min(max(timeout or usual, 0.05), interval)),
        rise=1,
        fall=min(max(number_in(failures) or 1, 1), 100),
    )
    known = {one.item["port"] for one in servers}
    real_port = min(known) if known else 0
    fits = item.get("protocol") == ("udp" if health["check"] in (_DNS, "udp") else "tcp")
    if health["check"] != "script" and (port or not fits):
        asked = port or real_port
        if asked and (asked != real_port or not fits):
            health["port"] = asked
        if port and port != real_port:
            health["through"] = "rip"
    return health


def _script(virtual: _Virtual, place: Place, remarks: Remarks) -> dict[str, Any]:
    command = virtual.get("checkcommand", {}).strip('"').split()
    remarks.add(
        place,
        f"{shown(command[0] if command else '')} gets no arguments, and no shell",
        "let it read LVS_RIP, LVS_PORT and others (docs/health.md), then take `floor: 99` away: "
        "until then, nothing is taken out",
    )
    return {"check": "script", "script": command[0] if command else "", "floor": 99}


def _negotiated(
    virtual: _Virtual, place: Place, item: Mapping[str, Any], remarks: Remarks
) -> dict[str, Any]:
    service = virtual.get("service", {}).lower() or _SERVICES.get(item.get("port", 0), "none")
    request = virtual.get("request", {}).strip('"')
    receive = virtual.get("receive", {}).strip('"')
    host = virtual.get("virtualhost", {}).strip('"')
    if service in (_HTTP, _HTTPS):
        health: dict[str, Any] = {"check": service}
        if request:
            health["url"] = request if request.startswith("/") else f"/{request}"
        if receive:
            health["pattern"] = receive
        if host:
            health["host"] = host
        return health
    if service == _DNS:
        return {
            "check": _DNS,
            "query_name": request or ".",
            **({"answers": [receive]} if receive else {"query_type": "A"}),
        }
    if service not in _ANY_WORDS or request or receive:
        remarks.add(
            place,
            f"{shown(service)} is not spoken: whether there is an answer at all is what is asked",
            "a script can do more (health.check: script)",
        )
    return {"check": "udp" if item.get("protocol") == "udp" else "tcp"}


def _leave_out(place: Place, name: str, remarks: Remarks) -> None:
    if name in _LOST:
        remarks.add(place, f"{name} is left out", _LOST[name])
    elif name not in _NEEDLESS:
        remarks.add(place, f"{shown(name)} is not known, and left out")


def _without_comment(text: str) -> str:
    """Outside quotes, a number sign at the begin of a word begins a comment."""
    is_quoted = False
    for index, one in enumerate(text):
        if one == '"':
            is_quoted = not is_quoted
        elif one == "#" and not is_quoted and not text[max(index - 1, 0) : index].strip():
            return text[:index]
    return text
