# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Finds RIP and DIP where a mode wants both on one link.

Two addresses are on one link where each host's kernel has a route to the other without a gateway,
whatever their prefixes. Of all the host's addresses on a link with a director, restricted to
``topology_networks`` where that is given, these are preferred, by the first rule that applies:

1. those in whose subnet the VIP is, or on whose link (a director with one arm),
2. those on whose link a director is the host's next hop to the clients (NAT with two arms).

Nothing else is a reason to prefer one: with several left the user is asked, rather than the
traffic led through a network that happens to be shared as well (management, storage). Nor is a
single one taken by which the host has neither the VIP nor its way to the clients.
"""

from __future__ import annotations

from typing import Iterable, Iterator, Sequence

from ...net.addresses import IPAddress, IPNetwork
from ..declaration.model import RealServer
from ..declaration.options import Options
from ..routing.flow import Flow
from ..routing.routes import Route
from .facts import Interface, Node
from .path import Dip, Leg
from .resolver import declared_address, declared_rip, named_rips, shared_dip


class SharedSubnet:
    """Finds the addresses of every path of a topology.

    With ``far`` a RIP that the declaration names may have a router between it and the DIP.
    """

    def __init__(
        self,
        options: Options,
        directors: Sequence[Node],
        vips: Iterable[IPAddress],
        *,
        far: bool = False,
    ) -> None:
        self._far = far
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
        self._clear: dict[tuple[str, int], bool] = {}

    def leg(self, vip: IPAddress, server: RealServer, node: Node | None) -> Leg:
        """The way to a real server, with every address that may be its RIP."""
        version = vip.version
        name = node.name if node else ""
        depends = node is not None and not self._is_clear(node, version)
        key = (name, version, server.addresses, vip if depends else None)
        leg = self._legs.get(key)
        if leg is None:
            leg = self._legs[key] = self._find(vip, server, node)
        return leg

    def _find(self, vip: IPAddress, server: RealServer, node: Node | None) -> Leg:
        clients = self._clients(vip.version)
        declared = declared_rip(vip.version, server, node, self._options)
        is_guess = False
        rips: tuple[Interface, ...] = ()
        if declared:
            rips = named_rips(declared, node)
        elif node and self._is_clear(node, vip.version):
            rips = tuple(self._shared(node, vip.version))
        elif node:
            shared = self._shared(node, vip.version)
            near = self._preferred(shared, vip, node)
            rips, is_guess = near or tuple(shared), not near
        dips = tuple(self._dips(rips[0], node, is_named=declared is not None)) if rips else ()
        return Leg(node, clients, declared, rips, dips, is_guess)

    def _clients(self, version: int) -> tuple[IPNetwork, ...]:
        return tuple(client for client in self._options.clients if client.version == version)

    def _networks(self, version: int) -> list[IPNetwork]:
        return [network for network in self._options.networks if network.version == version]

    def _is_clear(self, node: Node, version: int) -> bool:
        """Whether the RIP is clear whatever the VIP: one address, and a reason to take it."""
        key = node.name, version
        if key not in self._clear:
            shared = self._shared(node, version)
            self._clear[key] = len(shared) == 1 and (
                bool(self._networks(version)) or self._is_on_way(node, shared[0])
            )
        return self._clear[key]

    def _is_on_way(self, node: Node, one: Interface) -> bool:
        """Whether the host sends what is for clients by the address's device."""
        return one.device in [route.device for route in self._routes(node, one)]

    def _routes(self, node: Node, one: Interface) -> Iterator[Route]:
        for clients in self._clients(one.at.version):
            flow = Flow(clients, one.address, vrf=node.vrfs.get(one.device, ""), mark=None)
            yield from node.ways(flow).routes

    def _shared(self, node: Node, version: int) -> list[Interface]:
        """The host's addresses on a link on which a director is as well."""
        key = node.name, version
        if key not in self._shared_by:
            self._shared_by[key] = self._find_shared(node, version)
        return self._shared_by[key]

    def _find_shared(self, node: Node, version: int) -> list[Interface]:
        networks = self._networks(version)
        return [
            interface
            for interface in node.own_interfaces(version)
            if interface.address not in self._vips
            # The same address on both is no shared network, but one of each host's own (docker0).
            and interface.address not in self._of_directors
            and (not networks or any(interface.address in network for network in networks))
            and any(
                self._beside(interface, node, director, director) for director in self._directors
            )
        ]

    def _preferred(
        self, shared: Sequence[Interface], vip: IPAddress, node: Node
    ) -> tuple[Interface, ...]:
        for is_near in (
            lambda one: vip in one.network,
            lambda one: one.device in node.is_beside(vip, one.device),
            lambda one: self._has_director_next(node, one),
        ):
            near = tuple(filter(is_near, shared))
            if near:
                return near
        return ()

    def _has_director_next(self, node: Node, one: Interface) -> bool:
        return any(
            route.device == one.device
            and route.gateway is not None
            and (route.gateway in self._of_directors or self._is_link_local(node, one, route))
            for route in self._routes(node, one)
        )

    def _is_link_local(self, node: Node, one: Interface, route: Route) -> bool:
        """Whether a next hop is a director's link-local address on the link of an address."""
        return any(
            link.address == route.gateway and link.device == beside.device
            for director in self._directors
            for beside in self._beside(one, node, director, director)[:1]
            for link in director.links
        )

    def _dips(self, rip: Interface, node: Node | None, *, is_named: bool) -> Iterator[Dip]:
        version = rip.at.version
        for director in self._directors:
            declared = declared_address(version, director, self._options.dips)
            # A declared DIP may be a floating one, which another director has at the moment.
            holders = self._directors if declared else (director,)
            beside = [
                one
                for holder in holders
                for one in self._beside(rip, node, director, holder, declared)
            ]
            devices = director.is_beside(rip.address)
            if beside:
                yield Dip(director, beside[0], device=devices[0])
            elif is_named and self._far:
                towards = [route.device for route in director.routes_to(rip.alone)]
                own = [one for one in self._likely(director, version) if one.device in towards]
                if declared and self._options.high_availability:
                    far = shared_dip(declared, own)
                elif declared:
                    far = [
                        one
                        for holder in holders
                        for one in self._likely(holder, version)
                        if one.address == declared
                    ]
                else:
                    far = own
                yield from (Dip(director, one) for one in far[:1])

    def _beside(
        self,
        rip: Interface,
        node: Node | None,
        director: Node,
        holder: Node,
        declared: IPAddress | None = None,
    ) -> list[Interface]:
        """A director's addresses on a link with the RIP, the likeliest first.

        On a link without an address, those of its other devices. The holder of a declared one may
        be another director, at the moment.
        """
        devices = director.is_beside(rip.address)
        likely = self._likely(holder, rip.at.version) if devices else []
        if declared and self._options.high_availability and holder is director:
            own = director.own_interfaces(rip.at.version)
            likely = shared_dip(declared, [one for one in own if one.device in devices])
        elif declared:
            likely = [one for one in likely if one.address == declared]
        else:
            likely = [one for one in likely if one.device in devices] or likely
            likely = sorted(
                likely,
                key=lambda one: (one.address in self._vips, rip.address not in one.network),
            )
        return [one for one in likely if node is None or node.is_beside(one.address, rip.device)]

    def _likely(self, director: Node, version: int) -> list[Interface]:
        """A director's addresses. A VIP is the DIP only where there is no other one."""
        key = director.name, version
        if key not in self._likely_dips:
            own = director.own_interfaces(version)
            self._likely_dips[key] = sorted(own, key=lambda one: one.address in self._vips)
        return self._likely_dips[key]
