# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Checks of single options, which collect all problems."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Hashable, Sequence

from ...net.addresses import MAX_PORT, is_reachable, normal_address
from ...net.devices import is_device_name
from ...net.ports import EVERY, PortRange, expected_ports, overlaps, parse_ports

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_GROUP_BIT = 1


class Inputs:
    """Returns normalised options, and collects the problems of the others."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._first: dict[Hashable, str] = {}

    def problem(self, where: str, got: object, expected: str) -> None:
        """Record a problem of an option, with a value that would be right."""
        self.problems.append(f"{where}: got {got!r}, expected {expected}")

    def address(self, where: str, value: str) -> str:
        """Return a unicast address as the kernel's tools write it, or ""."""
        address = normal_address(value)
        if address is None:
            self.problem(where, value, "an IPv4 or IPv6 address, without prefix length or zone")
            return ""
        if not is_reachable(ip_address(address)):
            self.problem(where, value, "a unicast address that other hosts can reach")
            return ""
        return address

    def mac(self, where: str, value: str) -> str:
        """Return a unicast MAC address as the kernel's tools write it, or ""."""
        mac = value.lower()
        if not _MAC.fullmatch(mac) or int(mac[:2], 16) & _GROUP_BIT or not mac.strip("0:"):
            self.problem(where, value, "the MAC address of one interface, as 52:54:00:12:34:56")
            return ""
        return mac

    def device(self, where: str, value: str) -> str:
        """Return the name of an interface."""
        if not is_device_name(value):
            without = ", without # and \\" if {*value} & {*"#\\"} else ""
            self.problem(where, value, f"the name of an interface{without}")
        return value

    def number(self, where: str, value: int, low: int, high: int) -> int:
        """Return a number in a range."""
        if not low <= value <= high:
            self.problem(where, value, f"a number from {low} to {high}")
        return value

    def ports(self, where: str, value: str, low: int = 1, high: int = MAX_PORT) -> PortRange:
        """Return a port or several in a row."""
        ports = parse_ports(value, low, high)
        if ports is None:
            self.problem(where, value, expected_ports(low, high))
        return ports or EVERY

    def apart(self, items: Sequence[tuple[str, tuple[str, ...], PortRange]]) -> None:
        """Record a problem for items of one key that share a port."""
        for earlier, later in overlaps((key, ports) for _where, key, ports in items):
            where, key, ports = items[later]
            expected = f"each port only once: {items[earlier][0]} has it, too"
            self.problem(where, " ".join((*key, str(ports))), expected)

    def once(self, where: str, key: Hashable, shown: object) -> None:
        """Record a problem if an item appears twice."""
        first = self._first.setdefault(key, where)
        if first != where:
            self.problem(where, shown, f"each only once: {first} is the same")
