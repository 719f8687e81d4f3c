# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Real servers that are a director themselves, which no packet has to reach.

To IPVS any address of the host is as good as another: it delivers what it would send there, see
``ip_vs_nat_xmit()`` and its like in net/netfilter/ipvs/ip_vs_xmit.c. In modes that rewrite
addresses, it is where the application has to listen. Of the director's own addresses but VIPs,
restricted to ``topology_networks`` where that is given, its declared DIP is preferred, and after
that those in whose subnet the VIP is. With several left the user is asked, as everywhere. A single
one is a guess where the host has another that is a VIP as well: nothing speaks for what is left
(management).
"""

from __future__ import annotations

from typing import Iterable, Sequence

from ...net.addresses import IPAddress
from ..declaration.model import RealServer
from ..declaration.options import Options
from .facts import Interface, Node
from .path import Leg
from .resolver import declared_address, declared_rip, named_rips


class OnDirector:
    """Finds the addresses of every path that ends at a director."""

    def __init__(
        self, options: Options, directors: Sequence[Node], vips: Iterable[IPAddress]
    ) -> None:
        self._options = options
        self._vips = frozenset(vips)
        self._by_name = {director.name: director for director in directors}
        self._by_address = {
            interface.address: director
            for director in directors
            for interface in director.interfaces
        }
        # What was found already, by all that it depends on.
        self._legs: dict[object, Leg] = {}

    def leg(self, vip: IPAddress, server: RealServer) -> Leg | None:
        """The way to a real server; None if it is no director."""
        node = self._director(server)
        if node is None:
            return None
        key = (node.name, vip, server.addresses)
        leg = self._legs.get(key)
        if leg is None:
            leg = self._legs[key] = self._find(vip, server, node)
        return leg

    def _director(self, server: RealServer) -> Node | None:
        if server.host:
            return self._by_name.get(server.host)
        found = (self._by_address.get(address) for address in server.addresses)
        return next(filter(None, found), None)

    def _find(self, vip: IPAddress, server: RealServer, node: Node) -> Leg:
        clients = tuple(one for one in self._options.clients if one.version == vip.version)
        declared = declared_rip(vip.version, server, node, self._options)
        is_guess = False
        rips: tuple[Interface, ...] = ()
        if declared:
            rips = named_rips(declared, node)
        elif not server.addresses:  # else they are of the other family
            rips, is_guess = self._candidates(vip, node)
        return Leg(node, clients, declared, rips, dips=(), is_guess=is_guess, on_director=True)

    def _candidates(self, vip: IPAddress, node: Node) -> tuple[tuple[Interface, ...], bool]:
        """The addresses that may be the RIP, and whether nothing speaks for them."""
        version = vip.version
        networks = [network for network in self._options.networks if network.version == version]
        dip = declared_address(version, node, self._options.dips)
        own = [
            one
            for one in node.own_interfaces(version)
            if one.address not in self._vips
            and (not networks or any(one.address in network for network in networks))
        ]
        for preferred in (
            [one for one in own if one.address == dip],
            [one for one in own if vip in one.network],
        ):
            if preferred:
                return tuple(preferred), False
        return tuple(own), not networks and self._has_another(node, version)

    def _has_another(self, node: Node, version: int) -> bool:
        """Whether one of its VIPs is its address in a network, too."""
        return any(
            one.address in self._vips and one.network.prefixlen < one.network.max_prefixlen
            for one in node.own_interfaces(version)
        )
