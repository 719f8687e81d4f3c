# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The paths of a topology as plain data, for what is done with it besides converging."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Iterator, Mapping

from ..net.addresses import family
from .modes.dr_checks import STATIC
from .modes.fullnat import FULLNAT
from .modes.tun import TUN
from .modes.tunnel import IPIP, tunnel_of
from .paths.path import Path, once_per_leg
from .topology import Topology


def describe(topology: Topology) -> list[dict[str, Any]]:
    """Every path with a RIP that is known for sure, by service, VIP and real server."""
    return [*_described(topology)]


def _described(topology: Topology) -> Iterator[dict[str, Any]]:
    known = [path for path in topology.paths if len(path.rips) == 1]
    for _key, group in groupby(known, key=lambda path: (path.service.name, path.vip)):
        paths = [*group]
        shared = _of_vip(paths[0])
        for index, port in enumerate(paths[0].service.ports):
            for path in paths:
                yield {**shared, "port": port, **_of_server(path, path.ports[index])}


def _of_vip(path: Path) -> dict[str, Any]:
    """What all paths of a VIP have in common."""
    virtual = path.virtual.service
    return {
        "service": path.service.name,
        "mode": path.service.mode,
        "vip": path.virtual.text,
        "fwmark": path.service.fwmark,
        "protocol": path.service.protocol,
        "scheduler": virtual.scheduler,
        "persistent": bool(virtual.persistence_timeout),
        # Routers are told who has the VIP; who would answer is then all the same.
        "static_arp": path.service.extra.get("arp") == STATIC and family(path.vip) == "ipv4",
        **_tunnel(path),
    }


def _of_server(path: Path, rip_port: int) -> dict[str, Any]:
    return {
        "server": path.server.host or path.rip.text,
        "host": path.server.host,
        "rip": path.rip.text,
        "rip_port": rip_port,
        "weight": path.server.settings.weight,
        # What real servers see in place of clients, where the mode has it so.
        "lips": _lips(path),
        "dips": path.leg.dip_of,
    }


def _tunnel(path: Path) -> Mapping[str, Any]:
    if path.service.mode != TUN.name:
        return {"tunnel": "", "tunnel_port": 0}
    tunnel = tunnel_of(path.service)
    # IPv6 in IPIP has another protocol number than IPv4, and a name of its own.
    is_sit = tunnel.type == IPIP and family(path.vip) == "ipv6"
    return {"tunnel": "sit" if is_sit else tunnel.type, "tunnel_port": tunnel.port}


@once_per_leg
def _lips(path: Path) -> list[str]:
    if path.service.mode != FULLNAT.name:
        return []
    return [str(lip) for dip in path.dips for lip in dip.lips.addresses]
