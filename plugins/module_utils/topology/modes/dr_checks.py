# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What DR demands: the real server takes requests for the VIP in silence."""

from __future__ import annotations

from typing import Iterator

from ...net.addresses import family
from ..paths.path import Path
from ..topology import Topology
from ..violation import Finding
from .addresses import shared_subnet
from .check import PathCheck
from .real_server_vip import EVERY_INTERFACE, real_server_vip

SUPPRESS, STATIC, BOTH = "suppress", "static", "both"


def _vip_is_dip(path: Path, _topology: Topology) -> Iterator[Finding]:
    for dip in path.dips if path.virtual.text in path.leg.dip_of.values() else ():
        if dip.interface.address == path.vip:
            yield Finding(
                f"the VIP {path.vip}, which is the only address of {dip.director.name} in the "
                "subnet, and so the DIP",
                "a VIP of its own: a real server that has the DIP cannot answer the director's ARP",
            )


def _arp_suppressed(path: Path, topology: Topology) -> Iterator[Finding]:
    covered = topology.options.arp_interfaces
    if path.service.extra["arp"] == STATIC:
        return
    if path.node is None or family(path.vip) != "ipv4" or not covered:
        return
    if EVERY_INTERFACE not in covered and path.rip.device not in covered:
        yield Finding(
            f"topology_arp_interfaces: {', '.join(covered)}",
            f"{path.rip.device} among them, where the RIP {path.rip.address} is: it would answer "
            "for the VIP (an empty list leaves ARP to you)",
        )


CHECKS = (
    *shared_subnet("dr"),
    *real_server_vip(
        "dr",
        reason="DR changes the MAC address alone",
        by_hand="VIP and ARP suppression",
    ),
    PathCheck("dr.vip-is-dip", "a VIP is not the DIP", _vip_is_dip),
    PathCheck("dr.arp-suppressed", "nobody but the director answers for a VIP", _arp_suppressed),
)
