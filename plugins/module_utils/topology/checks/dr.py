# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What DR demands: the real server takes requests for the VIP in silence. Pure."""

from __future__ import annotations

from typing import Iterator

from ansible_collections.lvs.topology.plugins.module_utils.topology.addresses import family
from ansible_collections.lvs.topology.plugins.module_utils.topology.checks.addresses import (
    shared_subnet,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.checks.check import PathCheck
from ansible_collections.lvs.topology.plugins.module_utils.topology.path import Path
from ansible_collections.lvs.topology.plugins.module_utils.topology.topology import Topology
from ansible_collections.lvs.topology.plugins.module_utils.topology.violation import Finding

SUPPRESS, STATIC, BOTH = "suppress", "static", "both"
_EVERY_INTERFACE = "all"


def _same_port(path: Path, _topology: Topology) -> Iterator[Finding]:
    port, wanted = path.server.port, path.service.port
    if port != wanted:
        yield Finding(
            f"port {port}",
            f"{wanted}, the service's own: DR changes the MAC address alone (NAT maps ports)",
        )


def _return_route(path: Path, topology: Topology) -> Iterator[Finding]:
    directors = {
        one.address: director.name for director in topology.directors for one in director.interfaces
    }
    for clients, routes in path.routes_to_clients():
        for route in routes:
            if route.gateway in directors:
                yield Finding(
                    f"replies to {clients} go by {route}, the director {directors[route.gateway]}",
                    "a route through a router: the director drops packets from its own VIP",
                )
        if not routes:
            yield Finding(f"no route to {clients}", "a route by which it answers the clients")


def _managed(path: Path, _topology: Topology) -> Iterator[Finding]:
    if path.node is None and not path.server.extra["prepared"]:
        yield Finding(
            "a real server that is not managed",
            "a host of lvs_real_servers, or prepared: true where VIP and ARP suppression were done "
            "by hand",
        )


def _prepared_by_hand(path: Path, _topology: Topology) -> Iterator[Finding]:
    if path.node is not None and path.server.extra["prepared"]:
        yield Finding(
            "prepared: true for a managed host",
            "prepared only beside an address alone: managed hosts are prepared by us",
        )


def _vip_is_dip(path: Path, _topology: Topology) -> Iterator[Finding]:
    for dip in path.dips:
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
    if _EVERY_INTERFACE not in covered and path.rip.device not in covered:
        yield Finding(
            f"topology_arp_interfaces: {', '.join(covered)}",
            f"{path.rip.device} among them, where the RIP {path.rip.address} is: it would answer "
            "for the VIP (an empty list leaves ARP to you)",
        )


CHECKS = (
    *shared_subnet("dr"),
    PathCheck("dr.port", "a real server has the service's port", _same_port),
    PathCheck("dr.managed", "a real server is managed, or prepared by hand", _managed),
    PathCheck("dr.prepared", "only hosts that are not managed are prepared", _prepared_by_hand),
    PathCheck("dr.return-route", "the way to the clients avoids the director", _return_route),
    PathCheck("dr.vip-is-dip", "a VIP is not the DIP", _vip_is_dip),
    PathCheck("dr.arp-suppressed", "nobody but the director answers for a VIP", _arp_suppressed),
)
