# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""NAT: the director rewrites the destination, and on the way back the source."""

from __future__ import annotations

from ...ipvs.schema import Field
from ...net.addresses import family
from ..declaration.model import Shape
from ..paths.path import Dip, Path
from ..paths.shared_subnet import SharedSubnet
from . import nat_checks as checks
from .mode import Additions, Mode, asymmetric_devices


def _real_server(path: Path) -> Additions:
    if path.service.extra["return_route"] != checks.POLICY:
        return {}
    routes = [
        {
            "source": path.rip.text,
            "protocol": path.service.protocol,
            "port": port,
            "gateway": path.dip.text,
        }
        for port in path.ports
    ]
    return {"return_routes": routes, "loose_rp_filter": asymmetric_devices(path)}


def _director(path: Path, dip: Dip) -> Additions:
    # Replies are forwarded, from the real server's network to the clients'.
    additions = {"forward": [family(path.vip)]}
    if family(path.vip) == "ipv4":
        # Where they leave by the interface by which they came, the kernel would tell the real
        # server of the short way, past the director. (An IPv6 host believes that of its next hop's
        # link-local address only, and the DIP is none.)
        additions["no_redirects"] = [
            dip.interface.device
            for clients in path.clients
            for route in dip.director.routes_to(clients)
            if route.device == dip.interface.device
        ]
    return additions


NAT = Mode(
    name="nat",
    # main: the real server's own route leads through the DIP; policy: we write one for its replies.
    shape=Shape(
        service_fields={"return_route": Field("str", "main", ("main", checks.POLICY))},
        server_fields={},
    ),
    forwarding="masq",
    resolver=SharedSubnet,
    checks=checks.CHECKS,
    real_server=_real_server,
    director=_director,
    real_server_has_vip=False,
)
