# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Everything that the checks look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping

from ..net.addresses import IPAddress
from .declaration.inventory import Inventory
from .declaration.model import Service
from .declaration.options import Options
from .paths.facts import Node
from .paths.path import Path


@dataclass(frozen=True)
class Topology:
    """The declaration, joined with what is known of the hosts."""

    services: tuple[Service, ...]
    inventory: Inventory
    nodes: Mapping[str, Node]
    options: Options
    paths: tuple[Path, ...]
    left_out: frozenset[str] = frozenset()  # hosts that nothing is wanted of any more

    @property
    def all_directors(self) -> tuple[Node, ...]:
        """The directors whose facts were read."""
        names = self.inventory.directors
        return tuple(self.nodes[name] for name in names if name in self.nodes)

    @property
    def directors(self) -> tuple[Node, ...]:
        """Those that stay. Where none does, all: real servers and routers stay as they are."""
        staying = tuple(one for one in self.all_directors if one.name not in self.left_out)
        return staying or self.all_directors

    @property
    def routers(self) -> tuple[Node, ...]:
        """The routers whose facts were read."""
        names = self.inventory.routers
        return tuple(self.nodes[name] for name in names if name in self.nodes)


def vip_device(topology: Topology, director: Node, vip: IPAddress) -> str:
    """The interface on which requests for a VIP reach a director; "" when none can be told.

    Where it already is, unless it is there by our own doing; else where the VIP's subnet is, the
    smallest one if there are several; else where the director's route to the clients leads.
    """
    there = director.interface_of(vip)
    if there and vip not in director.owned_vips:
        return there.device
    vips = {virtual.vip for service in topology.services for virtual in service.virtuals}
    around = [one for one in director.interfaces if one.address not in vips and vip in one.network]
    if around:
        return max(around, key=lambda one: one.network.prefixlen).device
    for clients in topology.options.clients:
        if clients.version == vip.version:
            for route in director.routes_to(clients):
                return route.device
    return ""
