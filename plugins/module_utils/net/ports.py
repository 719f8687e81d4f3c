# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Ports: one, or several in a row."""

from __future__ import annotations

import re
from typing import Hashable, Iterable, Iterator, NamedTuple

from .addresses import MAX_PORT

MAX_RULE_PORT = MAX_PORT - 1
"""The last port of a policy rule: fib_rule_port_range_valid() in include/net/fib_rules.h."""

_TEXT = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


class PortRange(NamedTuple):
    """The ports from the first to the last; a single port is a range of one."""

    first: int
    last: int

    @classmethod
    def single(cls, port: int) -> PortRange:
        """Return the range of one port; 0 stands for every port."""
        return cls(port, port)

    @property
    def is_single(self) -> bool:
        """Whether it is a range of one."""
        return self.first == self.last

    def __str__(self) -> str:
        return str(self.first) if self.is_single else f"{self.first}-{self.last}"


EVERY = PortRange.single(0)


def parse_ports(value: object, low: int = 1, high: int = MAX_PORT) -> PortRange | None:
    """Parse a port or FIRST-LAST; return None for anything else. Only a port can be 0."""
    found = None if isinstance(value, bool) else _TEXT.fullmatch(str(value))
    if not found:
        return None
    first, last = int(found[1]), int(found[2] or found[1])
    lowest = max(low, 1) if found[2] else low
    fits = lowest <= first <= last <= high and (first < last or not found[2])
    return PortRange(first, last) if fits else None


def expected_ports(low: int = 1, high: int = MAX_PORT) -> str:
    """Return what parse_ports() takes, for messages."""
    return f"a number from {low} to {high}, or FIRST-LAST with the smaller one first"


def overlaps(ranges: Iterable[tuple[Hashable, PortRange]]) -> Iterator[tuple[int, int]]:
    """Return the numbers of two ranges in one place that share a port, the earlier one first.

    Each range that shares a port with any other is in one of the pairs.
    """
    places: dict[Hashable, list[tuple[PortRange, int]]] = {}
    for number, (place, ports) in enumerate(ranges):
        places.setdefault(place, []).append((ports, number))
    for found in places.values():
        found.sort()
        reaching, holder = found[0]
        for ports, number in found[1:]:
            if ports.first <= reaching.last:
                yield min(holder, number), max(holder, number)
            if ports.last > reaching.last:
                reaching, holder = ports, number


def without(ports: PortRange, taken: Iterable[PortRange]) -> Iterator[PortRange]:
    """Return what none of the others has of a range, as ranges."""
    first = ports.first
    for other in sorted(taken):
        if other.last < first:
            continue
        if other.first > ports.last:
            break
        if first < other.first:
            yield PortRange(first, other.first - 1)
        first = other.last + 1
    if first <= ports.last:
        yield PortRange(first, ports.last)
