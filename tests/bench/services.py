# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables that are measured."""

from __future__ import annotations

from typing import NamedTuple


class Size(NamedTuple):
    """How large a table is."""

    services: int
    destinations: int  # of each service

    @property
    def lines(self) -> int:
        """How many operations make it, and how many lines describe it to ipvsadm."""
        return self.services * (self.destinations + 1)

    def __str__(self) -> str:
        return f"{self.services}x{self.destinations}"

    @classmethod
    def parse(cls, text: str) -> Size:
        """The size that was written like this."""
        return cls(*map(int, text.split("x")))


SMALL, DEEP, WIDE = SIZES = Size(1000, 10), Size(1000, 100), Size(10_000, 10)


def make_services(size: Size) -> list[dict[str, object]]:
    """A table in the input's shape."""
    return [
        {
            "address": f"198.{18 + number // 62500}.{number // 250 % 250}.{number % 250 + 1}",
            "port": 80,
            "scheduler": "wrr",
            "destinations": [
                {"address": f"10.{number // 250}.{number % 250}.{host + 1}", "forwarding": "masq"}
                for host in range(size.destinations)
            ],
        }
        for number in range(size.services)
    ]
