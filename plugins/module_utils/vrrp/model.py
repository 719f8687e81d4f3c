# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What one director of a pair is told of the pair."""

from __future__ import annotations

from typing import NamedTuple

from ..ipvs.sync_daemon import SyncDaemon
from ..net.addresses import family_of


class Floating(NamedTuple):
    """An address of the master."""

    address: str
    interface: str


class Pair(NamedTuple):
    """All of it: one VRRP instance, with which all addresses move at once."""

    router_id: int
    interval: float  # seconds from one advertisement to the next
    interface: str
    source: str  # this director's own address
    addresses: tuple[Floating, ...]  # of any family; at least one of the source's
    peer: str = ""  # the other director's own address; "" = there is none (yet)
    track: tuple[str, ...] = ()  # further interfaces without which this director is no master
    health: bool = False  # whether a director whose health daemon is dead gives way
    sync: tuple[SyncDaemon, ...] = ()

    @property
    def family(self) -> str:
        """The family of its advertisements."""
        return family_of(self.source)


def with_leaving(goal: Pair, past: Pair | None) -> Pair:
    """A pair that still has the addresses that are to leave it."""
    if past is None:
        return goal
    there = {one.address for one in goal.addresses}
    leaving = (one for one in past.addresses if one.address not in there)
    return goal._replace(addresses=(*goal.addresses, *leaving))
