# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Addresses and networks of either family."""

from __future__ import annotations

import ipaddress
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import Union

IPAddress = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
IPNetwork = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
IPInterface = Union[ipaddress.IPv4Interface, ipaddress.IPv6Interface]

FAMILIES = {4: "ipv4", 6: "ipv6"}
HOST_PREFIX = {"ipv4": 32, "ipv6": 128}  # of a network with a single address
MAX_PORT = 65535

_ZERO_NETWORK = ipaddress.ip_network("0.0.0.0/8")


def parse_address(value: object) -> IPAddress | None:
    """Parse an address that other hosts can reach; return None for anything else."""
    # ip_address() accepts numbers; a zone ("%eth0") has a meaning on one host only.
    if not isinstance(value, str) or "%" in value:
        return None
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return None
    return address if is_reachable(address) else None


def is_reachable(address: IPAddress) -> bool:
    """Tell whether other hosts can reach an address: unicast, and not limited to one link.

    What is reserved is nobody's: 240.0.0.0/4 with the broadcast address, 0.0.0.0/8 (a martian to
    the kernel: ipv4_is_zeronet()), and of IPv6 all that is not unicast yet, in which the addresses
    are that stand for IPv4 ones.
    """
    return not (
        address.is_reserved
        or address in _ZERO_NETWORK
        or address.is_multicast
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
    )


def written_address(value: str) -> str | None:
    """Return an address as frames are read (`ipaddress`: ::ffff:a00:1), or None if invalid."""
    try:
        return None if "%" in value else str(ipaddress.ip_address(value))
    except ValueError:
        return None


def normal_address(value: str) -> str | None:
    """Return an address as tools write it (inet_ntop(3): ::ffff:10.0.0.1), or None if invalid."""
    number = AF_INET6 if ":" in value else AF_INET
    try:
        return inet_ntop(number, inet_pton(number, value))
    except (OSError, ValueError):
        return None


def family_of(address: str) -> str:
    """The family of a well-formed address."""
    return "ipv6" if ":" in address else "ipv4"


def parse_network(value: object) -> IPNetwork | None:
    """Parse a network in the form ADDRESS/PREFIX; return None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        return ipaddress.ip_network(value)
    except ValueError:
        return None


def family(address: IPAddress | IPNetwork) -> str:
    """Return the name of an address's family."""
    return FAMILIES[address.version]


def alone(address: IPAddress) -> IPNetwork:
    """Return the network that holds only this address."""
    return ipaddress.ip_network(str(address))


def covers(outer: IPNetwork, inner: IPNetwork) -> bool:
    """Tell whether the outer network contains the inner one."""
    return inner.network_address in outer and inner.prefixlen >= outer.prefixlen
