# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What all resolvers of a path's addresses have in common."""

from __future__ import annotations

import ipaddress
from typing import Iterable, Protocol, Sequence

from ...net.addresses import IPAddress
from ..declaration.model import RealServer
from ..declaration.options import Addresses, Options
from .facts import Interface, Node
from .path import Leg


class PathResolver(Protocol):
    """Finds RIP and DIP of every path of a topology, in the way that a mode needs."""

    def leg(self, vip: IPAddress, server: RealServer, node: Node | None) -> Leg:
        """The way to a real server, with every address that may be its RIP."""


class MakeFinder(Protocol):
    """How a mode's resolver is made, once for a topology."""

    def __call__(
        self, options: Options, directors: Sequence[Node], vips: Iterable[IPAddress]
    ) -> PathResolver:
        """Make it."""


def declared_rip(
    version: int, server: RealServer, node: Node | None, options: Options
) -> IPAddress | None:
    """The RIP that the declaration names for a service, or else for a host."""
    declared = _of_version(version, server.addresses)
    if node and not declared:
        declared = declared_address(version, node, options.rips)
    return declared


def declared_address(version: int, node: Node, addresses: Addresses) -> IPAddress | None:
    """The address of an IP version that an option names for a host."""
    return _of_version(version, addresses.get(node.name, ()))


def named_rips(declared: IPAddress, node: Node | None) -> tuple[Interface, ...]:
    """A declared RIP as its host has it; none if it does not have it."""
    if node is None:
        # Its prefix length is not known.
        return (Interface("", ipaddress.ip_interface(str(declared))),)
    return tuple(interface for interface in node.interfaces if interface.address == declared)[:1]


def shared_dip(declared: IPAddress, own: Sequence[Interface]) -> list[Interface]:
    """A DIP as a director of a pair has it, or would have it as master.

    :param own: the director's own addresses on the devices that it could be on
    """
    near = sorted(own, key=lambda one: (one.address != declared, declared not in one.network))
    return [
        Interface(one.device, ipaddress.ip_interface(f"{declared}/{one.network.prefixlen}"))
        for one in near[:1]
    ]


def _of_version(version: int, addresses: Iterable[IPAddress]) -> IPAddress | None:
    return next((address for address in addresses if address.version == version), None)
