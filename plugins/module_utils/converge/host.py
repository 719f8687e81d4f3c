# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes this host what a part wants of it: read, plan, record, change."""

from __future__ import annotations

from typing import Iterable

from ..host.apply import carry_out, read
from ..host.codec import dump_desired, dump_owned, load_desired, load_owned
from ..host.errors import HostError
from ..host.ip.announce import announce
from ..host.model import (
    Address,
    Current,
    Desired,
    Resource,
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
    past = Past(load_desired(record.desired), load_owned(record.found))
    current = read(goal.wanted, past.found)
    in_the_way = problems(current, goal.wanted, past.found)
    if in_the_way:
        raise HostError("\n".join(in_the_way))
    todo = phased(phase, current, goal, past, check_mode=check_mode)
    operations, desired = todo.plan.operations, dump_desired(todo.kept)
    record.record(desired, dump_owned(todo.plan.found))
    hidden = todo.wanted.hidden
    warnings: list[str] = []
    if not check_mode:
        carry_out(current, operations, hidden=hidden)
        news = [] if hidden else [one.resource for one in operations if isinstance(one, Add)]
        warnings = _announce([*news, *(_kept(current, goal.wanted) if announce_again else ())])
    record.record(desired, dump_owned(todo.plan.left))
    return Outcome(operations, difference(todo.current, operations), warnings, todo.later)


def apply(record: Record) -> None:
    """Make the host what its state file says: the boot program's part."""
    converge(record, Goal.at_once(load_desired(record.desired)))


def _kept(current: Current, wanted: Desired) -> list[Resource]:
    """The wanted addresses that are there, with whatever prefix."""
    identities = {one.identity for one in wanted.resources if isinstance(one, Address)}
    return sorted((one for one in current.resources if one.identity in identities), key=str)


def _announce(resources: Iterable[Resource]) -> list[str]:
    """Tell the neighbours who has these addresses; gives warnings where that failed."""
    return [
        f"cannot announce {one}: {reason}"
        for one in resources
        if isinstance(one, Address)
        for reason in announce(one.device, one.address)
    ]
