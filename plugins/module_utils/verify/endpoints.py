# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Endpoints that clients connect to, their real servers, and the demands of each mode."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Sequence, TypeVar

from ..ipvs.model import endpoint as written
from ..net.ports import parse_ports
from ..topology.modes.mode import Demand
from ..topology.modes.table import mode_named

# Schedulers that give every real server its share of one client's requests.
_SPREADING = frozenset({"rr", "wrr", "lc", "wlc"})
_ROUNDS = 2
_OF_RANGE = 5  # ports that stand for a range: the first, the last, and some between

One = TypeVar("One")


class Server(NamedTuple):
    """A real server of an endpoint."""

    name: str  # its host, or its address if it is unmanaged
    host: str  # "" = unmanaged
    mode: str
    rip: str
    port: int
    weight: int
    dips: Mapping[str, str]  # director → its address towards the real server
    lips: tuple[str, ...]  # what it sees in place of clients, if so demanded
    tunnel: str  # the name that its packets have in captures; "" = requests are not wrapped
    tunnel_port: int  # 0 = it has none
    on_director: bool = False  # whether the director is this real server itself
    is_fallback: bool = False  # whether it serves only if no other one can
    reason: str = ""  # why its weight is not the declared one

    @property
    def demand(self) -> Demand:
        """What its mode demands."""
        return mode_named(self.mode, is_on_director=self.on_director).demand


class Endpoint(NamedTuple):
    """One VIP and port of a service."""

    service: str
    vip: str
    port: int
    protocol: str
    fwmark: int  # 0 = IPVS knows it by VIP and port
    static_arp: bool  # routers have static entries for the VIP, so that any host may answer
    policy_route: bool  # a rule of ours leads replies, which facts of hosts leave out
    persistent: bool  # whether a client keeps its real server, drained or not
    spreads: bool  # whether a single client's requests must reach every real server
    servers: tuple[Server, ...]
    of_range: bool = False  # whether it stands for a range of ports
    is_watched: bool = False  # whether health checks decide about weights

    @property
    def address(self) -> str:
        """VIP and port."""
        return written(self.vip, self.port)

    @property
    def mode(self) -> str:
        """The modes of its real servers."""
        return ", ".join(dict.fromkeys(server.mode for server in self.servers))

    @property
    def requests(self) -> int:
        """Two rounds of the weights in their lowest terms."""
        active = [server.weight for server in self.servers if server.weight]
        if not active:
            return 1
        divisor = 0
        for weight in active:
            divisor = math.gcd(divisor, weight)
        return _ROUNDS * sum(active) // divisor

    def server_at(self, rip: str) -> Server | None:
        """Return the real server with this RIP."""
        return next((server for server in self.servers if server.rip == rip), None)

    def server_on(self, host: str) -> Server | None:
        """Return the real server on this host."""
        return next((server for server in self.servers if server.host == host), None)


def evenly(items: Sequence[One], most: int) -> list[One]:
    """Return at most so many, the first and the last among them and the others between."""
    count = min(len(items), most)
    steps = max(1, count - 1)
    return [items[number * (len(items) - 1) // steps] for number in range(count)]


def read_endpoints(paths: Iterable[Mapping[str, Any]]) -> tuple[Endpoint, ...]:
    """Return the endpoints of compile_topology's ``paths``, in their order; of a range, a few."""
    places = ("service", "vip", "protocol", "ports")
    grouped = groupby(paths, key=lambda path: tuple(path[name] for name in places))
    return tuple(one for _key, each in grouped for one in _endpoints([*each]))


def _endpoints(paths: Sequence[Mapping[str, Any]]) -> Iterator[Endpoint]:
    ports = parse_ports(paths[0]["ports"], 0)
    if ports is None or ports.is_single:
        yield _endpoint(paths)
        return
    for port in evenly(range(ports.first, ports.last + 1), _OF_RANGE):
        alone = [{**path, "port": port, "rip_port": port} for path in paths]
        yield _endpoint(alone)._replace(of_range=True)


def _endpoint(paths: Sequence[Mapping[str, Any]]) -> Endpoint:
    first = paths[0]
    return Endpoint(
        service=first["service"],
        vip=first["vip"],
        port=first["port"],
        protocol=first["protocol"],
        fwmark=first["fwmark"],
        static_arp=first["static_arp"],
        policy_route=first["policy_route"],
        persistent=first["persistent"],
        spreads=first["scheduler"] in _SPREADING and not first["persistent"],
        is_watched=first["watched"],
        servers=tuple(
            Server(
                name=path["server"],
                host=path["host"],
                mode=path["mode"],
                on_director=path["on_director"],
                is_fallback=path["fallback"],
                rip=path["rip"],
                port=path["rip_port"],
                weight=path["weight"],
                dips=path["dips"],
                lips=tuple(path["lips"]),
                tunnel=path["tunnel"],
                tunnel_port=path["tunnel_port"],
            )
            for path in paths
        ),
    )
