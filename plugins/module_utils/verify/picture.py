# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a picture of a topology shows: hosts, services, and the links of requests and replies.

SVG and Mermaid are both drawn from it. Where facts or packets of hosts are known, the addresses are
those of the interfaces that packets passed.
"""

from __future__ import annotations

from itertools import product
from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Sequence

from ..listing import MOST_NAMES
from ..net.addresses import family_of
from .endpoints import Endpoint, Server
from .hosts import Hosts, Interface

CLIENTS, ROUTERS, DIRECTORS = "lvs_clients", "lvs_routers", "lvs_directors"
LANES = ("clients", "routers", "directors", "real servers")
CLIENT, ROUTER, DIRECTOR, SERVER = range(len(LANES))
REQUEST, REPLY = "request", "reply"


class Offer(NamedTuple):
    """A service on a real server."""

    service: int  # its place among the services of the picture
    text: str
    is_out: bool = False  # it gets no new connections
    why: str = ""


class Host(NamedTuple):
    """A host, or the address of an unmanaged real server."""

    name: str
    lane: int
    addresses: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    state: str = ""  # of a director of a pair


class Shown(NamedTuple):
    """A service."""

    name: str
    mode: str
    vips: tuple[str, ...]
    verdict: str = ""


class Link(NamedTuple):
    """What goes from one host to the next."""

    source: str
    target: str
    kind: str
    service: int


class Picture(NamedTuple):
    """Everything that is drawn."""

    hosts: tuple[Host, ...]
    services: tuple[Shown, ...]
    links: tuple[Link, ...]
    first: int = 1  # the number of the first service
    networks: Mapping[int, tuple[str, ...]] = {}  # between a lane and the next one that has hosts

    def lane_of(self, name: str) -> int:
        """Return the lane of a host; -1 for one that is not drawn."""
        return next((host.lane for host in self.hosts if host.name == name), -1)


def declared(endpoints: Sequence[Endpoint], groups: Mapping[str, Sequence[str]]) -> Picture:
    """Return what is declared, with the links that each mode demands."""
    numbers = _numbers(endpoints)
    links = (
        link
        for endpoint in endpoints
        for server in endpoint.servers
        if server.weight
        for link in _demanded(server, numbers[endpoint.service], groups)
    )
    return _picture(endpoints, groups, links, {}, {})


def observed(
    endpoints: Sequence[Endpoint],
    hosts: Hosts,
    groups: Mapping[str, Sequence[str]],
    verdicts: Sequence[Mapping[str, Any]],
    first: int = 1,
) -> Picture:
    """Return what packets were seen to do; services are numbered from the first one on."""
    numbers = _numbers(endpoints)
    hops = [
        (numbers[verdict["service"]], kind, hop)
        for verdict in verdicts
        for way in verdict["ways"]
        for kind in (REQUEST, REPLY)
        for hop in way[kind]
    ]
    links = (Link(hop["from"], hop["to"], kind, number) for number, kind, hop in hops)
    vips = {one.vip for one in endpoints}
    reds = {verdict["service"] for verdict in verdicts if verdict["findings"]}
    verdict_of = {name: "red" if name in reds else "green" for name in numbers}
    found = _picture(endpoints, groups, links, _passed(hops, hosts, vips), verdict_of)
    states = _states(groups.get(DIRECTORS, ()), endpoints, hosts)
    shown = tuple(one._replace(state=states.get(one.name, "")) for one in found.hosts)
    return found._replace(hosts=shown, first=first, networks=_networks(found, hops, hosts))


def _numbers(endpoints: Iterable[Endpoint]) -> dict[str, int]:
    names = dict.fromkeys(one.service for one in endpoints)
    return {name: number for number, name in enumerate(names)}


def _demanded(server: Server, service: int, groups: Mapping[str, Sequence[str]]) -> Iterator[Link]:
    """Yield the links that a real server's mode demands."""
    way = [name for group in (CLIENTS, ROUTERS) for name in groups.get(group, ())[:1]]
    for director in groups.get(DIRECTORS, ()):
        there = list(dict.fromkeys((*way, director, server.name)))
        back = there if server.demand.through_director else [*way, server.name]
        for kind, hosts in ((REQUEST, there), (REPLY, back[::-1])):
            yield from (Link(*ends, kind, service) for ends in zip(hosts, hosts[1:]))


def _picture(
    endpoints: Sequence[Endpoint],
    groups: Mapping[str, Sequence[str]],
    links: Iterable[Link],
    addresses: Mapping[str, tuple[str, ...]],
    verdicts: Mapping[str, str],
) -> Picture:
    hosts: dict[str, Host] = {}
    for lane, group in enumerate((CLIENTS, ROUTERS, DIRECTORS)):
        for name in groups.get(group, ()):
            hosts.setdefault(name, Host(name, lane, addresses.get(name, ())))
    offers = _offers(endpoints)
    for name, (rips, of_server) in offers.items():
        known = hosts.get(name) or Host(name, SERVER)
        if known.lane == SERVER:
            known = known._replace(addresses=tuple(one for one in rips if one != name))
        hosts[name] = known._replace(offers=tuple(of_server))
    services = []
    for name in _numbers(endpoints):
        own = [one for one in endpoints if one.service == name]
        modes = ", ".join(dict.fromkeys(one.mode for one in own))
        vips = _first(dict.fromkeys(map(_vip, own)))
        services.append(Shown(name, modes, vips, verdicts.get(name, "")))
    there = dict.fromkeys(
        link
        for link in links
        if link.source in hosts and link.target in hosts and link.source != link.target
    )
    return Picture(tuple(hosts.values()), tuple(services), tuple(there))


_Offers = Mapping[str, "tuple[dict[str, None], list[Offer]]"]


def _offers(endpoints: Sequence[Endpoint]) -> _Offers:
    """Return for each real server its addresses and what it serves."""
    numbers = _numbers(endpoints)
    found: dict[str, dict[int, list[Server]]] = {}
    modes: dict[int, set[str]] = {}
    for endpoint in endpoints:
        number = numbers[endpoint.service]
        for server in endpoint.servers:
            found.setdefault(server.name, {}).setdefault(number, []).append(server)
            modes.setdefault(number, set()).add(server.mode)
    return {
        name: (
            {server.rip: None for each in services.values() for server in each if server.rip},
            [_offer(number, each, modes[number]) for number, each in services.items()],
        )
        for name, services in found.items()
    }


def _offer(service: int, servers: Sequence[Server], modes: set[str]) -> Offer:
    first = servers[0]
    ports = _first(dict.fromkeys(str(server.port) for server in servers if server.port))
    parts = [f":{','.join(ports)}" if ports else "", f"weight {first.weight}"]
    if first.is_fallback:
        parts.append("fallback")
    if len(modes) > 1:
        parts.append(first.mode)
    why = first.reason or ("" if first.weight else "declared with weight 0")
    return Offer(service, " ".join(filter(None, parts)), not first.weight, why)


def _vip(endpoint: Endpoint) -> str:
    address = endpoint.address if endpoint.port else endpoint.vip
    return address if endpoint.protocol == "tcp" else f"{address}/{endpoint.protocol}"


def _first(texts: Iterable[str]) -> tuple[str, ...]:
    every = [*texts]
    more = len(every) - MOST_NAMES
    return (*every[:MOST_NAMES], *([f"and {more} more"] if more > 0 else []))


_Hops = Sequence["tuple[int, str, Mapping[str, Any]]"]


def _passed(hops: _Hops, hosts: Hosts, vips: set[str]) -> dict[str, tuple[str, ...]]:
    """Return for each host its addresses on interfaces that packets passed."""
    found: dict[str, dict[str, None]] = {}
    for _number, _kind, hop in hops:
        for near in _ends(hop, hosts):
            for side, one in zip(("from", "to"), near):
                if str(one.at.ip) not in vips:
                    found.setdefault(hop[side], {})[str(one.at.ip)] = None
    return {name: _first(addresses) for name, addresses in found.items()}


def _networks(picture: Picture, hops: _Hops, hosts: Hosts) -> dict[int, tuple[str, ...]]:
    """Return the networks between a lane and the next one, by what passed them."""
    used = sorted({host.lane for host in picture.hosts})
    following = dict(zip(used, used[1:]))
    found: dict[int, dict[str, None]] = {}
    for _number, _kind, hop in hops:
        lanes = sorted((picture.lane_of(hop["from"]), picture.lane_of(hop["to"])))
        if following.get(lanes[0]) == lanes[1]:
            for one, _other in _ends(hop, hosts):
                found.setdefault(lanes[0], {})[str(one.at.network)] = None
    return {lane: _first(networks) for lane, networks in found.items()}


def _ends(hop: Mapping[str, Any], hosts: Hosts) -> Iterator[tuple[Interface, Interface]]:
    """Yield addresses of both hosts of a hop in one network; uncaptured, of any interface."""
    host, other = hosts.by_name.get(hop["from"]), hosts.by_name.get(hop["to"])
    if host and other:
        # Of the outer packet, where there is one; the other one has a port, too.
        family = family_of(hop["outer"] or hop["target"].rpartition(":")[0])
        for one, near in product(host.interfaces, other.interfaces):
            is_seen = hop["out_interface"] in ("", one.device) and hop["in_interface"] in (
                "",
                near.device,
            )
            is_shared = near.at.ip in one.at.network and one.at.network.num_addresses > 1
            if is_seen and is_shared and family_of(str(one.at.ip)) == family:
                yield one, near


def _states(
    directors: Sequence[str], endpoints: Sequence[Endpoint], hosts: Hosts
) -> dict[str, str]:
    """Tell of several directors which one has the VIPs."""
    if not directors[1:]:
        return {}
    vips = {one.vip for one in endpoints}
    return {
        name: "has the VIPs" if vips & hosts.by_name[name].addresses else "standby"
        for name in directors
        if name in hosts.by_name
    }
