# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Addresses that no host can have, and addresses of hosts outside the declaration."""

from __future__ import annotations

from typing import Iterator, Mapping

from ...net.addresses import IPAddress, family, is_reachable
from ..modes.check import TopologyCheck
from ..topology import Topology
from ..violation import Finding

_WANTED = "an address that one host can have, and that is no host's next hop"
# A network of two addresses has no others (RFC 3021 and RFC 6164), nor has a single address.
_BITS_OF_TWO = 1


def _free(topology: Topology) -> Iterator[Finding]:
    networks = _networks(topology)
    taken = {**_next_hops(topology), **networks}
    yield from _declared(topology, taken)
    for leg, path in {path.leg: path for path in reversed(topology.paths)}.items():
        # A host may say of itself what it likes. What is declared, the operator has said.
        of_leg = networks if leg.node and leg.declared else taken
        for rip in leg.rips:
            address = rip.address
            reason = of_leg.get(address, "" if is_reachable(address) else "no unicast address")
            if reason:
                expected = f"{_WANTED}; a real server that is one has its address declared"
                got = f"the RIP {address}, which is {reason}"
                yield Finding(got, expected, path.service.name, path.name)


def _declared(topology: Topology, taken: Mapping[IPAddress, str]) -> Iterator[Finding]:
    for service in topology.services:
        for virtual in service.virtuals:
            if virtual.vip in taken:
                got = f"the VIP {virtual.vip}, which is {taken[virtual.vip]}"
                yield Finding(got, _WANTED, service.name)
    for director, pools in topology.options.lips.items():
        for pool in pools:
            for lip in pool.addresses:
                if lip in taken:
                    got = f"the LIP {lip}, which is {taken[lip]}"
                    yield Finding(got, _WANTED, host=director)


def _networks(topology: Topology) -> dict[IPAddress, str]:
    """The addresses that stand for more than one host, and what they are."""
    found: dict[IPAddress, str] = {}
    for node in topology.nodes.values():
        for interface in node.interfaces:
            network = interface.network
            if network.max_prefixlen - network.prefixlen <= _BITS_OF_TWO:
                continue
            is_ipv4 = family(network) == "ipv4"
            name = "the network address" if is_ipv4 else "the address of all routers"
            where = f"of {network} ({node.name}: {interface.device})"
            found.setdefault(network.network_address, f"{name} {where}")
            if is_ipv4:
                found.setdefault(network.broadcast_address, f"the broadcast address {where}")
    return found


def _next_hops(topology: Topology) -> dict[IPAddress, str]:
    """The next hops of all hosts, without those that a director is by itself."""
    own = {
        interface.address
        for director in topology.all_directors
        for interface in director.interfaces
        if interface.address not in director.owned_vips
    }
    return {
        route.gateway: f"the next hop of {node.name} to {route.destination}"
        for node in topology.nodes.values()
        for routing in node.routing.values()
        for route in routing.routes
        if route.gateway and route.gateway not in own
    }


CHECKS = (
    TopologyCheck(
        "address.free", "VIPs, RIPs and LIPs are single addresses, and no host's next hop", _free
    ),
)
