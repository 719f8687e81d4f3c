# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Services of a table → the declaration's, and the hosts of an inventory."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter
from ipaddress import ip_address, ip_interface
from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Sequence

from ..health.model import WITHDRAW
from ..health.schema import CHECK_FIELDS, KIND_FIELDS, POLICY_FIELDS
from ..ipvs.model import TUNNEL, TUNNEL_FIELDS, Destination, Service
from ..ipvs.schema import SERVICE_FIELDS
from ..net.addresses import HOST_PREFIX, IPAddress, family_of, parse_address
from ..topology.declaration.inventory import DIRECTORS, REAL_SERVERS
from ..topology.modes.table import MODES, SHAPES
from .settle import Settled
from .source import Place, Remarks, Source

FIRST_DIRECTOR = "director1"
_ONLY_DIRECTOR = "director"
_NOT_A_NAME = re.compile("[^A-Za-z0-9_.-]+")
_MODE_OF = {mode.forwarding: mode.name for mode in reversed([*MODES.values()])}
_OF_SERVICE_LAST = ("health", "real_servers")
_ORDER = ("check", *KIND_FIELDS, "port", *[*CHECK_FIELDS][1:], *POLICY_FIELDS)
_DEFAULTS = {
    name: field.default
    for name, field in {**CHECK_FIELDS, **POLICY_FIELDS}.items()
    if name != "through"
}
_OWN_SERVICE = (
    "a service has one of NAT on the one hand, and direct routing and tunnels on the other"
)


class Options(NamedTuple):
    """What a user says of an import."""

    managed: bool = True  # real servers are hosts of the inventory, and not addresses alone
    marks: Mapping[str, Any] = {}  # mark → vips, ports and protocol
    director: str = ""  # the name of the host whose table is read
    address: str = ""  # of this host, as Ansible reaches it; "" = unknown


class Declared(NamedTuple):
    """A declaration with its inventory."""

    variables: dict[str, Any]  # as in group_vars of all
    places: dict[str, Place]  # of services, by their names
    hosts: dict[str, dict[str, dict[str, Any]]]  # group → host → its variables

    @property
    def services(self) -> dict[str, Any]:
        """The services."""
        services: dict[str, Any] = self.variables["topology_services"]
        return services

    def with_services(self, services: Mapping[str, Any]) -> Declared:
        """The same with other services."""
        return self._replace(variables={**self.variables, "topology_services": services})

    @property
    def groups(self) -> dict[str, list[str]]:
        """The inventory's groups, as Ansible has them."""
        groups = {name: [*hosts] for name, hosts in self.hosts.items()}
        return {**groups, "all": [*dict.fromkeys(one for each in groups.values() for one in each)]}


class _Draft(NamedTuple):
    place: Place
    name: str
    vip: str
    keys: dict[str, Any]  # of the declared service, without vips
    servers: list[dict[str, Any]]


def declare(
    source: Source, settled: Sequence[Settled], options: Options, remarks: Remarks
) -> Declared:
    """Return what these services are declared as; what cannot be is noted."""
    directors = _directors(source, options)
    for name, said in directors.items():
        # The host whose table is read is reached by its name.
        if not said and name != options.director:
            remarks.add(
                Place("the inventory"),
                f"nothing says which address {name} has",
                "say its address in hosts.yml (ansible_host), or name it as Ansible reaches it",
            )
    hosts = _Hosts(directors, managed=options.managed)
    drafts = [draft for one in settled for draft in _drafts(one, hosts, options.marks, remarks)]
    services, places = _merged(drafts)
    variables: dict[str, Any] = {}
    if source.high_availability:
        variables["topology_high_availability"] = dict(source.high_availability)
    if source.settings:
        variables["topology_settings"] = dict(source.settings)
    variables["topology_services"] = services
    shared = _shared_dips(source, settled, remarks)
    groups = hosts.groups()
    for host in groups[DIRECTORS].values() if shared else ():
        host["topology_dip"] = shared[0] if len(shared) == 1 else shared
    return Declared(variables, places, groups)


def _directors(source: Source, options: Options) -> dict[str, dict[str, Any]]:
    addresses = source.directors
    is_pair = source.high_availability or addresses[1:]
    first = options.director or (FIRST_DIRECTOR if is_pair else _ONLY_DIRECTOR)
    address = options.address or (addresses[0] if addresses else "")
    others = {
        f"director{number}": {"ansible_host": address}
        for number, address in enumerate(addresses[1:], 2)
    }
    return {first: {"ansible_host": address} if address else {}, **others}


class _Hosts:
    """Real servers, as they come."""

    def __init__(self, directors: dict[str, dict[str, Any]], *, managed: bool) -> None:
        self._directors = directors
        self._managed = managed
        self._real_servers: dict[str, dict[str, Any]] = {}

    def groups(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The inventory."""
        return {DIRECTORS: self._directors, REAL_SERVERS: self._real_servers}

    def entry(self, address: str, vip: str, *, has_vip: bool) -> dict[str, Any] | None:
        """Return who has an address, as an entry of real_servers; None if nobody can be that."""
        if address == vip or parse_address(address) is None:
            if len(self._directors) > 1 or not _is_local(address, vip):
                return None
            (name,) = self._directors
            self._real_servers.setdefault(name, {})
            return {"host": name}
        if not self._managed:
            return {"address": address, **({"prepared": True} if has_vip else {})}
        name = f"rs-{re.sub('[.:]', '-', address)}"
        self._real_servers[name] = {"ansible_host": address, "topology_rip": address}
        return {"host": name}


def _is_local(address: str, vip: str) -> bool:
    return address == vip or address.startswith("127.") or address == "::1"


def _drafts(
    one: Settled, hosts: _Hosts, marks: Mapping[str, Any], remarks: Remarks
) -> Iterator[_Draft]:
    key = one.key
    if key.fwmark:
        of_mark = marks.get(str(key.fwmark), marks.get(key.fwmark))  # type: ignore[call-overload]
        if not isinstance(of_mark, Mapping):
            remarks.add(
                one.place,
                f"the service of fwmark {key.fwmark} is left out: nothing here says which packets "
                "get the mark",
                f"say it in import_marks, such as {{{key.fwmark}: {{vips: [10.0.0.100], ports: "
                "[80, 443]}}",
            )
            return
    else:
        of_mark = {"vips": [key.address]}
    vips = of_mark.get("vips")
    vips = [str(vip) for vip in vips] if isinstance(vips, (list, tuple)) else []
    vips = [vip for vip in vips if family_of(vip) == key.family]
    if not vips:
        what = f"the service of fwmark {key.fwmark} ({key.family}) is left out"
        remarks.add(one.place, what, f"its mark has no vips of {key.family} in import_marks")
        return
    entries = _Entries(one, hosts, vips[0], remarks)
    servers, keys = entries.servers()
    if keys is None:
        return
    service = one.entry.service
    draft: dict[str, Any] = {"mode": keys.pop("mode")}
    if key.fwmark:
        draft.update(fwmark=key.fwmark, vips=vips, ports=of_mark.get("ports"))
        if of_mark.get("protocol"):
            draft["protocol"] = of_mark["protocol"]
    else:
        draft.update(vips=[], port=key.port)
        if key.protocol != "tcp":
            draft["protocol"] = key.protocol
    draft.update(_of_service(service))
    draft.update(keys)
    health = entries.health()
    if health is not None:
        draft["health"] = health
    name = one.name or (f"fwmark-{key.fwmark}" if key.fwmark else _named(service, vips[0]))
    yield _Draft(one.place, _NOT_A_NAME.sub("-", name), vips[0], draft, servers)


def _named(service: Service, vip: str) -> str:
    return f"{service.key.protocol}-{vip.replace(':', '-')}-{service.key.port}"


def _of_service(service: Service) -> Iterator[tuple[str, Any]]:
    for name, field in SERVICE_FIELDS.items():
        value = getattr(service, name)
        is_host = name == "persistence_prefix" and value == HOST_PREFIX[service.key.family]
        if value and value != field.default and not is_host:
            yield name, [*value] if isinstance(value, tuple) else value


def without_fallback(health: Mapping[str, Any]) -> dict[str, Any]:
    """Return health without its fallback, for which alone all others would go out."""
    gone = ["fallback", *(("floor", "on_floor") if health.get("on_floor") == WITHDRAW else ())]
    return {name: value for name, value in health.items() if name not in gone}


class _Entries:
    """Real servers of one service, as the declaration has them."""

    def __init__(self, one: Settled, hosts: _Hosts, vip: str, remarks: Remarks) -> None:
        self._one = one
        self._hosts = hosts
        self._vip = vip
        self._remarks = remarks
        destinations = one.entry.destinations.values()
        self._mode, self._tunnel = _mode_of(destinations) if destinations else ("", None)

    def servers(self) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """Return entries of real_servers, and the keys of the service that they need."""
        if not self._mode:
            what = f"{self._one.key} has no real servers: it is left out"
            self._remarks.add(self._one.place, what)
            return [], None
        entries = [
            self._entry(destination, self._one.places[destination.key])
            for destination in self._one.entry.destinations.values()
        ]
        keys = {"mode": self._mode, **_tunnel_keys(self._tunnel)}
        return [entry for entry in entries if entry], keys

    def health(self) -> dict[str, Any] | bool | None:
        """Return ``health``; None = nothing is said of it."""
        said = self._one.health
        if not isinstance(said, Mapping):
            return said
        health = {
            name: said[name]
            for name in _ORDER
            if name in said and (name == "check" or said[name] != _DEFAULTS.get(name))
        }
        if self._one.fallback and self._mode:
            place, destination = self._one.fallback
            entry = self._entry(destination._replace(weight=1), place)
            if entry:
                health["fallback"] = entry["host"] if [*entry] == ["host"] else entry
        return health if "fallback" in health else without_fallback(health)

    def _entry(self, destination: Destination, place: Place) -> dict[str, Any] | None:
        own = _MODE_OF[destination.forwarding]
        if _is_local(destination.key.address, self._vip):
            own = self._mode  # the kernel delivers it, however it is forwarded
        if own != self._mode and own not in SHAPES[self._mode].beside:
            self._remarks.add(
                place,
                f"{destination.key} in mode {own} is left out: the service has mode {self._mode}",
                f"{_OWN_SERVICE}: it needs a VIP or port of its own",
            )
            return None
        is_tunnel = MODES[own].forwarding == TUNNEL == destination.forwarding
        if is_tunnel and _tunnel_keys(destination) != _tunnel_keys(self._tunnel):
            self._remarks.add(
                place,
                f"{destination.key} is left out: its tunnel is another one than that of most",
                "a service has one kind of tunnel: it needs a VIP or port of its own",
            )
            return None
        entry = self._host(destination, place)
        if entry is None:
            return None
        if own != self._mode:
            entry["mode"] = own
        return self._with_numbers(entry, destination, place)

    def _host(self, destination: Destination, place: Place) -> dict[str, Any] | None:
        address = destination.key.address
        mode = MODES[_MODE_OF[destination.forwarding]]
        entry = self._hosts.entry(address, self._vip, has_vip=mode.real_server_has_vip)
        if entry is None:
            self._remarks.add(
                place,
                f"{destination.key} is left out: a director of a pair is no real server, nor is an "
                "address that other hosts cannot reach",
            )
        elif _is_local(address, self._vip):
            self._remarks.add(
                place,
                f"{destination.key} is the director itself ({entry['host']}), which is a real "
                "server by its own address here",
                "its application listens there, too (docs/modes.md)",
            )
        return entry

    def _with_numbers(
        self, entry: dict[str, Any], destination: Destination, place: Place
    ) -> dict[str, Any]:
        key, port = self._one.key, destination.key.port
        if key.fwmark and port:
            what = f"port {port} of {destination.key}: a packet with a mark keeps its own"
            self._remarks.add(place, what)
        elif port != key.port:
            entry["port"] = port
        if destination.weight != 1:
            entry["weight"] = destination.weight
        for name in ("upper_threshold", "lower_threshold"):
            if getattr(destination, name):
                entry[name] = getattr(destination, name)
        return entry


def _mode_of(destinations: Iterable[Destination]) -> tuple[str, Destination | None]:
    """Return the mode that most have, of those that can be together; and the usual tunnel."""
    weights: Counter[str] = Counter()
    tunnels: Counter[tuple[Any, ...]] = Counter()
    of_tunnel: dict[tuple[Any, ...], Destination] = {}
    for one in destinations:
        weights[_MODE_OF[one.forwarding]] += 1
        if one.forwarding == TUNNEL:
            shape = tuple(getattr(one, name) for name in TUNNEL_FIELDS)
            tunnels[shape] += 1
            of_tunnel[shape] = one
    together = {
        mode: sum(
            count for other, count in weights.items() if other in (mode, *SHAPES[mode].beside)
        )
        for mode in weights
    }
    mode = max(weights, key=lambda name: (together[name], weights[name]))
    return mode, of_tunnel[tunnels.most_common(1)[0][0]] if tunnels else None


def _tunnel_keys(destination: Destination | None) -> dict[str, Any]:
    """Return the keys of a service with such tunnels, without what is usual."""
    if destination is None:
        return {}
    usual = Destination(destination.key)
    return {
        name.replace("tunnel_type", "tunnel"): getattr(destination, name)
        for name in TUNNEL_FIELDS
        if getattr(destination, name) != getattr(usual, name)
    }


def _merged(drafts: Sequence[_Draft]) -> tuple[dict[str, Any], dict[str, Place]]:
    """Join services that differ in their VIP alone; in the order in which they are read."""
    services: dict[str, Any] = {}
    places: dict[str, Place] = {}
    known: dict[str, list[str]] = {}
    numbers: dict[str, int] = {}
    for draft in drafts:
        service = {**draft.keys, "real_servers": draft.servers}
        shape = json.dumps(
            [service, family_of(draft.vip), draft.place.file], sort_keys=True, default=str
        )
        if "fwmark" not in service and shape in known:
            known[shape].append(draft.vip)
            continue
        if "fwmark" not in service:
            service["vips"] = [draft.vip]
            known[shape] = service["vips"]
        last = {name: service.pop(name) for name in _OF_SERVICE_LAST if name in service}
        name = draft.name
        while name in services:
            numbers[draft.name] = numbers.get(draft.name, 1) + 1
            name = f"{draft.name}-{numbers[draft.name]}"
        services[name] = {**service, **last}
        places[name] = draft.place
    return services, places


def _shared_dips(source: Source, settled: Sequence[Settled], remarks: Remarks) -> list[str]:
    """Return addresses of VRRP that are the gateway of NAT; note the other ones."""
    vips = {one.key.address for one in settled}
    masked = sorted(
        _sortable(ip_address(destination.key.address))
        for one in settled
        for destination in one.entry.destinations.values()
        if MODES[_MODE_OF[destination.forwarding]].demand.rewritten
    )
    found: list[str] = []
    for place, text in source.floating:
        address = text.partition("/")[0]
        parsed = parse_address(address)
        if parsed is None or str(parsed) in vips:
            continue
        if _is_gateway(text, masked) and family_of(str(parsed)) not in map(family_of, found):
            found.append(str(parsed))
            remarks.add(
                place,
                f"{address} is taken for the gateway of the real servers in NAT",
                "topology_dip of both directors in the inventory: see docs/high-availability.md",
            )
        else:
            remarks.add(
                place,
                "an address that is no VIP of a service, and does not move with the VIPs",
                "declare a service for it, or let another program have it",
            )
    return found


def _is_gateway(text: str, rips: Sequence[tuple[int, int]]) -> bool:
    """Whether one of the addresses, which are sorted, is in the network of this one."""
    if "/" not in text:
        return False
    try:
        network = ip_interface(text).network
    except ValueError:
        return False
    first = bisect_left(rips, _sortable(network[0]))
    return first < len(rips) and rips[first] <= _sortable(network[-1])


def _sortable(address: IPAddress) -> tuple[int, int]:
    return address.version, int(address)
