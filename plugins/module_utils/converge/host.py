# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes this host what a part wants of it: read, plan, record, change."""

from __future__ import annotations

from typing import Iterable

from ..host.apply import carry_out, read
from ..host.codec import dump_found, dump_wanted, load_found, load_wanted
from ..host.errors import HostError
from ..host.ip.announce import announce
from ..host.model import (
    Address,
    Current,
    Thing,
    Wanted,
)
from ..host.plan import Add, difference, problems
from ..state.record import Record
from .outcome import Outcome
from .phases import ALL, Goal, Past, phased


def converge(
    record: Record,
    goal: Goal,
    *,
    phase: str = ALL,
    check_mode: bool = False,
    announce_again: bool = False,
) -> Outcome:
    """Make the host what is wanted, and undo what an earlier run made and nobody wants now.

    ``announce_again`` tells the neighbours of the wanted addresses that were there before, too.
    """
    past = Past(load_wanted(record.desired), load_found(record.found))
    current = read(goal.wanted, past.found)
    in_the_way = problems(current, goal.wanted, past.found)
    if in_the_way:
        raise HostError("\n".join(in_the_way))
    todo = phased(phase, current, goal, past, check_mode=check_mode)
    operations, desired = todo.plan.operations, dump_wanted(todo.kept)
    record.record(desired, dump_found(todo.plan.found))
    hidden = todo.wanted.hidden
    warnings: list[str] = []
    if not check_mode:
        carry_out(current, operations, hidden=hidden)
        news = [] if hidden else [one.thing for one in operations if isinstance(one, Add)]
        warnings = _announce([*news, *(_kept(current, goal.wanted) if announce_again else ())])
    record.record(desired, dump_found(todo.plan.left))
    return Outcome(operations, difference(todo.current, operations), warnings, todo.later)


def apply(record: Record) -> None:
    """Make the host what its state file says: the boot program's part."""
    converge(record, Goal.at_once(load_wanted(record.desired)))


def _kept(current: Current, wanted: Wanted) -> list[Thing]:
    """The wanted addresses that are there, with whatever prefix."""
    slots = {one.slot for one in wanted.things if isinstance(one, Address)}
    return sorted((one for one in current.things if one.slot in slots), key=str)


def _announce(things: Iterable[Thing]) -> list[str]:
    """Tell the neighbours who has these addresses; gives warnings where that failed."""
    return [
        f"cannot announce {one}: {reason}"
        for one in things
        if isinstance(one, Address)
        for reason in announce(one.device, one.address)
    ]
