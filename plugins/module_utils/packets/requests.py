# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is asked of a capture, of a network's neighbours, and of services."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import NamedTuple

NOBODY = str(IPv4Address(0))  # asks by ARP without having an address


class Wish(NamedTuple):
    """What to look for, and when to stop."""

    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    neighbours: tuple[str, ...]
    tunnel_ports: tuple[int, ...]
    seconds: int
    max_packets: int


class Question(NamedTuple):
    """Asks who has this address in the network behind an interface."""

    address: str
    interface: str
    source: str  # this host's own IPv4 address there, for ARP; NOBODY where it has none


class Target(NamedTuple):
    """A service to be asked."""

    address: str
    port: int
    protocol: str = "tcp"
    requests: int = 1
    http: bool = False  # send a request, and read the beginning of the answer
    size: int = 0  # bytes to send over the connection
