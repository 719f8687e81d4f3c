# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The tunnel of a path, and how large a client's packet may be to fit into it."""

from __future__ import annotations

from functools import lru_cache
from typing import Iterable, Iterator, NamedTuple

from ...net.addresses import IPNetwork
from ...tunnels.kind import TunnelKind
from ...tunnels.table import KINDS
from ..declaration.model import Service
from ..paths.facts import Node
from ..paths.path import Path, once_per_leg
from ..paths.replies import ways_back
from ..routing.routes import UNICAST

# What __ip_vs_get_out_rt() and __ip_vs_get_out_rt_v6() in net/netfilter/ipvs/ip_vs_xmit.c subtract
# from the route's MTU, by IP version outside.
_OUTER_HEADER = {4: 20, 6: 40}
_TCP_AND_IP_HEADER = {4: 40, 6: 60}


class Tunnel(NamedTuple):
    """How a service's packets are wrapped."""

    type: str
    port: int  # 0 = it has none
    checksum: str

    @property
    def kind(self) -> TunnelKind:
        """The kind of tunnel."""
        return KINDS[self.type]

    def overhead(self, version: int) -> int:
        """How much a packet grows, with this IP version outside."""
        return _OUTER_HEADER[version] + self.kind.overhead(self.checksum)


# Asked of few services at a time, for all their paths.
@lru_cache(maxsize=8)
def tunnel_of(service: Service) -> Tunnel:
    """The tunnel that a service with real servers in mode tun declares."""
    extra = service.extra
    return Tunnel(extra["tunnel"], extra["tunnel_port"], extra["tunnel_checksum"])


def effective_mtu(path: Path) -> int:
    """The largest packet of a client that fits through every director's tunnel, unfragmented."""
    return _mtu_inside(path) - tunnel_of(path.service).overhead(path.rip.at.version)


@once_per_leg
def _mtu_inside(path: Path) -> int:
    """The smallest MTU between the directors and the real server."""
    mtus = [size for dip in path.dips for size in _mtus(dip.director, [path.rip.alone])]
    if path.node and path.rip.device in path.node.mtus:
        mtus.append(path.node.mtus[path.rip.device])
    return min(mtus, default=0)


@once_per_leg
def ingress_mtu(path: Path) -> int:
    """The largest packet that can come to a director from where it sees the clients."""
    return max((size for dip in path.dips for size in _mtus(dip.director, path.clients)), default=0)


def mss_limit(path: Path) -> int:
    """The largest TCP segment that a real server may ask for; 0 where what it asks for fits."""
    fits = effective_mtu(path)
    if "tcp" not in path.service.protocols or _answered(path) <= fits:
        return 0
    return fits - _TCP_AND_IP_HEADER[path.vip.version]


def _answered(path: Path) -> int:
    """The largest packet that a real server can send towards the clients."""
    if path.node is None:
        return 0
    devices = {
        route.device
        for back in ways_back(path, path.vip)
        for route in back.ways.routes
        if route.kind == UNICAST
    }
    known = (path.node.mtus[device] for device in devices if device in path.node.mtus)
    return max(known, default=0)


def _mtus(node: Node, networks: Iterable[IPNetwork]) -> Iterator[int]:
    """The MTUs of the devices of a host's routes to some networks."""
    for network in networks:
        for route in node.routes_to(network):
            if route.device in node.mtus:
                yield node.mtus[route.device]
