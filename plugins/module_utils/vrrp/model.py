# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What one director of a pair is told of the pair."""

from __future__ import annotations

from typing import NamedTuple

from ..ipvs.sync_daemon import SyncDaemon
from ..net.addresses import family_of


class Floating(NamedTuple):
    """An address that whoever is master has."""

    address: str
    interface: str


class Instance(NamedTuple):
    """A VRRP instance: one for each family in which the two directors talk."""

    source: str  # this director's own address
    peer: str  # the other one's; "" = there is none (yet)
    addresses: tuple[Floating, ...]  # of any family; all move at once

    @property
    def family(self) -> str:
        """The family of its advertisements."""
        return family_of(self.source)


class Pair(NamedTuple):
    """All of it."""

    router_id: int
    priority: int
    interval: float  # seconds from one advertisement to the next
    interface: str
    track: tuple[str, ...]  # further interfaces without which this director is no master
    instances: tuple[Instance, ...]
    sync: tuple[SyncDaemon, ...] = ()

    @property
    def is_alone(self) -> bool:
        """Whether there is no other director that could go on."""
        return not any(one.peer for one in self.instances)


def with_leaving(goal: Pair, past: Pair | None) -> Pair:
    """A pair that still has the addresses that are to leave it."""
    if past is None:
        return goal
    there = {floating.address for one in goal.instances for floating in one.addresses}
    leaving = {
        one.family: tuple(each for each in one.addresses if each.address not in there)
        for one in past.instances
    }
    return goal._replace(
        instances=tuple(
            one._replace(addresses=one.addresses + leaving.get(one.family, ()))
            for one in goal.instances
        )
    )
