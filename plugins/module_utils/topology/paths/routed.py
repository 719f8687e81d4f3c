# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""RIP and DIP where any network may lie between the two.

Of all the host's own addresses, restricted to ``topology_networks`` where that is given, those on
the devices of its routes to the directors are preferred: requests arrive there. With several left
the user is asked, as everywhere. The DIP is the director's address on the device of its route to
the RIP, unless ``topology_dip`` names another.
"""

from __future__ import annotations

from typing import Iterable, Iterator, Sequence

from ...net.addresses import IPAddress, alone
from ..declaration.model import RealServer
from ..declaration.options import Options
from ..routing.routes import Route
from .facts import Interface, Node
from .path import Dip, Leg
from .resolver import declared_address, declared_rip, named_rips, shared_dip


class Routed:
    """Finds the addresses of every path of a topology.

    With ``mixed`` the RIP may be of the other IP version where the host has none of the VIP's.
    """

    def __init__(
        self,
        options: Options,
        directors: Sequence[Node],
        vips: Iterable[IPAddress],
        *,
        mixed: bool = False,
    ) -> None:
        self._options = options
        self._directors = directors
        self._vips = frozenset(vips)
        self._mixed = mixed
        # What was found already, by all that it depends on.
        self._legs: dict[object, Leg] = {}
        self._own_of: dict[tuple[str, int], list[Interface]] = {}

    def leg(self, vip: IPAddress, server: RealServer, node: Node | None) -> Leg:
        """The way to a real server, with every address that may be its RIP."""
        key = (node.name if node else "", vip.version, server.addresses)
        leg = self._legs.get(key)
        if leg is None:
            leg = self._legs[key] = self._find(vip.version, server, node)
        return leg

    def _find(self, own: int, server: RealServer, node: Node | None) -> Leg:
        clients = tuple(client for client in self._options.clients if client.version == own)
        declared: IPAddress | None = None
        rips: tuple[Interface, ...] = ()
        for version in (own, 10 - own) if self._mixed else (own,):
            declared = declared_rip(version, server, node, self._options)
            if declared:
                rips = named_rips(declared, node)
            elif node and not server.addresses:
                rips = self._candidates(node, version)
            if declared or rips or (node and not server.addresses and self._own(node, version)):
                break
        dips = tuple(self._dips(rips[0].address)) if rips else ()
        return Leg(node, clients, declared, rips, dips)

    def _candidates(self, node: Node, version: int) -> tuple[Interface, ...]:
        networks = [network for network in self._options.networks if network.version == version]
        own = [
            one
            for one in self._own(node, version)
            if not networks or any(one.address in network for network in networks)
        ]
        if len(own) > 1:
            to_directors = {route.device for route in self._routes_to_directors(node, version)}
            own = [one for one in own if one.device in to_directors] or own
        return tuple(own)

    def _own(self, node: Node, version: int) -> list[Interface]:
        key = node.name, version
        if key not in self._own_of:
            own = node.own_interfaces(version)
            self._own_of[key] = [one for one in own if one.address not in self._vips]
        return self._own_of[key]

    def _routes_to_directors(self, node: Node, version: int) -> Iterator[Route]:
        for director in self._directors:
            for one in self._own(director, version):
                yield from node.routes_to(one.alone)

    def _dips(self, rip: IPAddress) -> Iterator[Dip]:
        for director in self._directors:
            interfaces = self._towards(rip, director)
            declared = declared_address(rip.version, director, self._options.dips)
            if declared and self._options.high_availability:
                interfaces = shared_dip(declared, interfaces)
            elif declared:
                # It may be a floating one, which another director has at the moment.
                holders = (one.interface_of(declared) for one in self._directors)
                interfaces = [one for one in holders if one]
            if interfaces:
                pools = self._options.lips.get(director.name, ())
                pool = next((one for one in pools if one.first.version == rip.version), None)
                yield Dip(director, interfaces[0], pool)

    def _towards(self, rip: IPAddress, director: Node) -> list[Interface]:
        """The director's addresses on the devices of its routes to the RIP, the likeliest first."""
        interfaces: list[Interface] = []
        for route in director.routes_to(alone(rip)):
            own = self._own(director, rip.version)
            on_device = [one for one in own if one.device == route.device]
            hop = route.gateway or rip
            interfaces += [one for one in on_device if hop in one.network]
            interfaces += [one for one in on_device if hop not in one.network]
        return interfaces
