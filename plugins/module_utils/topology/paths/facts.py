# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is known of a host, from node_info's return."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, NamedTuple

from ...net.addresses import IPAddress, IPInterface, IPNetwork, covers


class Interface(NamedTuple):
    """An address with its network, and the device that has it."""

    device: str
    at: IPInterface

    @property
    def address(self) -> IPAddress:
        """The address alone."""
        return self.at.ip

    @property
    def network(self) -> IPNetwork:
        """The subnet."""
        return self.at.network

    def __str__(self) -> str:
        return f"{self.at} on {self.device}"


class Route(NamedTuple):
    """A route of the table main."""

    destination: IPNetwork
    gateway: IPAddress | None  # None = the destination is on the link
    device: str
    metric: int

    def __str__(self) -> str:
        via = f"via {self.gateway}" if self.gateway else "directly connected"
        return f"{self.destination} {via} on {self.device}"


class Neighbour(NamedTuple):
    """A permanent neighbour entry of a router: where it sends what is for an address."""

    address: str
    interface: str
    mac: str


@dataclass(frozen=True)
class Node:
    """A host whose facts were read."""

    name: str
    interfaces: tuple[Interface, ...]
    routes: tuple[Route, ...]
    has_ipvs: bool
    lacks_conntrack: bool  # for certain: the module that tells may not be loaded yet
    owners: tuple[str, ...]
    owned_vips: frozenset[IPAddress]
    owned_neighbours: tuple[Neighbour, ...]
    macs: Mapping[str, str]  # by device; "" = it has none
    mtus: Mapping[str, int]

    def interface_of(self, address: IPAddress) -> Interface | None:
        """Where the host has this address."""
        for interface in self.interfaces:
            if interface.address == address:
                return interface
        return None

    def own_interfaces(self, version: int) -> Iterator[Interface]:
        """Its own addresses of an IP version: VIPs that we have put there are not among them."""
        return (
            one
            for one in self.interfaces
            if one.at.version == version and one.address not in self.owned_vips
        )

    def routes_to(self, network: IPNetwork) -> tuple[Route, ...]:
        """The routes that packets to a network take: more than one with several next hops.

        Routes to mere parts of the network do not count: for 0.0.0.0/0 it is the default route.
        """
        matching = [route for route in self.routes if covers(route.destination, network)]
        if not matching:
            return ()
        best = min(map(_preference, matching))
        return tuple(route for route in matching if _preference(route) == best)


def parse_node(name: str, facts: Mapping[str, Any]) -> Node:
    """A host from the facts that the module node_info returns."""
    return Node(
        name,
        tuple(_interfaces(facts["addresses"])),
        tuple(_route(one) for one in facts["routes"]),
        bool(facts["ipvs"]["available"]),
        facts["ipvs"]["conntrack"] is False,
        tuple(str(owner) for owner in facts["owners"]),
        frozenset(ipaddress.ip_address(vip) for vip in facts["vip_owned"]),
        tuple(Neighbour(**one) for one in facts["neighbours_owned"]),
        {str(link["name"]): str(link["mac"]) for link in facts["links"]},
        {str(link["name"]): int(link["mtu"]) for link in facts["links"]},
    )


def _interfaces(addresses: list[Mapping[str, Any]]) -> Iterator[Interface]:
    for one in addresses:
        interface = ipaddress.ip_interface(f"{one['address']}/{one['prefix']}")
        if not interface.ip.is_loopback:
            yield Interface(str(one["device"]), interface)


def _route(one: Mapping[str, Any]) -> Route:
    gateway = ipaddress.ip_address(one["gateway"]) if one["gateway"] else None
    destination = ipaddress.ip_network(one["destination"])
    return Route(destination, gateway, str(one["device"]), int(one["metric"]))


def _preference(route: Route) -> tuple[int, int]:
    """As the kernel chooses: the longest prefix, then the smallest metric."""
    return -route.destination.prefixlen, route.metric
