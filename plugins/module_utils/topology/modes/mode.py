# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What sets a mode apart. To add one: a file like ``dr.py``, a line in ``table.py``.

All layers ask here: the compiler, the playbooks (by way of ``path_facts.py``) and the verification.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Mapping, NamedTuple, Sequence

from ...net.addresses import IPAddress, family
from ..declaration.model import Service, Shape
from ..paths.path import Dip, Path
from ..paths.replies import ways_back
from ..paths.resolver import MakeFinder
from ..topology import Topology
from .check import PathCheck, TopologyCheck
from .tunnel import Tunnel

# Of a connection in DR or TUN the director sees one half, and of its end no more than FIN_WAIT. For
# 120 seconds it sends a client that uses its port again to the same real server, drained or not,
# unless bit 2 of conn_reuse_mode has it choose anew (is_new_conn_expected() in ip_vs_core.c).
ONE_WAY_REUSE = {"conn_reuse_mode": 2}

# List options of a module, by name: what one path adds to each of them.
Additions = Mapping[str, Sequence[Any]]


def _nothing_on_real_server(_path: Path) -> Additions:
    return {}


def _nothing_on_director(_path: Path, _dip: Dip) -> Additions:
    return {}


def _nothing_of_destination(_path: Path) -> Mapping[str, Any]:
    return {}


def no_warnings(_path: Path) -> Iterable[str]:
    """Nothing that is worth a second look."""
    return ()


def _no_doubts(_path: Path, _topology: Topology) -> Iterable[str]:
    return ()


def _no_tunnel(_service: Service) -> Tunnel | None:
    return None


def _no_modules(_service: Service) -> Mapping[str, str]:
    return {}


def _always(_service: Service) -> bool:
    return True


def _never(_service: Service) -> bool:
    return False


class Demand(NamedTuple):
    """What a mode demands of the way of requests and replies."""

    through_director: bool  # whether replies pass the director
    rewritten: bool  # whether requests reach the real server with its own address
    wrapped: bool  # whether they reach it inside a tunnel's packet
    local_source: bool  # whether they have a LIP in place of the client's address
    on_director: bool = False  # whether the director answers them itself


@dataclass(frozen=True)
class Mode:
    """One pattern of a service."""

    name: str
    shape: Shape
    forwarding: str  # as the module director calls it
    demand: Demand
    resolver: MakeFinder  # of RIP and DIP
    checks: tuple[PathCheck, ...]
    topology_checks: tuple[TopologyCheck, ...] = ()
    # What a path adds to the arguments of the modules real_server and director. A director's values
    # each depend on the VIP's service alone or on the leg alone: each of these is asked about once.
    real_server: Callable[[Path], Additions] = _nothing_on_real_server
    director: Callable[[Path, Dip], Additions] = _nothing_on_director
    destination: Callable[[Path], Mapping[str, Any]] = _nothing_of_destination  # its IPVS fields
    tunnel: Callable[[Service], Tunnel | None] = _no_tunnel
    warnings: Callable[[Path], Iterable[str]] = no_warnings
    # What cannot be told of a path, without the path's name: many may have the same.
    doubts: Callable[[Path, Topology], Iterable[str]] = _no_doubts
    settings: Mapping[str, int] = field(default_factory=dict)  # of IPVS, on every director
    # Modules of every director's kernel, without ip_vs_, and the key that asks for each.
    modules: Callable[[Service], Mapping[str, str]] = _no_modules
    # What keeps a real server that has the VIP (IPv4) from taking its traffic.
    suppresses_arp: Callable[[Service], bool] = _always  # there
    uses_static_arp: Callable[[Service], bool] = _never  # on the routers

    @property
    def real_server_has_vip(self) -> bool:
        """Whether real servers get the VIP, and their applications may listen there alone."""
        return not (self.demand.rewritten or self.demand.on_director)


def asymmetric_devices(path: Path, source: IPAddress) -> list[str]:
    """The RIP's device, if the host may send replies from this source by another one.

    Requests come with the client's own address, and a strict rp_filter drops them there. IPv6 has
    no such filter.
    """
    if family(path.vip) != "ipv4":
        return []
    devices = {route.device for back in ways_back(path, source) for route in back.ways.routes}
    return [] if devices == {path.rip.device} else [path.rip.device]
