# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Direct routing: the director changes the MAC address only; the real server has the VIP.

The real server takes requests for the VIP, and does not answer ARP for it.
"""

from __future__ import annotations

from typing import Iterator

from ...ipvs.model import DROUTE
from ...net.addresses import family
from ..declaration.model import Shape
from ..paths.path import Path
from ..paths.shared_subnet import SharedSubnet
from ..topology import Topology
from ..violation import Finding
from . import arp, real_server_vip
from .addresses import shared_subnet
from .check import PathCheck
from .mode import ONE_WAY_REUSE, Additions, Demand, Mode, asymmetric_devices


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
    if not arp.is_suppressed(path.service):
        return
    if path.node is None or family(path.vip) != "ipv4" or not covered:
        return
    if real_server_vip.EVERY_INTERFACE not in covered and path.rip.device not in covered:
        yield Finding(
            f"topology_arp_interfaces: {', '.join(covered)}",
            f"{path.rip.device} among them, where the RIP {path.rip.address} is: it would answer "
            "for the VIP (an empty list leaves ARP to you)",
        )


_CHECKS = (
    *shared_subnet("dr"),
    *real_server_vip.checks(
        "dr",
        reason="DR changes the MAC address alone",
        by_hand="VIP and ARP suppression",
    ),
    PathCheck("dr.vip-is-dip", "a VIP is not the DIP", _vip_is_dip),
    PathCheck(
        "dr.arp-suppressed",
        "only the director answers ARP for a VIP",
        _arp_suppressed,
        is_acceptable=True,
    ),
)


def _real_server(path: Path) -> Additions:
    return {"vips": [path.virtual.text], "loose_rp_filter": asymmetric_devices(path, path.vip)}


DR = Mode(
    name="dr",
    shape=Shape(service_keys=arp.KEYS, server_keys=real_server_vip.KEYS),
    forwarding=DROUTE,
    demand=Demand(through_director=False, rewritten=False, wrapped=False, local_source=False),
    resolver=SharedSubnet,
    checks=_CHECKS,
    doubts=real_server_vip.doubts_of_replies,
    topology_checks=arp.checks("dr"),
    real_server=_real_server,
    settings=ONE_WAY_REUSE,
    suppresses_arp=arp.is_suppressed,
    uses_static_arp=arp.is_static,
)
