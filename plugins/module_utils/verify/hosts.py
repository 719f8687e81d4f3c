# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The hosts of a verification: MAC addresses, interfaces and routes."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import Any, Iterator, Mapping, NamedTuple

from ..net.addresses import IPAddress, IPInterface, alone
from ..net.ports import PortRange
from ..packets.frames import PROTOCOLS
from ..topology.routing.facts import read_routing
from ..topology.routing.flow import Flow
from ..topology.routing.lookup import Routing, Ways
from ..topology.routing.routes import LOCAL, UNICAST, Route
from .shape import fits

_ETHERNET_MAC = 17  # characters; other devices have shorter addresses, or none
_PROTOCOLS = {name: number for number, name in PROTOCOLS.items()}
_NO_MAC = "00:00:00:00:00:00"
_FACTS: dict[str, Any] = {
    "links": [{"name": str, "kind": str, "mac": str, "up": bool}],
    "addresses": [{"device": str, "address": str, "prefix": int}],
    "sysctls": {},
    # A number would be an address, too.
    "routes": [{"destination": str, "gateway": str, "source": str, "preferred_source": str}],
    "routes_omitted": [{"networks": [str]}],
    "rules": [{"source": str, "destination": str}],
}


class Interface(NamedTuple):
    """An address of a host, with its device."""

    device: str
    at: IPInterface


class Reply(NamedTuple):
    """What routing may ask about a reply."""

    target: str
    source: str
    source_port: int
    protocol: str
    device: str  # by which the request came


class Host(NamedTuple):
    """The facts of a host from node_info."""

    name: str
    interfaces: tuple[Interface, ...]
    facts: Mapping[str, Any]
    routing: Mapping[int, Routing]  # by IP version

    @property
    def addresses(self) -> frozenset[str]:
        """Its addresses."""
        return frozenset(str(interface.at.ip) for interface in self.interfaces)

    def macs(self) -> Iterator[str]:
        """Return the MAC addresses of its devices."""
        for link in self.facts["links"]:
            if len(link["mac"]) == _ETHERNET_MAC and link["mac"] != _NO_MAC:
                yield link["mac"]

    def device_of(self, address: str) -> str:
        """Return the device that has an address; empty if none has."""
        return next(
            (interface.device for interface in self.interfaces if str(interface.at.ip) == address),
            "",
        )

    def is_down(self, device: str) -> bool:
        """Tell whether a device is down."""
        return any(link["name"] == device and not link["up"] for link in self.facts["links"])

    def takes_for_its_own(self, address: str) -> Interface | None:
        """Return an address on lo whose prefix makes another host's address a local one.

        For IPv4, fib_add_ifaddr() in net/ipv4/fib_frontend.c adds such a route for the network,
        unless the address has noprefixroute.
        """
        asked = ipaddress.ip_address(address)
        local = {one.destination for one in self.routing[asked.version].routes if one.kind == LOCAL}
        for interface in self.interfaces:
            if interface.device == "lo" and ":" not in address and asked in interface.at.network:
                is_own = asked == interface.at.ip or interface.at.network not in local
                return None if is_own else interface
        return None

    def interface_towards(self, address: str, device: str = "") -> Interface | None:
        """Return its interface in the network of another host's address."""
        asked = ipaddress.ip_address(address)
        for interface in self.interfaces:
            is_near = interface.at.network.num_addresses > 1 and asked in interface.at.network
            if is_near and device in ("", interface.device):
                return interface
        return None

    def route(self, address: str) -> Route | None:
        """Return the route that its own packets to an address take; none if one is not certain."""
        ways = self._ways(address)
        is_certain = len(ways.routes) == 1 and not ways.doubts
        return ways.routes[0] if is_certain and ways.routes[0].kind == UNICAST else None

    def has_no_route(self, address: str) -> bool:
        """Tell whether its own packets to an address have no route for certain."""
        ways = self._ways(address)
        return not ways.unread and all(one.kind not in (UNICAST, LOCAL) for one in ways.routes)

    def ways_back(self, reply: Reply) -> Ways:
        """Return the ways that a reply may take; its marks are unknown."""
        target = ipaddress.ip_address(reply.target)
        vrfs = {link["name"]: link["vrf"] for link in self.facts["links"]}
        flow = Flow(
            alone(target),
            ipaddress.ip_address(reply.source),
            vrf=vrfs.get(reply.device, ""),
            protocol=_PROTOCOLS.get(reply.protocol),
            source_ports=PortRange.single(reply.source_port),
            mark=None,
        )
        return self.routing[target.version].lookup(flow)

    def sysctl(self, name: str) -> str:
        """Return a sysctl's value; empty if it was not read."""
        value = self.facts["sysctls"].get(name, "")
        return value if isinstance(value, str) else ""

    def either(self, name: str, device: str) -> str:
        """Return the larger value of ``all`` and a device, which is what the kernel uses."""
        return max(self.sysctl(f"net.ipv4.conf.{one}.{name}") for one in ("all", device))

    def _ways(self, address: str) -> Ways:
        """Return where its packets may go, whatever their protocol, ports and mark are."""
        asked = ipaddress.ip_address(address)
        return self.routing[asked.version].lookup(Flow(alone(asked), mark=None))


class Hosts(NamedTuple):
    """All hosts that were read, by name."""

    by_name: Mapping[str, Host]
    by_mac: Mapping[str, str]  # MAC → host

    def owner(self, mac: str) -> str:
        """Return the host of a MAC address; an unknown one stays as it is."""
        return self.by_mac.get(mac, mac)

    def with_address(self, address: str) -> str:
        """Return the host that has an address; empty if no known host has it."""
        return next((host.name for host in self.by_name.values() if address in host.addresses), "")


def read_hosts(facts: Mapping[str, Mapping[str, Any]]) -> Hosts:
    """Join the facts of all hosts; they are empty for a host that was not read.

    The compiler tells of facts that cannot be read (``host.facts``); here they count as none.
    """
    hosts: dict[str, Host] = {}
    for name, found in facts.items():
        if fits(found, _FACTS):
            with suppress(ArithmeticError, LookupError, TypeError, ValueError):  # of its routes
                hosts[name] = _host(name, found)
    by_mac = {mac: host.name for host in hosts.values() for mac in host.macs()}
    return Hosts(hosts, by_mac)


def _host(name: str, facts: Mapping[str, Any]) -> Host:
    interfaces = (
        Interface(
            address["device"], ipaddress.ip_interface(f"{address['address']}/{address['prefix']}")
        )
        for address in facts["addresses"]
    )
    others = tuple(interface for interface in interfaces if not _is_local(interface.at.ip))
    return Host(name, others, facts, read_routing(facts))


def _is_local(address: IPAddress) -> bool:
    return address.is_loopback
