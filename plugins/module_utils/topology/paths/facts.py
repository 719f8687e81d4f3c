# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is known of a host, from node_info's return."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Iterable, Iterator, Mapping, NamedTuple

from ...net.addresses import FAMILIES, IPAddress, IPInterface, IPNetwork, alone
from ..routing.facts import read_routing
from ..routing.flow import Flow, plain
from ..routing.lookup import Routing, Ways
from ..routing.routes import UNICAST, Route
from ..routing.rules import kernel_number

_CACHED_INTERFACES = 1 << 16
_RELEASE = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\b")

# Who has configured keepalived.
NOBODY, US, OTHERS = "nobody", "us", "others"


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


class LinkLocal(NamedTuple):
    """A link-local address: it means something beside its device alone."""

    device: str
    address: IPAddress


class Neighbour(NamedTuple):
    """A permanent neighbour entry of a router: where it sends what is for an address."""

    address: str
    interface: str
    mac: str


@dataclass(frozen=True)
class Node:
    """A host whose facts were read."""

    name: str
    kernel: tuple[int, ...]  # major and minor version of its Linux; () = unknown
    interfaces: tuple[Interface, ...]
    links: tuple[LinkLocal, ...]
    vrfs: Mapping[str, str]  # by device that is in one
    routing: Mapping[int, Routing]  # by IP version
    has_ipvs: bool
    ipvs_modules: frozenset[str] | None  # None = unknown
    ipvs_sysctls: frozenset[str] | None  # None = unknown: ip_vs may not be loaded yet
    owners: tuple[str, ...]
    owned_vips: frozenset[IPAddress]
    keepalived: str  # who has configured it: "", NOBODY, US or OTHERS; "" = it is not there
    router_ids: frozenset[int]  # of VRRP, that others than we use there
    router_id: int  # that we use; 0 = none
    silent_peer: str  # the other director's address, if it is known and does not answer
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

    def ways(self, flow: Flow) -> Ways:
        """Where it sends packets."""
        return self.routing[flow.destination.version].lookup(flow)

    def routes_to(self, network: IPNetwork, device: str = "") -> tuple[Route, ...]:
        """The routes by which plain packets of its own go to a network, in the VRF of a device.

        More than one with several next hops. Routes to mere parts of the network do not count: for
        0.0.0.0/0 it is the default route.
        """
        ways = self.ways(plain(network, self.vrfs.get(device, "")))
        return tuple(route for route in ways.routes if route.kind == UNICAST)

    def is_beside(self, address: IPAddress, device: str = "") -> tuple[str, ...]:
        """The devices on whose links it sees another host's address; none with a router between.

        A rule that cannot be decided (uidrange, tos) does not count against it.
        """
        ways = self.ways(plain(alone(address), self.vrfs.get(device, "")))
        for routes in filter(None, ways.answers):
            if all(route.is_on_link for route in routes):
                return tuple(route.device for route in routes)
        return ()

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
    def on_device(self) -> Mapping[tuple[str, int], tuple[Interface, ...]]:
        """Its own addresses by device and IP version."""
        found: dict[tuple[str, int], tuple[Interface, ...]] = {}
        for version, interfaces in self._own.items():
            for interface in interfaces:
                key = interface.device, version
                found[key] = (*found.get(key, ()), interface)
        return found


def parse_node(name: str, facts: Mapping[str, Any]) -> Node:
    """A host from the facts that the module node_info returns."""
    interfaces = tuple(_interfaces(facts["addresses"]))
    return Node(
        name,
        _version(str(facts.get("kernel", ""))),
        interfaces,
        tuple(_link_local(facts["links"])),
        {str(link["name"]): str(link["vrf"]) for link in facts["links"] if link["vrf"]},
        read_routing(facts),
        bool(facts["ipvs"]["available"]),
        _names(facts["ipvs"]["modules"]),
        _names(facts["ipvs"]["sysctls"]),
        tuple(str(owner) for owner in facts["owners"]),
        frozenset(map(_address, facts["vip_owned"])),
        str(facts["vrrp"]["keepalived"]),
        frozenset(map(kernel_number, facts["vrrp"]["others"])),
        kernel_number(facts["vrrp"]["router_id"]),
        str(facts["vrrp"]["silent_peer"]),
        tuple(map(_neighbour, facts["neighbours_owned"])),
        {str(link["name"]): str(link["mac"]) for link in facts["links"]},
        {str(link["name"]): kernel_number(link["mtu"]) for link in facts["links"]},
        {str(link["name"]): str(link["kind"]) for link in facts["links"]},
        dict(_sysctls(facts)),
    )


def _version(release: str) -> tuple[int, ...]:
    found = _RELEASE.match(release)
    return (int(found[1]), int(found[2])) if found else ()


def _names(listed: Iterable[object] | None) -> frozenset[str] | None:
    return None if listed is None else frozenset(map(str, listed))


def _neighbour(one: Mapping[str, Any]) -> Neighbour:
    return Neighbour(str(one["address"]), str(one["interface"]), str(one["mac"]))


def _sysctls(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Sysctls of links, which are numbers. Names may have dots: they are told by the links."""
    for device in ("all", *(str(link["name"]) for link in facts["links"])):
        for name in ("arp_ignore", "arp_announce"):
            value = facts["sysctls"].get(f"net.ipv4.conf.{device}.{name}")
            if value is not None:
                yield f"net/ipv4/conf/{device}/{name}", str(kernel_number(value))


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


def _link_local(links: Iterable[Mapping[str, Any]]) -> Iterator[LinkLocal]:
    for link in links:
        for address in link["link_local"]:
            yield LinkLocal(str(link["name"]), _address(address))
