# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads plain data, and records each problem with its key."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from .topology import Address, Interface

# QEMU's user network; every node of a virtual machine is connected to it too.
_MANAGEMENT = ipaddress.IPv4Network("10.0.2.0/24")


class Checker:
    """Returns the valid part; callers check for problems at the end."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def problem(self, where: str, what: str) -> None:
        """Record a problem with its key."""
        self.problems.append(f"{where}: {what}")

    def mapping(
        self, where: str, data: object, keys: frozenset[str] | None = None
    ) -> dict[str, Any]:
        """Return a mapping, with these keys only if they are given."""
        if not isinstance(data, dict):
            self.problem(where, "must be a mapping")
            return {}
        for key in data:
            if keys is not None and key not in keys:
                self.problem(f"{where}.{key}", f"unknown key, known are {', '.join(sorted(keys))}")
        return {str(key): value for key, value in data.items()}

    def sequence(self, where: str, data: object) -> list[Any]:
        """Return a list."""
        if not isinstance(data, list):
            self.problem(where, "must be a list")
            return []
        return data

    def integer(self, where: str, data: object, low: int, high: int) -> int | None:
        """Return a number within the limits."""
        if isinstance(data, bool) or not isinstance(data, int) or not low <= data <= high:
            self.problem(where, f"must be an integer from {low} to {high}, is {data!r}")
            return None
        return data

    def boolean(self, where: str, data: object) -> bool:
        """Return a boolean."""
        if not isinstance(data, bool):
            self.problem(where, f"must be true or false, is {data!r}")
            return False
        return data

    def name(
        self, where: str, data: object, pattern: re.Pattern[str], reserved: frozenset[str]
    ) -> str:
        """Return a name that matches the pattern and is not reserved."""
        if not isinstance(data, str) or not pattern.fullmatch(data):
            self.problem(where, f"{data!r} is not a name like {pattern.pattern}")
        elif data in reserved:
            self.problem(where, f"{data!r} is reserved")
        return str(data)

    def interface(self, where: str, data: object) -> Interface | None:
        """Return an address that a host can have, with its prefix length."""
        if not isinstance(data, str) or "/" not in data:
            self.problem(where, f"{data!r} is not an address with a prefix length")
            return None
        try:
            found = ipaddress.ip_interface(data)
        except ValueError as error:
            self.problem(where, str(error))
            return None
        if found.ip in _MANAGEMENT:
            self.problem(where, f"{found} lies in {_MANAGEMENT}, the network of the lab itself")
        elif not _is_host(found):
            self.problem(where, f"{found} is the network's own address, not a host's")
        else:
            return found
        return None

    def address(self, where: str, data: object) -> Address | None:
        """Return a plain address."""
        try:
            return ipaddress.ip_address(data if isinstance(data, str) else "")
        except ValueError:
            self.problem(where, f"{data!r} is not an address")
            return None


def _is_host(interface: Interface) -> bool:
    """Tell whether it is a host's address, not the network's or the broadcast address."""
    network = interface.network
    if network.prefixlen >= network.max_prefixlen - 1:  # point to point
        return True
    reserved = [network.network_address]
    if isinstance(network, ipaddress.IPv4Network):
        reserved.append(network.broadcast_address)
    return interface.ip not in reserved
