# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is watched: services, how their real servers are tried, and what follows from that."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..ipvs.model import Destination, DestinationKey, ServiceKey

VIP, RIP = "vip", "rip"
THROUGH = (VIP, RIP)
KEEP, WITHDRAW = "keep", "withdraw"
ON_FLOOR = (KEEP, WITHDRAW)

# What a probe came to is "" where it was good, and else a reason. One that begins like these says
# that nobody has answered, not even to refuse.
SILENT = ("no answer within", "no route to host", "connection timed out")


class Check(NamedTuple):
    """How one real server is tried. Equal checks of one target are one probe."""

    kind: str  # a name in kinds/table.py
    port: int = 0  # 0 = the port that requests of the service reach the real server at
    through: str = RIP  # vip: as requests of clients go; rip: to the real server's own address
    interval: float = 2.0  # seconds from the begin of one probe to that of the next
    timeout: float = 1.0  # seconds for a whole probe; less than the interval
    rise: int = 2  # as many good ones in a row bring it back
    fall: int = 3  # as many bad ones in a row take it out
    options: tuple[tuple[str, Any], ...] = ()  # of its kind, sorted by name; hashable


class Probe(NamedTuple):
    """What is tried, and how. Equal ones are one."""

    check: Check
    address: str
    port: int
    mark: int = 0  # leads through the datapath; 0 = to the address itself
    source: str = ""  # "" = as the kernel chooses; with a mark, as it chooses towards the RIP
    rip: str = ""  # of the real server; needed with a mark
    environment: tuple[tuple[str, str], ...] = ()  # of a program, see kinds/script.py


class Policy(NamedTuple):
    """What a pool does with what its checks say."""

    floor: int = 0  # percent of the declared weight that checks never take out
    on_floor: str = KEEP  # keep = who failed last stays in; withdraw = all go out
    slow_start: float = 0  # seconds in which a weight grows to the declared one; 0 = at once


class Watch(NamedTuple):
    """A service of the table whose real servers are tried."""

    service: ServiceKey
    name: str  # the declared service's, for people
    address: str  # the VIP that is asked through vip
    port: int  # the port there, and a real server's where its destination has port 0
    check: Check
    policy: Policy = Policy()
    source: str = ""  # the address that probes come from; "" = as the kernel chooses
    fallback: tuple[DestinationKey, ...] = ()  # destinations that serve if no other one can

    def tries(self, destination: Destination) -> bool:
        """Whether a destination is tried: not one whose weight no answer would change."""
        return bool(destination.weight) and destination.key not in self.fallback
