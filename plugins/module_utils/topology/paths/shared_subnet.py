# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Finds RIP and DIP where a mode wants both in one subnet.

Of all the host's addresses in a subnet that it shares with a director, restricted to
``topology_networks`` where that is given, these are preferred, by the first rule that applies:

1. those in the VIP's own subnet (a director with one arm),
2. those in whose subnet the host's next hop to the clients is a director (NAT with two arms).

Nothing else is a reason to prefer one: with several left the user is asked, rather than the
traffic led through a network that happens to be shared as well (management, storage).
"""

from __future__ import annotations

from typing import Iterable, Iterator, Sequence

from ...net.addresses import IPAddress, IPNetwork
from ..declaration.model import RealServer
from ..declaration.options import Options
from .facts import Interface, Node
from .path import Dip, Leg
from .resolver import declared_address, declared_rip, named_rips


class SharedSubnet:
    """Finds the addresses of every path of a topology."""

    def __init__(
        self, options: Options, directors: Sequence[Node], vips: Iterable[IPAddress]
    ) -> None:
        self._options = options
        self._directors = directors
        self._vips = frozenset(vips)
        self._of_directors = frozenset(
            interface.address for director in directors for interface in director.interfaces
        )
        # What was found already, by all that it depends on.
        self._legs: dict[object, Leg] = {}
        self._shared_by: dict[tuple[str, int], list[Interface]] = {}
        self._likely_dips: dict[tuple[str, int], list[Interface]] = {}

    def leg(self, vip: IPAddress, server: RealServer, node: Node | None) -> Leg:
        """The way to a real server, with every address that may be its RIP."""
        version = vip.version
        name = node.name if node else ""
        several = node is not None and len(self._shared(node, version)) > 1
        key = (name, version, server.addresses, vip if several else None)
        leg = self._legs.get(key)
        if leg is None:
            leg = self._legs[key] = self._find(vip, server, node)
        return leg

    def _find(self, vip: IPAddress, server: RealServer, node: Node | None) -> Leg:
        version = vip.version
        clients = tuple(client for client in self._options.clients if client.version == version)
        declared = declared_rip(version, server, node, self._options)
        if declared:
            rips = named_rips(declared, node)
        elif node:
            rips = self._preferred(self._shared(node, version), vip, node, clients)
        else:
            rips = ()
        dips = tuple(self._dips(rips[0])) if rips else ()
        return Leg(node, clients, declared, rips, dips)

    def _shared(self, node: Node, version: int) -> list[Interface]:
        """The host's addresses in a subnet that a director is in as well."""
        key = node.name, version
        if key not in self._shared_by:
            self._shared_by[key] = self._find_shared(node, version)
        return self._shared_by[key]

    def _find_shared(self, node: Node, version: int) -> list[Interface]:
        networks = [network for network in self._options.networks if network.version == version]
        return [
            interface
            for interface in node.own_interfaces(version)
            if interface.address not in self._vips
            # The same address on both is no shared network, but one of each host's own (docker0).
            and interface.address not in self._of_directors
            and (not networks or any(interface.address in network for network in networks))
            and any(
                is_shared(interface, other)
                for director in self._directors
                for other in self._likely(director, version)
            )
        ]

    def _preferred(
        self,
        shared: list[Interface],
        vip: IPAddress,
        node: Node,
        clients: tuple[IPNetwork, ...],
    ) -> tuple[Interface, ...]:
        if len(shared) > 1:
            gateways = {route.gateway for network in clients for route in node.routes_to(network)}
            directors = [one for one in gateways if one in self._of_directors]
            for neighbours in ([vip], directors):
                near = [one for one in shared if any(other in one.network for other in neighbours)]
                if near:
                    return tuple(near)
        return tuple(shared)

    def _dips(self, rip: Interface) -> Iterator[Dip]:
        version = rip.at.version
        for director in self._directors:
            declared = declared_address(version, director, self._options.dips)
            # A declared DIP may be a floating one, which another director has at the moment.
            holders = self._directors if declared else (director,)
            for one in (one for holder in holders for one in self._likely(holder, version)):
                if declared in (None, one.address) and is_shared(rip, one):
                    yield Dip(director, one)
                    break

    def _likely(self, director: Node, version: int) -> list[Interface]:
        """A director's addresses. A VIP is the DIP only where there is no other one."""
        key = director.name, version
        if key not in self._likely_dips:
            own = director.own_interfaces(version)
            self._likely_dips[key] = sorted(own, key=lambda one: one.address in self._vips)
        return self._likely_dips[key]


def is_shared(rip: Interface, dip: Interface) -> bool:
    """Whether each sees the other on its own link."""
    return rip.address in dip.network and (not rip.device or dip.address in rip.network)
