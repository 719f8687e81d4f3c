# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The paths of a topology as plain data, for what is done with it besides converging."""

from __future__ import annotations

from itertools import groupby, product
from typing import Any, Iterator, Mapping

from ..net.addresses import family
from ..net.ports import PortRange
from .modes.table import mode_of, modes_of
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
        service = paths[0].service
        for protocol, (index, ports) in product(service.protocols, enumerate(service.ports)):
            port = {"protocol": protocol, "port": _single(ports), "ports": str(ports)}
            for path in paths:
                yield {**shared, **port, **_of_server(path, _single(path.ports[index]))}


def _single(ports: PortRange) -> int:
    """The port, where it is a single one; else 0, as for every port."""
    return ports.first if ports.is_single else 0


def _of_vip(path: Path) -> dict[str, Any]:
    """What all paths of a VIP have in common."""
    service, virtual = path.service, path.virtual.service
    # Routers know who has the VIP; who would answer is then all the same.
    anybody_answers = any(
        mode.uses_static_arp(service) and not mode.suppresses_arp(service)
        for mode in modes_of(service)
    )
    return {
        "service": service.name,
        "vip": path.virtual.text,
        "fwmark": service.fwmark,
        "scheduler": virtual.scheduler,
        "persistent": bool(virtual.persistence_timeout),
        "watched": service.health is not None,
        "static_arp": anybody_answers and family(path.vip) == "ipv4",
        # Rules of ours for replies, which facts of hosts leave out.
        "policy_route": service.extra.get("return_route") == "policy",
    }


def _of_server(path: Path, rip_port: int) -> dict[str, Any]:
    return {
        "mode": path.mode,
        "on_director": path.leg.on_director,
        "server": path.node.name if path.node else path.rip.text,
        "host": path.node.name if path.node else "",
        "rip": path.rip.text,
        "rip_port": rip_port,
        "weight": path.server.settings.weight,
        "fallback": path.server.is_fallback,
        # What real servers see in place of clients, where the mode has it so.
        "lips": _lips(path),
        "dips": path.leg.dip_of,
        "real_server_has_vip": mode_of(path).real_server_has_vip,
        "listens_on_rip": mode_of(path).demand.rewritten,
        **_tunnel(path),
    }


def _tunnel(path: Path) -> Mapping[str, Any]:
    tunnel = mode_of(path).tunnel(path.service)
    if not tunnel:
        return {"tunnel": "", "tunnel_port": 0}
    return {
        "tunnel": tunnel.kind.inside[family(path.vip)].name,
        "tunnel_port": tunnel.port,
    }


@once_per_leg
def _lips(path: Path) -> list[str]:
    if not mode_of(path).demand.local_source:
        return []
    return [str(lip) for dip in path.dips for lip in dip.lips.addresses]
