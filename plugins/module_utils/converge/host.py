# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes this host what a component wants of it: read, plan, record, change."""

from __future__ import annotations

from functools import partial
from typing import Callable, Iterable, Sequence

from ..errors import HalfwayError
from ..host.apply import carry_out, read
from ..host.codec import dump_desired, dump_owned, load
from ..host.errors import HostError
from ..host.ip.announce import announce
from ..host.model import Address, Current, Desired, Owned, Resource
from ..host.plan import (
    Add,
    Operation,
    difference,
    missing_devices,
    problems,
    without_missing,
)
from ..state.record import Record
from .outcome import Outcome
from .steps import Step, come, concerned, finish, with_rest

ALL, PREPARE, FINISH = "all", "prepare", "finish"


def converge(
    record: Record, goal: Desired, *, phase: str = ALL, check_mode: bool = False
) -> Outcome:
    """Make the host what is desired, and remove what an earlier run made and is no longer desired.

    In the phase *prepare* what comes is added; in the phase *finish* what leaves is removed.
    """
    past = load(record)
    current = read(concerned(goal, past), past.owned)
    refuse(problems(current, goal, past.owned))
    pending: Sequence[Operation] = ()
    if phase == ALL:
        done = [finish(current, goal, past)]
    else:
        prepare = come(current, goal, goal, past)
        rest = finish(prepare.after, goal, past._replace(owned=prepare.owned))
        if phase == PREPARE:
            done, pending = [prepare], rest.operations
        else:
            # Check mode leaves what comes to the report of the phase before.
            done = [rest] if check_mode else [prepare, rest]
    warnings: list[str] = []
    for step in done:
        warnings += carry_out_step(record, step, carry_out, check_mode=check_mode)
    operations = [operation for step in done for operation in step.operations]
    return Outcome(operations, difference(done[0].before, operations), warnings, pending)


def apply(record: Record) -> Outcome:
    """Make the host what its state file says: the part of boot program and guard."""
    return put_back(record, read, partial(carry_out, goes_on=True))


def put_back(
    record: Record, look: Callable[[Desired, Owned], Current], by: Callable[..., None]
) -> Outcome:
    """Make the host what its state file says, as far as that is possible now.

    An interface that is not there holds up what is on it, and nothing else.
    """
    past = load(record)
    current = look(concerned(past.desired, past), past.owned)
    there, rest = without_missing(current, past.desired)
    refuse(problems(current, there, past.owned))
    step = with_rest(finish(current, there, past), rest, past)
    missing = [*missing_devices(current, past.desired)]
    try:
        warnings = carry_out_step(record, step, by, check_mode=False)
    except HostError as error:
        raise HostError("\n".join((*missing, str(error)))) from error
    refuse_halfway(missing, step.operations)
    return Outcome(step.operations, difference(current, step.operations), warnings)


def refuse(reasons: Sequence[str]) -> None:
    """Raise for what stands in the way."""
    if reasons:
        raise HostError("\n".join(reasons))


def refuse_halfway(reasons: Sequence[str], done: Sequence[object]) -> None:
    """Raise for what could not be, when the rest is done."""
    if reasons:
        raise HalfwayError("\n".join(reasons), done)


def carry_out_step(
    record: Record, step: Step, by: Callable[..., None], *, check_mode: bool
) -> list[str]:
    """Record a step, carry it out, and announce addresses that came; gives warnings."""
    desired = dump_desired(step.desired)
    record.record(desired, dump_owned(step.claimed))
    warnings: list[str] = []
    if not check_mode:
        by(step.before, step.operations, arp_suppressed=step.desired.arp_suppressed)
        if not step.desired.arp_suppressed:
            added = (
                operation.resource for operation in step.operations if isinstance(operation, Add)
            )
            warnings = announce_all(added)
    record.record(desired, dump_owned(step.owned))
    return warnings


def announce_all(resources: Iterable[Resource]) -> list[str]:
    """Tell the neighbours who has these addresses; gives warnings where that failed."""
    return [
        f"cannot announce {resource}: {reason}"
        for resource in resources
        if isinstance(resource, Address)
        for reason in announce(resource.device, resource.address)
    ]
