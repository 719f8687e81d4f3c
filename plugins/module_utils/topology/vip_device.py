# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Where a director has a VIP. Pure."""

from __future__ import annotations

from ..net.addresses import IPAddress
from .paths.facts import Node
from .topology import Topology


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
