# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Direct routing: the director changes the MAC address only; the real server has the VIP."""

from __future__ import annotations

from ...ipvs.schema import Field
from ..declaration.model import Service, Shape
from ..paths.path import Path
from ..paths.shared_subnet import SharedSubnet
from . import dr_checks as checks
from .mode import HALF_SEEN, Additions, Mode, asymmetric_devices


def _real_server(path: Path) -> Additions:
    return {"vips": [path.virtual.text], "loose_rp_filter": asymmetric_devices(path)}


def _suppresses_arp(service: Service) -> bool:
    return service.extra["arp"] in (checks.SUPPRESS, checks.BOTH)


def _pins_neighbours(service: Service) -> bool:
    return service.extra["arp"] in (checks.STATIC, checks.BOTH)


DR = Mode(
    name="dr",
    shape=Shape(
        # suppress: real servers are silent about the VIP; static: routers do not ask who has it.
        service_fields={
            "arp": Field("str", checks.SUPPRESS, (checks.SUPPRESS, checks.STATIC, checks.BOTH))
        },
        # VIP and ARP suppression were done by hand on a real server that is not managed.
        server_fields={"prepared": Field("bool", default=False)},
    ),
    forwarding="droute",
    resolver=SharedSubnet,
    checks=checks.CHECKS,
    real_server=_real_server,
    settings=HALF_SEEN,
    suppresses_arp=_suppresses_arp,
    pins_neighbours=_pins_neighbours,
)
