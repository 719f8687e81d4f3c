# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""FULLNAT: NAT in which the director puts an address of its own in place of the client's."""

from __future__ import annotations

from typing import Any

from ...net.addresses import family
from ..declaration.model import Shape
from ..paths.path import Dip, Path
from ..paths.routed import Routed
from . import fullnat_checks as checks
from .mode import Additions, Mode


def _director(path: Path, dip: Dip) -> Additions:
    lips: list[dict[str, Any]] = []
    if dip.pool:
        device = dip.interface.device
        lips = [{"address": str(lip), "interface": device} for lip in dip.pool.addresses]
    return {
        # Replies are forwarded, once the client is their destination again.
        "forward": [family(path.vip)],
        "snat": [
            {
                "address": path.virtual.text,
                "protocol": path.service.protocol,
                "port": port,
            }
            for port in path.service.ports
        ],
        "local_addresses": [
            {
                "real_server": path.rip.text,
                "first": str(dip.lips.first),
                "last": str(dip.lips.last),
            }
        ],
        "lips": lips,
    }


FULLNAT = Mode(
    name="fullnat",
    shape=Shape(service_fields={}, server_fields={}),
    forwarding="masq",
    resolver=Routed,
    checks=checks.CHECKS,
    director=_director,
    settings={"conntrack": 1},
    real_server_has_vip=False,
)
