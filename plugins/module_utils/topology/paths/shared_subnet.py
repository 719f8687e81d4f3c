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

from typing import Iterable, Sequence

from ...net.addresses import IPAddress, IPNetwork
from ..declaration.model import RealServer, Service, Virtual
from ..declaration.options import Options
from .facts import Interface, Node
from .path import Dip, Path
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
            one.address for director in directors for one in director.interfaces
        )

    def path(
        self, service: Service, virtual: Virtual, server: RealServer, node: Node | None
    ) -> Path:
        """The way from a VIP to a real server, with every address that may be its RIP."""
        version = virtual.vip.version
        clients = tuple(one for one in self._options.clients if one.version == version)
        declared = declared_rip(version, server, node, self._options)
        if declared:
            rips = named_rips(declared, node)
        elif node:
            rips = self._preferred(self._shared(node, version), virtual.vip, node, clients)
        else:
            rips = ()
        dips = tuple(self._dips(rips[0])) if rips else ()
        return Path(service, virtual, server, node, clients, declared, rips, dips)

    def _shared(self, node: Node, version: int) -> list[Interface]:
        """The host's addresses in a subnet that a director is in as well."""
        networks = [one for one in self._options.networks if one.version == version]
        return [
            one
            for one in node.own_interfaces(version)
            if one.address not in self._vips
            # The same address on both is no shared network, but one of each host's own (docker0).
            and one.address not in self._of_directors
            and (not networks or any(one.address in network for network in networks))
            and any(
                is_shared(one, other)
                for director in self._directors
                for other in director.own_interfaces(version)
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

    def _dips(self, rip: Interface) -> Iterable[Dip]:
        for director in self._directors:
            declared = declared_address(rip.at.version, director, self._options.dips)
            # A declared DIP may be a floating one, which another director has at the moment.
            holders = self._directors if declared else (director,)
            shared = [
                one
                for holder in holders
                for one in holder.own_interfaces(rip.at.version)
                if is_shared(rip, one) and declared in (None, one.address)
            ]
            # A VIP may be in the subnet too; it is the DIP only where there is no other address.
            shared.sort(key=lambda one: one.address in self._vips)
            if shared:
                yield Dip(director, shared[0])


def is_shared(rip: Interface, dip: Interface) -> bool:
    """Whether each sees the other on its own link."""
    return rip.address in dip.network and (not rip.device or dip.address in rip.network)
