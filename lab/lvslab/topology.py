# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A topology: networks, and nodes with their links and routes."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Network:
    """One layer 2 segment."""

    name: str
    mtu: int = 1500


@dataclass(frozen=True)
class Link:
    """One interface of a node."""

    network: str
    interface: str
    addresses: tuple[Interface, ...]


@dataclass(frozen=True)
class Route:
    """One static route."""

    destination: str
    gateway: Address


@dataclass(frozen=True)
class Node:
    """One host."""

    name: str
    groups: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    routes: tuple[Route, ...] = ()
    forward: bool = False
    web: tuple[int, ...] = ()


@dataclass(frozen=True)
class Topology:
    """A whole file."""

    networks: tuple[Network, ...]
    nodes: tuple[Node, ...]
