# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Endpoints that clients connect to, their real servers, and the demands of each mode."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any, Iterable, Mapping, NamedTuple, Sequence

from ..ipvs.model import endpoint as written
from ..topology.modes.mode import Demand
from ..topology.modes.table import mode_named

# Schedulers that give every real server its share of one client's requests.
_SPREADING = frozenset({"rr", "wrr", "lc", "wlc"})
_ROUNDS = 2


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
    spreads: bool  # whether a single client's requests must reach every real server
    servers: tuple[Server, ...]

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


def read_endpoints(paths: Iterable[Mapping[str, Any]]) -> tuple[Endpoint, ...]:
    """Return the endpoints of compile_topology's ``paths``, in their order."""
    grouped = groupby(paths, key=lambda path: (path["service"], path["vip"], path["port"]))
    return tuple(_endpoint([*each]) for _key, each in grouped)


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
        spreads=first["scheduler"] in _SPREADING and not first["persistent"],
        servers=tuple(
            Server(
                name=path["server"],
                host=path["host"],
                mode=path["mode"],
                on_director=path["on_director"],
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
