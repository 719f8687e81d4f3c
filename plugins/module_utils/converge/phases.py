# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A change of a host in phases, with changes of other hosts in between.

A director goes on sending a real server what it has sent it so far until it is told otherwise. So
what comes is made first (*prepare*), and what leaves goes last (*finish*). In between, once the
director's table has what they lead to, VIPs and marks come (*serve*); and where connections are
waited for, new ones must not become like these (*switch*).
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, NamedTuple

from ..host.model import DEVICES, Current, Desired, Mark, Owned, Resource, Snat
from ..host.plan import Operation, Plan, after, plan
from .outcome import Outcome

ALL, PREPARE, SERVE, SWITCH, FINISH = "all", "prepare", "serve", "switch", "finish"

PHASE_SPEC: dict[str, Any] = {
    "phase": {"type": "str", "default": ALL, "choices": [ALL, PREPARE, SERVE, SWITCH, FINISH]}
}

# What leaves already in a phase on the way: it is there for new connections alone. IPVS finds those
# that are there by their addresses, not by a mark, and their source is in conntrack.
_LEAVING: Mapping[str, tuple[type[Resource], ...]] = {
    PREPARE: (),
    SERVE: (Mark,),
    SWITCH: (Mark, Snat),
}
# What check mode takes for done, because nobody has carried it out.
_DONE_BEFORE = {SERVE: PREPARE, SWITCH: SERVE, FINISH: SERVE}


def still_to_do(phase: str) -> Callable[[Outcome], dict[str, Any]]:
    """What a module tells beside what it did: whether the phase finish is needed at all."""

    def told(outcome: Outcome) -> dict[str, Any]:
        return {"later": [str(one) for one in outcome.later]} if phase in _LEAVING else {}

    return told


class Goal(NamedTuple):
    """What a host is to be, and as much of it as comes in the phase prepare."""

    wanted: Desired
    early: Desired

    @classmethod
    def at_once(cls, wanted: Desired) -> Goal:
        """Nothing of it has to wait."""
        return cls(wanted, wanted)


class Past(NamedTuple):
    """What the last run wanted, and what of the host is ours since."""

    wanted: Desired
    found: Owned


class Todo(NamedTuple):
    """What a phase does, on the host as it finds it, and what it keeps of it."""

    current: Current
    wanted: Desired
    kept: Desired  # for the next run, and for a reboot
    plan: Plan
    later: tuple[Operation, ...]  # what the phase finish does


def phased(phase: str, current: Current, goal: Goal, past: Past, *, check_mode: bool) -> Todo:
    """The part of the way to the goal that a phase goes."""
    if check_mode and phase in _DONE_BEFORE:
        done = _on_the_way(_DONE_BEFORE[phase], current, goal, past).plan
        current, past = after(current, done.operations), past._replace(found=done.left)
    if phase in _LEAVING:
        return _on_the_way(phase, current, goal, past)
    return Todo(current, goal.wanted, goal.wanted, plan(current, goal.wanted, past.found), ())


def _on_the_way(phase: str, current: Current, goal: Goal, past: Past) -> Todo:
    wanted = _both(phase, current, goal, past)
    todo = plan(current, wanted, past.found)
    # What somebody has removed, and the phase finish brings back, stays wanted and ours meanwhile.
    ours = past.found.resources & goal.wanted.resources
    todo = todo._replace(left=todo.left._replace(resources=todo.left.resources | ours))
    later = plan(after(current, todo.operations), goal.wanted, todo.left)
    kept = wanted._replace(
        resources=wanted.resources | (past.wanted.resources & goal.wanted.resources)
    )
    return Todo(current, wanted, kept, todo, later.operations)


def _both(phase: str, current: Current, goal: Goal, past: Past) -> Desired:
    """What comes or is there already, and what leaves but is not replaced.

    Connections keep their source for as long as there is a chain for NAT, which the local addresses
    keep.
    """
    coming, written = goal.early if phase == PREPARE else goal.wanted, past.found.settings
    identities = {one.identity for one in coming.resources}
    leaving = (one for one in past.found.resources if not isinstance(one, _LEAVING[phase]))
    there = (frozenset(leaving) | goal.wanted.resources) & current.resources
    resources = coming.resources | {one for one in there if one.identity not in identities}
    devices = {one.name for one in resources if isinstance(one, DEVICES)}
    keys = {one.key for one in coming.settings}
    ours = {key for key, one in written.items() if current.sysctls.get(key) == one.written}
    return coming._replace(
        resources=resources,
        settings=(
            *coming.settings,
            *(one for one in past.wanted.settings if one.key in ours - keys),
        ),
        # A device that stays for now comes up again after a reboot.
        up=(
            *coming.up,
            *(one for one in past.wanted.up if one in devices and one not in coming.up),
        ),
        hidden=past.wanted.hidden or coming.hidden,
    )
