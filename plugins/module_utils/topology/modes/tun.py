# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Tunnels: the director wraps the request; the real server has the VIP, and unwraps it."""

from __future__ import annotations

from functools import partial
from typing import Any, Iterator

from ...ipvs.schema import Field
from ...net.addresses import MAX_PORT, family
from ..declaration.model import Shape
from ..paths.path import Path, once_per_leg
from ..paths.routed import Routed
from . import tun_checks as checks
from .mode import HALF_SEEN, Additions, Mode
from .tunnel import (
    CHECKSUM,
    GRE,
    GUE,
    IPIP,
    NO_CHECKSUM,
    REMOTE_CHECKSUM,
    Tunnel,
    arriving,
    mss_limit,
    room,
    tunnel_of,
)


def _real_server(path: Path) -> Additions:
    tunnel, limit = tunnel_of(path.service), mss_limit(path)
    return {
        "vips": [path.virtual.text],
        "tunnels": _tunnels(path, tunnel),
        "mss_limits": [{"address": path.virtual.text, "size": limit}] if limit else [],
        "loose_rp_filter": _asymmetric_devices(path),
    }


@once_per_leg
def _tunnels(path: Path, tunnel: Tunnel) -> list[dict[str, Any]]:
    return [
        {
            "type": tunnel.type,
            "local": path.rip.text,
            "family": family(path.vip),
            "port": tunnel.port or None,
            "checksum": (tunnel.type, tunnel.checksum) == (GRE, CHECKSUM),
        }
    ]


@once_per_leg
def _asymmetric_devices(path: Path) -> list[str]:
    """The RIP's device, if a director is not behind it for the host's main routes (IPv4)."""
    if path.node is None or family(path.rip.address) != "ipv4":
        return []
    devices = {
        route.device for dip in path.dips for route in path.node.routes_to(dip.interface.alone)
    }
    return [] if devices == {path.rip.device} else [path.rip.device]


def _destination(path: Path) -> dict[str, Any]:
    tunnel = tunnel_of(path.service)
    return {
        "tunnel_type": tunnel.type,
        "tunnel_port": tunnel.port,
        "tunnel_checksum": tunnel.checksum,
    }


def _warnings(path: Path) -> Iterator[str]:
    service, fits = path.service, room(path)
    if path.rip.address.version != path.vip.version:
        yield (
            f"service {service.name} reaches {path.server} by {family(path.rip.address)}: the "
            "kernel runs no synchronisation daemon beside destinations of another family"
        )
    if arriving(path) <= fits:
        return
    if service.protocol != "tcp":
        yield (
            f"service {service.name}: packets for {path.vip} of more than {fits} bytes do not fit "
            "into the tunnel; those that must not be fragmented are answered with ICMP"
        )
    elif path.node is None:
        yield (
            f"service {service.name}: packets for {path.vip} of more than {fits} bytes do not fit "
            f"into the tunnel to {path.server}; limit its TCP segments by hand"
        )


TUN = Mode(
    name="tun",
    shape=Shape(
        service_fields={
            "tunnel": Field("str", IPIP, (IPIP, GRE, GUE)),
            "tunnel_port": Field("int", 0, low=0, high=MAX_PORT),
            "tunnel_checksum": Field("str", NO_CHECKSUM, (NO_CHECKSUM, CHECKSUM, REMOTE_CHECKSUM)),
        },
        # VIP, tunnel and rp_filter were done by hand on a real server that is not managed.
        server_fields={"prepared": Field("bool", default=False)},
    ),
    forwarding="tunnel",
    resolver=partial(Routed, mixed=True),
    checks=checks.CHECKS,
    real_server=_real_server,
    destination=_destination,
    warnings=_warnings,
    settings={**HALF_SEEN, "pmtu_disc": 1},
)
