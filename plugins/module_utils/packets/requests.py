# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Requests for captures, for neighbour queries and for probes of services."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import NamedTuple

NO_ADDRESS = str(IPv4Address(0))  # the sender of an ARP probe without an address


class CaptureSpec(NamedTuple):
    """Selection and limits of a capture."""

    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    neighbours: tuple[str, ...]
    tunnel_ports: tuple[int, ...]
    seconds: int
    max_packets: int


class NeighbourQuery(NamedTuple):
    """A query for an address in the network of an interface."""

    address: str
    interface: str
    source: str  # this host's own IPv4 address there, for ARP; NO_ADDRESS if it has none


class Target(NamedTuple):
    """A service to send requests to."""

    address: str
    port: int
    protocol: str = "tcp"
    requests: int = 1
    http: bool = False  # send an HTTP request, and read the first line of the answer
    size: int = 0  # bytes to send over the connection
