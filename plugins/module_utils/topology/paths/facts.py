# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is known of a host, from node_info's return."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Iterator, Mapping, NamedTuple

from ...net.addresses import FAMILIES, IPAddress, IPInterface, IPNetwork, alone, covers

_CACHED_INTERFACES = 1 << 16
_LARGEST_NUMBER = (1 << 32) - 1


@dataclass(frozen=True)
class Interface:
    """An address with its network, and the device that has it."""

    device: str
    at: IPInterface

    @cached_property
    def address(self) -> IPAddress:
        """The address alone."""
        return self.at.ip

    @cached_property
    def text(self) -> str:
        """The address alone, as text."""
        return str(self.address)

    @cached_property
    def alone(self) -> IPNetwork:
        """The network that is this address and nothing else."""
        return alone(self.address)

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
    kinds: Mapping[str, str]  # of its links, by device; "" = hardware, and lo
    sysctls: Mapping[str, str]  # by their paths below /proc/sys, those of links alone

    def interface_of(self, address: IPAddress) -> Interface | None:
        """Where the host has this address."""
        return self._by_address.get(address)

    def own_interfaces(self, version: int) -> tuple[Interface, ...]:
        """Its own addresses of an IP version: VIPs that we have put there are not among them."""
        return self._own[version]

    def routes_to(self, network: IPNetwork) -> tuple[Route, ...]:
        """The routes that packets to a network take: more than one with several next hops.

        Routes to mere parts of the network do not count: for 0.0.0.0/0 it is the default route.
        """
        found = self._routes_to.get(network)
        if found is None:
            found = self._routes_to[network] = self._find_routes(network)
        return found

    # Every path asks these of the same few hosts: they are worked out once for each.

    @cached_property
    def _by_address(self) -> dict[IPAddress, Interface]:
        by_address: dict[IPAddress, Interface] = {}
        for interface in self.interfaces:
            by_address.setdefault(interface.address, interface)
        return by_address

    @cached_property
    def _own(self) -> dict[int, tuple[Interface, ...]]:
        own = [
            interface for interface in self.interfaces if interface.address not in self.owned_vips
        ]
        return {
            version: tuple(one for one in own if one.at.version == version) for version in FAMILIES
        }

    @cached_property
    def _routes_to(self) -> dict[IPNetwork, tuple[Route, ...]]:
        return {}

    def _find_routes(self, network: IPNetwork) -> tuple[Route, ...]:
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
        tuple(_route(route) for route in facts["routes"]),
        bool(facts["ipvs"]["available"]),
        facts["ipvs"]["conntrack"] is False,
        tuple(str(owner) for owner in facts["owners"]),
        frozenset(map(_address, facts["vip_owned"])),
        tuple(map(_neighbour, facts["neighbours_owned"])),
        {str(link["name"]): str(link["mac"]) for link in facts["links"]},
        {str(link["name"]): _number(link["mtu"]) for link in facts["links"]},
        {str(link["name"]): str(link["kind"]) for link in facts["links"]},
        dict(_sysctls(facts)),
    )


def _number(value: Any) -> int:  # noqa: ANN401, whatever a host tells
    number = int(value)
    if not 0 <= number <= _LARGEST_NUMBER:
        raise ValueError("a number that no kernel has")
    return number


def _neighbour(one: Mapping[str, Any]) -> Neighbour:
    return Neighbour(str(one["address"]), str(one["interface"]), str(one["mac"]))


def _sysctls(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Sysctls of links, which are numbers. Names may have dots: they are told by the links."""
    for device in ("all", *(str(link["name"]) for link in facts["links"])):
        for name in ("arp_ignore", "arp_announce"):
            value = facts["sysctls"].get(f"net.ipv4.conf.{device}.{name}")
            if value is not None:
                yield f"net/ipv4/conf/{device}/{name}", str(_number(value))


def _interfaces(addresses: list[Mapping[str, Any]]) -> Iterator[Interface]:
    for address in addresses:
        interface = _interface(str(address["device"]), f"{address['address']}/{address['prefix']}")
        if interface:
            yield interface


# A VIP is on many hosts.
@lru_cache(_CACHED_INTERFACES)
def _interface(device: str, address: str) -> Interface | None:
    """An address, unless it is a loopback one."""
    interface = ipaddress.ip_interface(address)
    return None if interface.ip.is_loopback else Interface(device, interface)


_address = lru_cache(_CACHED_INTERFACES)(ipaddress.ip_address)


def _route(one: Mapping[str, Any]) -> Route:
    gateway = ipaddress.ip_address(one["gateway"]) if one["gateway"] else None
    destination = ipaddress.ip_network(one["destination"])
    return Route(destination, gateway, str(one["device"]), _number(one["metric"]))


def _preference(route: Route) -> tuple[int, int]:
    """As the kernel chooses: the longest prefix, then the smallest metric."""
    return -route.destination.prefixlen, route.metric
