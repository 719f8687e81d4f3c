# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The routes of one table, and which of them packets take.

As fib_table_lookup() in net/ipv4/fib_trie.c and fib6_table_lookup() in net/ipv6/route.c choose: the
longest prefix, with IPv6 the longest prefix of the source, then the smallest metric.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Iterable, Mapping, NamedTuple, Sequence

from ...net.addresses import IPAddress, IPNetwork, covers
from .flow import Flow

UNICAST, LOCAL, THROW = "unicast", "local", "throw"

# Networks with none of the hosts that a topology speaks of. Where clients may be anywhere, nobody
# is missing if these have no route.
_NOBODYS = {
    4: [ipaddress.ip_network(one) for one in ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3")],
    6: [ipaddress.ip_network(one) for one in ("::/3", "4000::/2", "8000::/1")],
}


class Route(NamedTuple):
    """A route; with several next hops, one of them."""

    destination: IPNetwork
    gateway: IPAddress | None  # None = the destination is on the link
    device: str
    metric: int = 0
    kind: str = UNICAST  # as `ip route` names its type
    table: int = 254
    source: IPNetwork | None = None  # IPv6: for packets from there alone
    tos: int = 0  # IPv4: for packets with this one alone
    preferred_source: IPAddress | None = None

    @property
    def is_on_link(self) -> bool:
        """Whether packets go to their destination itself."""
        return self.kind == UNICAST and self.gateway is None

    def __str__(self) -> str:
        if self.kind != UNICAST:
            return f"{self.kind} {self.destination}"
        via = f"via {self.gateway}" if self.gateway else "directly connected"
        return f"{self.destination} {via} on {self.device}"


class Omitted(NamedTuple):
    """Networks in which a table has more routes than were read."""

    table: int
    networks: tuple[IPNetwork, ...]


class Table:
    """The routes of one table and family."""

    def __init__(self, routes: Iterable[Route], omitted: Sequence[IPNetwork] = ()) -> None:
        self._by_length: dict[int, dict[IPNetwork, list[Route]]] = {}
        for route in routes:
            of_length = self._by_length.setdefault(route.destination.prefixlen, {})
            of_length.setdefault(route.destination, []).append(route)
        self._lengths = sorted(self._by_length, reverse=True)
        self._omitted = tuple(omitted)
        self._parts: dict[IPNetwork, tuple[IPNetwork, ...]] = {}

    @property
    def has_sources(self) -> bool:
        """Whether the source of packets makes a difference."""
        return any(
            route.source
            for of_length in self._by_length.values()
            for routes in of_length.values()
            for route in routes
        )

    def find(self, flow: Flow) -> tuple[Route, ...]:
        """The routes that the packets take: several with several next hops, none without a route.

        A network that has no single route may have one for each of its parts (0.0.0.0/1 and
        128.0.0.0/1); these go before a shorter one, as they are longer. Routes to parts that leave
        something out do not count: they are exceptions.
        """
        parts = self._parts_of(flow.destination)
        if parts:
            found = [self.find(flow._replace(destination=part)) for part in parts]
            if all(found):
                return tuple(dict.fromkeys(route for routes in found for route in routes))
        return self._covering(flow)

    def may_have_longer(self, network: IPNetwork, found: Sequence[Route]) -> bool:
        """Whether a route that was not read may be longer than those that were found."""
        longest = min((route.destination.prefixlen for route in found), default=-1)
        return longest < network.prefixlen and any(covers(one, network) for one in self._omitted)

    def inside(self, network: IPNetwork) -> list[IPNetwork]:
        """The destinations inside a network, in order: each before its own parts."""
        return sorted(
            destination
            for length, of_length in self._by_length.items()
            if length > network.prefixlen
            for destination in of_length
            if covers(network, destination)
        )

    def _covering(self, flow: Flow) -> tuple[Route, ...]:
        network = flow.destination
        for length in self._lengths:
            if length > network.prefixlen:
                continue
            destination = network.supernet(new_prefix=length)
            best = _best(self._by_length[length].get(destination, ()), flow)
            if best:
                return best
        return ()

    def _parts_of(self, network: IPNetwork) -> tuple[IPNetwork, ...]:
        """The largest parts with a route, if they leave nothing out; else none."""
        if network not in self._parts:
            self._parts[network] = self._find_parts(network)
        return self._parts[network]

    def _find_parts(self, network: IPNetwork) -> tuple[IPNetwork, ...]:
        largest: list[IPNetwork] = []
        for part in self.inside(network):
            if not (largest and covers(largest[-1], part)):
                largest.append(part)
        return tuple(largest) if covered_by(network, largest) else ()


def covered_by(network: IPNetwork, parts: Iterable[IPNetwork]) -> bool:
    """Whether parts of a network leave none of the hosts out that may be there."""
    collected = [*parts]
    if not collected:
        return False
    collected += [one for one in _NOBODYS[network.version] if covers(network, one)]
    return network in ipaddress.collapse_addresses(collected)  # type: ignore[type-var]


def _best(routes: Sequence[Route], flow: Flow) -> tuple[Route, ...]:
    """Those of one destination that packets take."""
    fitting = [route for route in routes if _fits(route, flow)]
    # fib6_node_lookup_1() passes over a destination that has routes for sources, unless one of
    # these fits; fib6_node_lookup() comes back to the default route.
    if any(route.source and route.destination.prefixlen for route in routes):
        fitting = [route for route in fitting if route.source]
    if not fitting:
        return ()
    best = min(map(_preference, fitting))
    return tuple(route for route in fitting if _preference(route) == best)


def _fits(route: Route, flow: Flow) -> bool:
    if route.source and not (flow.source and flow.source in route.source):
        return False
    return not route.tos


def _preference(route: Route) -> tuple[int, int]:
    return -(route.source.prefixlen if route.source else 0), route.metric


def read_route(one: Mapping[str, Any]) -> Route:
    """A route from the facts."""
    return Route(
        ipaddress.ip_network(str(one["destination"])),
        ipaddress.ip_address(str(one["gateway"])) if one["gateway"] else None,
        str(one["device"]),
        int(one["metric"]),
        str(one["type"]),
        int(one["table"]),
        ipaddress.ip_network(str(one["source"])) if one["source"] else None,
        int(one["tos"]),
        ipaddress.ip_address(str(one["preferred_source"])) if one["preferred_source"] else None,
    )
