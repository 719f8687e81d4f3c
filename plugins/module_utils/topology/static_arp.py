# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Which neighbour entries routers keep, so that they need not ask by ARP who has a VIP."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from ..net.addresses import IPAddress, family
from .declaration.model import Service
from .paths.facts import Interface, Neighbour, Node
from .topology import Topology

_IPV4 = 4


class StaticEntry(NamedTuple):
    """A VIP in a router's subnet, and who is to get its traffic."""

    service: Service
    vip: IPAddress
    router: Node
    interface: Interface
    neighbour: Neighbour | None  # None = there is no director in that subnet


def vips_with_entries(services: Iterable[Service]) -> Iterator[tuple[Service, IPAddress]]:
    """The VIPs of services that ask for entries. IPv6 ones need none."""
    for service in services:
        for virtual in service.virtuals:
            if family(virtual.vip) == "ipv4":
                yield service, virtual.vip


def static_entries(topology: Topology, services: Iterable[Service]) -> Iterator[StaticEntry]:
    """Every entry that these services need: routers would ask in each subnet that has the VIP."""
    vips = frozenset(virtual.vip for one in topology.services for virtual in one.virtuals)
    beside = [
        (router, interface, _mac(topology, router, interface, vips))
        for router in topology.routers
        for interface in router.own_interfaces(_IPV4)
    ]
    for service, vip in vips_with_entries(services):
        for router, interface, mac in beside:
            if vip in interface.network and vip != interface.address:
                neighbour = Neighbour(str(vip), interface.device, mac) if mac else None
                yield StaticEntry(service, vip, router, interface, neighbour)


def _mac(topology: Topology, router: Node, interface: Interface, vips: frozenset[IPAddress]) -> str:
    """The MAC address of a director that a router's interface sees on its link; "" = there is none.

    A VIP that was there before us may be on another interface than the director's own address.
    """
    for director in topology.directors:
        for one in director.own_interfaces(_IPV4):
            if (
                one.address not in vips
                and interface.device in router.is_beside(one.address)
                and one.device in director.is_beside(interface.address)
            ):
                mac = director.macs.get(one.device, "")
                if mac:
                    return mac
    return ""
