# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Everything that the checks look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Mapping

from ..net.addresses import IPAddress
from .declaration.inventory import Inventory
from .declaration.model import Service
from .declaration.options import Options
from .paths.facts import Interface, Node
from .paths.path import Path
from .routing.flow import Flow
from .routing.routes import UNICAST


@dataclass(frozen=True, eq=False)
class Topology:
    """The declaration, joined with what is known of the hosts.

    What checks ask for on every path is worked out once.
    """

    services: tuple[Service, ...]
    inventory: Inventory
    nodes: Mapping[str, Node]
    options: Options
    paths: tuple[Path, ...]
    torn_down: frozenset[str] = frozenset()  # hosts from which nothing is needed any more
    unreachable: Mapping[str, str] = field(default_factory=dict)  # host → what Ansible says of it
    unreadable: Mapping[str, str] = field(default_factory=dict)  # host → what its facts are not

    @cached_property
    def all_directors(self) -> tuple[Node, ...]:
        """The directors whose facts were read."""
        names = self.inventory.directors
        return tuple(self.nodes[name] for name in names if name in self.nodes)

    @cached_property
    def directors(self) -> tuple[Node, ...]:
        """Those that stay. Where none does, all: real servers and routers stay as they are."""
        staying = tuple(
            director for director in self.all_directors if director.name not in self.torn_down
        )
        return staying or self.all_directors

    @cached_property
    def routers(self) -> tuple[Node, ...]:
        """The routers whose facts were read."""
        names = self.inventory.routers
        return tuple(self.nodes[name] for name in names if name in self.nodes)

    @cached_property
    def vips(self) -> frozenset[IPAddress]:
        """Every VIP."""
        return frozenset(virtual.vip for service in self.services for virtual in service.virtuals)

    @cached_property
    def director_of(self) -> Mapping[object, str]:
        """Every address of a director, with its name."""
        return {
            interface.address: node.name for node in self.directors for interface in node.interfaces
        }

    @cached_property
    def owner_of(self) -> Mapping[object, Node]:
        """Every address of a host that is known, with the host."""
        return {
            interface.address: node for node in self.nodes.values() for interface in node.interfaces
        }

    @cached_property
    def subnets(self) -> Mapping[str, tuple[Interface, ...]]:
        """The addresses of each director that tell a subnet: all but the VIPs that we put there."""
        return {
            node.name: tuple(
                interface
                for interface in node.interfaces
                if interface.address not in node.owned_vips
            )
            for node in self.all_directors
        }


def vip_device(topology: Topology, director: Node, vip: IPAddress) -> str:
    """The interface on which requests for a VIP reach a director; "" when none can be told.

    Where it already is, unless it is there by our own doing; else on whose link the director sees
    the VIP's neighbours; else where the director's route to the clients leads.
    """
    there = director.interface_of(vip)
    if there and vip not in director.owned_vips:
        return there.device
    beside = director.is_beside(vip)
    if beside:
        return beside[0]
    around = [one for one in topology.subnets[director.name] if vip in one.network]
    if around:
        return max(around, key=lambda one: one.network.prefixlen).device
    for clients in topology.options.clients:
        if clients.version == vip.version:
            for route in director.ways(Flow(clients, vip, mark=None)).routes:
                if route.kind == UNICAST:
                    return route.device
    return ""
