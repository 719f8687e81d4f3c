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
HOST_PREFIX = {"ipv4": 32, "ipv6": 128}  # of the network that is one address
MAX_PORT = 65535


def parse_address(value: object) -> IPAddress | None:
    """An address that other hosts can reach; None when it is none."""
    # A number would be taken for an address, and a zone ("%eth0") means something on one host only.
    if not isinstance(value, str) or "%" in value:
        return None
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return None
    return address if is_reachable(address) else None


def is_reachable(address: IPAddress) -> bool:
    """Whether other hosts can reach it: unicast, and of more than one link."""
    return not (
        address.is_multicast
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
    )


def is_address(value: str) -> bool:
    """Whether this is an address of any kind."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def normal_address(value: str) -> str | None:
    """The address as the kernel's tools write it; None when it is none."""
    number = AF_INET6 if ":" in value else AF_INET
    try:
        return inet_ntop(number, inet_pton(number, value))
    except (OSError, ValueError):
        return None


def family_of(address: str) -> str:
    """The family of a well-formed address."""
    return "ipv6" if ":" in address else "ipv4"


def parse_network(value: object) -> IPNetwork | None:
    """A network in the form ADDRESS/PREFIX; None when it is none."""
    if not isinstance(value, str):
        return None
    try:
        return ipaddress.ip_network(value)
    except ValueError:
        return None


def family(address: IPAddress | IPNetwork) -> str:
    """The name of its family."""
    return FAMILIES[address.version]


def alone(address: IPAddress) -> IPNetwork:
    """The network that is this address and nothing else."""
    return ipaddress.ip_network(str(address))


def covers(outer: IPNetwork, inner: IPNetwork) -> bool:
    """Whether every address of the inner network is in the outer one."""
    return inner.network_address in outer and inner.prefixlen >= outer.prefixlen
