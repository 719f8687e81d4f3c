# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The part of a director's way that is about its pair: which addresses keepalived has, and when.

Addresses come once the table is filled, and leave last, as those do that we put there ourselves.
A director that leaves its pair gives its addresses away first: the other one goes on. Where nobody
would (its connections are to end first, ``drains``), it keeps them to the end.
"""

from __future__ import annotations

from typing import NamedTuple, Sequence

from ..host import model as host
from ..ipvs.sync_daemon import StartSync, StopSync
from ..vrrp import plan
from ..vrrp.model import Pair, with_leaving
from ..vrrp.plan import Current, Do, Operation, Owned
from ..vrrp.render import Places


class Kept(NamedTuple):
    """What is kept in the state file."""

    pair: Pair | None = None
    owned: Owned = Owned()


class PairStep(NamedTuple):
    """A part of the way."""

    operations: Sequence[Operation]
    during: Kept  # from the first operation on: for the next run, and for a reboot
    after: Kept  # after the last one


class Stages(NamedTuple):
    """Steps before all others, once the table is filled, and after all others."""

    first: tuple[PairStep, ...] = ()
    middle: tuple[PairStep, ...] = ()
    last: tuple[PairStep, ...] = ()


class PairGoal(NamedTuple):
    """What is declared."""

    pair: Pair | None
    drains: bool  # whether connections end before the pair does
    persist: bool  # whether keepalived starts at boot


def floating(pair: Pair | None) -> frozenset[str]:
    """The addresses of a pair."""
    return frozenset(one.address for one in (pair.addresses if pair else ()))


def without_floating(current: host.Current, kept: Kept) -> host.Current:
    """What is left on a host once keepalived has ended."""
    gone = floating(kept.pair)
    left = (
        one
        for one in current.resources
        if not (isinstance(one, host.Address) and one.address in gone)
    )
    return current._replace(resources=frozenset(left))


def stages(current: Current, past: Kept, goal: PairGoal, places: Places) -> Stages:
    """Plan all of it."""
    pair, persist = goal.pair, goal.persist
    if pair is None:
        if past == Kept():
            return Stages()
        operations = [
            *plan.keepalived(current, plan.Texts(), past.owned, persist=persist),
            *plan.sync(current, (), past.owned),
        ]
        step = PairStep(operations, past, Kept())
        return Stages(last=(step,)) if goal.drains else Stages(first=(step,))
    both = with_leaving(pair, past.pair)
    coming = [*plan.keepalived(current, plan.texts_of(both, places), past.owned, persist=persist)]
    middle = _step(coming, both, past.owned)
    there = plan.after(current, coming)
    rest = [
        *plan.keepalived(there, plan.texts_of(pair, places), middle.after.owned, persist=persist),
        *plan.sync(there, pair.sync, middle.after.owned),
    ]
    return Stages(middle=(middle,), last=(_step(rest, pair, middle.after.owned),))


def _step(operations: Sequence[Operation], desired: Pair, before: Owned) -> PairStep:
    enabled = before.enabled or any(
        isinstance(one, Do) and one.verb == plan.ENABLE for one in operations
    )
    started = {one.daemon.role for one in operations if isinstance(one, StartSync)}
    stopped = {one.daemon.role for one in operations if isinstance(one, StopSync)}
    claimed = {*before.roles, *started}
    owned = {role for role in claimed if role in started or role not in stopped}
    return PairStep(
        operations,
        Kept(desired, Owned(enabled, tuple(sorted(claimed)))),
        Kept(desired, Owned(enabled, tuple(sorted(owned)))),
    )
