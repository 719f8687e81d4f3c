# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The way of a director from what it is to what is declared: one order for all of it.

1. Settings come, and what of the host the table needs (forwarding, source NAT, LIPs).
2. What comes into the table.
3. VIPs and marks come: a client who reaches one finds what it leads to. Marks that leave go. Where
   VIPs are a pair's, keepalived is told of them.
4. What leaves the table drains, and goes. Destinations that switch their forwarding method do too.
5. Source NAT that leaves goes, so that new connections are as declared. Connections that began
   before, and that need what leaves, end.
6. What leaves goes from the host, and settings are restored.

A director that leaves a pair gives its VIPs to the other one before all of that (``pair_plan.py``).

Only 4 and 5 wait, and only where that is asked for. A director that stops there serves as declared.
"""

from __future__ import annotations

from typing import Collection, NamedTuple, Sequence, Union

from ..host.model import Address, Current, Desired, Mark, Past, Resource, Snat
from ..ipvs import transition
from ..ipvs.model import Endpoint, ServiceKey, Table
from ..ipvs.plan import Operation, after, plan
from ..net.addresses import family_of
from ..net.ports import PortRange
from .pair_plan import PairStep, Stages
from .steps import Step, come, finish


class Goal(NamedTuple):
    """What is declared for a director."""

    host: Desired
    early: Desired  # the same without VIPs and marks
    table: Table  # drained real servers have weight 0 in it
    gone: Collection[ServiceKey]  # services that are deleted
    drains: bool  # whether what leaves the table drains first
    ending: Collection[ServiceKey]  # services whose connections end before the host loses anything
    pending_elsewhere: bool  # whether real servers lose something, too
    pair: Stages = Stages()
    floating: Collection[str] = ()  # the addresses that keepalived has


class Change(NamedTuple):
    """A change of the table."""

    operations: Sequence[Operation]
    is_last: bool = False  # the table is as declared


class Drained(NamedTuple):
    """A barrier: these destinations have no connections any more."""

    destinations: transition.Destinations


class Ended(NamedTuple):
    """A barrier: connections of these endpoints that began before have ended."""

    endpoints: Sequence[Endpoint]


Way = Sequence[Union[Step, Change, PairStep, Drained, Ended]]


def way(current: Current, past: Past, table: Table, goal: Goal) -> Way:
    """Plan all of it, each step on what the ones before leave behind."""
    settled = come(current, goal.early, goal.host, past)
    reachable = come(settled.after, goal.host, goal.host, _past(settled), _released(past, goal))
    changes = _changes(table, goal)
    rest = finish(reachable.after, goal.host, _past(reachable))
    staying = transition.staying(table, goal.table) if goal.ending else ()
    to_end = _endpoints([key for key in staying if key in goal.ending], goal.host.resources)
    if not to_end or not (rest.operations or goal.pending_elsewhere):
        return [
            *goal.pair.first,
            *(settled, changes[0], reachable),
            *goal.pair.middle,
            *changes[1:],
            rest,
            *goal.pair.last,
        ]
    switched = come(reachable.after, goal.host, goal.host, _past(reachable), (Mark, Snat))
    rest = finish(switched.after, goal.host, _past(switched))
    return [
        *goal.pair.first,
        *(settled, changes[0], reachable),
        *goal.pair.middle,
        *(*changes[1:], switched, Ended(to_end), rest),
        *goal.pair.last,
    ]


def _released(past: Past, goal: Goal) -> tuple[type[Resource], ...]:
    """What leaves before keepalived is told of its addresses: it starts without any."""
    ours = {one.address for one in past.owned.resources if isinstance(one, Address)}
    return (Mark, Address) if ours & {*goal.floating} else (Mark,)


def _changes(table: Table, goal: Goal) -> list[Change | Drained]:
    """What comes into the table, and then the stages of what leaves it."""
    coming = plan(table, transition.coming(table, goal.table, goal.gone), ())
    state = after(table, coming)
    at_once = transition.Stage(goal.table, goal.gone)
    found: list[Change | Drained] = [Change(coming)]
    for stage in transition.stages(state, at_once) if goal.drains else [at_once]:
        operations = plan(state, stage.table, stage.gone)
        state = after(state, operations)
        found.append(Change(operations, is_last=not stage.leaving))
        if stage.leaving:
            found.append(Drained(stage.leaving))
    return found


def _past(step: Step) -> Past:
    return Past(step.desired, step.owned)


def _endpoints(keys: Collection[ServiceKey], resources: Collection[Resource]) -> list[Endpoint]:
    """Where clients connect to; a mark stands for all that gets it."""
    marks = {(key.fwmark, key.family) for key in keys if key.fwmark}
    marked = {
        Endpoint(resource.protocol, resource.address, resource.ports)
        for resource in resources
        if isinstance(resource, Mark) and (resource.mark, family_of(resource.address)) in marks
    }
    plain = {
        Endpoint(key.protocol, key.address, PortRange.single(key.port))
        for key in keys
        if not key.fwmark
    }
    return sorted(marked | plain)
