# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The key ``arp``: what keeps real servers that have a VIP (IPv4) from taking its traffic.

With ``suppress`` they do not answer ARP for it; with ``static`` routers do not ask, because they
have a permanent neighbour entry; ``both`` does both.
"""

from __future__ import annotations

from typing import Iterator

from ...net.addresses import IPAddress, covers, family
from ..declaration.inventory import ROUTERS
from ..declaration.key import Key
from ..declaration.model import Service
from ..paths.facts import Node
from ..static_arp import StaticEntry, static_entries, vips_with_entries
from ..topology import Topology
from ..violation import Finding
from .check import TopologyCheck

_SUPPRESS, _STATIC, _BOTH = "suppress", "static", "both"

KEYS = {
    "arp": Key(
        "How traffic to an IPv4 VIP is kept away from the real servers. V(suppress) stops them "
        "from answering ARP for it. V(static) leaves their ARP sysctls alone, and installs static"
        " neighbour entries for the VIP on the routers of its subnet. V(both) does both. All "
        "services of a VIP must have the same value.",
        default=_SUPPRESS,
        choices=(_SUPPRESS, _STATIC, _BOTH),
    )
}
"""What a service of such a mode may say."""


def is_suppressed(service: Service) -> bool:
    """Whether real servers do not answer ARP for the service's VIPs."""
    return service.extra["arp"] in (_SUPPRESS, _BOTH)


def is_static(service: Service) -> bool:
    """Whether routers have static neighbour entries for the service's VIPs."""
    return service.extra.get("arp") in (_STATIC, _BOTH)


def _vips(topology: Topology) -> Iterator[tuple[Service, IPAddress]]:
    return vips_with_entries(filter(is_static, topology.services))


def _entries(topology: Topology) -> Iterator[StaticEntry]:
    return static_entries(topology, [*filter(is_static, topology.services)])


def _one_way(topology: Topology) -> Iterator[Finding]:
    first: dict[IPAddress, Service] = {}
    for service in topology.services:
        for virtual in service.virtuals:
            if "arp" not in service.extra or family(virtual.vip) != "ipv4":
                continue
            other = first.setdefault(virtual.vip, service)
            mine, theirs = service.extra["arp"], other.extra["arp"]
            if mine != theirs:
                yield Finding(
                    f"arp: {mine}, and {theirs} in the service {other.name}, which has the VIP "
                    f"{virtual.vip} as well",
                    "the same for both: ARP knows addresses, and no ports",
                    service.name,
                )


def _routers_managed(topology: Topology) -> Iterator[Finding]:
    if topology.options.manage_routers:
        return
    for service, vip in _vips(topology):
        yield Finding(
            f"arp: {service.extra['arp']} for the VIP {vip} beside topology_manage_routers: false",
            "routers that may get static entries for the VIP, or arp: suppress",
            service.name,
        )


def _some_router(topology: Topology) -> Iterator[Finding]:
    if not topology.options.manage_routers:
        return
    told = {(entry.service.name, entry.vip) for entry in _entries(topology)}
    unread = [name for name in topology.inventory.routers if name not in topology.nodes]
    for service, vip in _vips(topology):
        if (service.name, vip) not in told and not unread:
            routers = ", ".join(map(_described, topology.routers))
            yield Finding(
                f"no router that is in a subnet with the VIP {vip} ({routers or 'no host'} in the "
                f"group {ROUTERS})",
                "the routers of the VIP's subnet in that group, or arp: suppress",
                service.name,
            )


def _director_beside(topology: Topology) -> Iterator[Finding]:
    if not topology.directors:
        return
    for entry in _entries(topology):
        if entry.neighbour is None:
            yield Finding(
                f"{entry.interface}, a subnet with the VIP {entry.vip} and without a director "
                f"({', '.join(map(_described, topology.directors))})",
                "a director that has an interface with a MAC address there: the router's static "
                "entry leads to it",
                entry.service.name,
                entry.router.name,
            )


def _one_director(topology: Topology) -> Iterator[Finding]:
    names = topology.inventory.directors
    if len(names) > 1:
        for service in {service.name: service for service, _vip in _vips(topology)}.values():
            yield Finding(
                f"arp: {service.extra['arp']} with {len(names)} directors ({', '.join(names)})",
                "one director, or arp: suppress: an entry names one MAC address, which does not "
                "move with the VIP",
                service.name,
            )


def _client_beside(topology: Topology) -> Iterator[Finding]:
    for entry in _entries(topology):
        if is_suppressed(entry.service):
            continue
        for clients in topology.options.clients:
            if covers(entry.interface.network, clients):
                yield Finding(
                    f"clients in {clients}, a part of {entry.interface.network}, where the VIP "
                    f"{entry.vip} is: they ask by ARP, and real servers answer",
                    "clients behind the routers, or arp: both",
                    entry.service.name,
                )


def _described(node: Node) -> str:
    own = ", ".join(str(interface) for interface in node.own_interfaces(4))
    return f"{node.name} with {own or 'no IPv4 address'}"


def checks(mode: str) -> tuple[TopologyCheck, ...]:
    """The checks of a mode that has the key."""
    return (
        TopologyCheck(
            f"{mode}.arp-one-way", "services with one VIP keep ARP for it in one way", _one_way
        ),
        TopologyCheck(
            f"{mode}.static-managed", "routers may get static entries for VIPs", _routers_managed
        ),
        TopologyCheck(f"{mode}.static-router", "a router is in the VIP's subnet", _some_router),
        TopologyCheck(
            f"{mode}.static-director",
            "the director is beside the routers of its VIP",
            _director_beside,
        ),
        TopologyCheck(f"{mode}.static-one-director", "a VIP keeps its MAC address", _one_director),
        TopologyCheck(
            f"{mode}.static-clients",
            "no client asks by ARP who has the VIP",
            _client_beside,
            is_acceptable=True,
        ),
    )
