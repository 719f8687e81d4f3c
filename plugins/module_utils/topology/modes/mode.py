# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What sets a mode apart. A new mode is a file like ``dr.py`` and a line in ``table.py``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Iterable, Mapping, Sequence

from ...net.addresses import family
from ..declaration.model import Service, Shape
from ..paths.path import Dip, Path, once_per_leg
from ..paths.resolver import MakeFinder
from .check import PathCheck

# Of a connection in DR or TUN the director sees one half, and of its end no more than FIN_WAIT. For
# 120 seconds it sends a client that uses its port again to the same real server, drained or not,
# unless bit 2 of conn_reuse_mode has it choose anew (is_new_conn_expected() in ip_vs_core.c).
HALF_SEEN = {"conn_reuse_mode": 2}

# List options of a module, by name: what one path adds to each of them.
Additions = Mapping[str, Sequence[Any]]


def _nothing_on_real_server(_path: Path) -> Additions:
    return {}


def _nothing_on_director(_path: Path, _dip: Dip) -> Additions:
    return {}


def _nothing_of_destination(_path: Path) -> Mapping[str, Any]:
    return {}


def _no_warnings(_path: Path) -> Iterable[str]:
    return ()


def _always(_service: Service) -> bool:
    return True


def _never(_service: Service) -> bool:
    return False


@dataclass(frozen=True)
class Mode:
    """One pattern of a service."""

    name: str
    shape: Shape
    forwarding: str  # as the module ipvs_services calls it
    resolver: MakeFinder  # of RIP and DIP
    checks: tuple[PathCheck, ...]
    # What a path adds to the arguments of the modules real_server and director. A director's values
    # each depend on the VIP's service alone or on the leg alone: each of these is asked about once.
    real_server: Callable[[Path], Additions] = _nothing_on_real_server
    director: Callable[[Path, Dip], Additions] = _nothing_on_director
    destination: Callable[[Path], Mapping[str, Any]] = _nothing_of_destination  # its IPVS fields
    warnings: Callable[[Path], Iterable[str]] = _no_warnings
    settings: Mapping[str, int] = field(default_factory=dict)  # of IPVS, on every director
    real_server_has_vip: bool = True
    # What keeps a real server that has the VIP (IPv4) from taking its traffic.
    suppresses_arp: Callable[[Service], bool] = _always  # there
    pins_neighbours: Callable[[Service], bool] = _never  # on the routers


@once_per_leg
def asymmetric_devices(path: Path) -> list[str]:
    """The RIP's device, if clients are not behind it for the host's main routes.

    Requests come with the client's own address, and a strict rp_filter drops them there. IPv6 has
    no such filter.
    """
    if family(path.vip) != "ipv4":
        return []
    devices = {route.device for _clients, routes in path.routes_to_clients() for route in routes}
    return [] if devices == {path.rip.device} else [path.rip.device]
