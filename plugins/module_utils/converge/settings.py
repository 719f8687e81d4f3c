# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes a director's settings what is wanted: read, plan, record, write.

Timeouts go through the plan of the host's sysctls as settings with a name of their own, so that
one piece of code remembers what was found and puts it back.
"""

from __future__ import annotations

from typing import Iterable

from ..host import codec
from ..host.errors import HostError
from ..host.model import Current, Desired, Owned
from ..host.plan import Operation, Write, problems
from ..host.sysctl import files as sysctl
from ..host.sysctl.rules import exactly
from ..ipvs.client import Client
from ..ipvs.model import Timeouts
from ..ipvs.settings import Settings, normal, sysctl_key
from ..state.record import Record
from .outcome import Outcome
from .phases import ALL, Goal, Past, phased

PART = "ipvs_settings"
_TIMEOUT = "timeout/"


def converge_settings(
    record: Record, settings: Settings, *, phase: str = ALL, check_mode: bool = False
) -> Outcome:
    """Make the settings so, and put back those that an earlier run made and nobody wants now."""
    return _converge(record, _wanted(settings), phase=phase, check_mode=check_mode)


def apply(record: Record) -> None:
    """Make the settings what the state file says: the boot program's part."""
    _converge(record, codec.load_desired(record.desired), phase=ALL, check_mode=False)


def _converge(record: Record, wanted: Desired, *, phase: str, check_mode: bool) -> Outcome:
    past = Past(codec.load_desired(record.desired), codec.load_owned(record.found))
    # The sysctls exist only once ip_vs is loaded, which opening the client does.
    with Client() as client:
        current = _read(client, wanted, past.found)
        in_the_way = problems(current, wanted, past.found)
        if in_the_way:
            raise HostError("\n".join(in_the_way))
        goal = Goal.at_once(wanted)
        todo = phased(phase, current, goal, past, check_mode=check_mode)
        writes, desired = _writes(todo.plan.operations), codec.dump_desired(todo.wanted)
        record.record(desired, codec.dump_owned(todo.plan.found))
        if not check_mode:
            _write(client, writes)
        record.record(desired, codec.dump_owned(todo.plan.left))
    return Outcome(
        _sentences(writes),
        {
            "before": {_name(one.key): todo.current.sysctls[one.key] for one in writes},
            "after": {_name(one.key): one.value for one in writes},
        },
        later=_sentences(_writes(todo.later)),
    )


def _writes(operations: Iterable[Operation]) -> list[Write]:
    return [one for one in operations if isinstance(one, Write)]


def _sentences(writes: Iterable[Write]) -> list[str]:
    return [f"set {_name(one.key)} to {one.value}" for one in writes]


def _wanted(settings: Settings) -> Desired:
    values = {sysctl_key(name): value for name, value in settings.sysctls.items()}
    values.update({_TIMEOUT + name: str(value) for name, value in settings.timeouts.items()})
    return Desired(settings=tuple(exactly(key, value) for key, value in values.items()))


def _read(client: Client, wanted: Desired, found: Owned) -> Current:
    keys = {one.key for one in wanted.settings} | found.settings.keys()
    sysctls = sysctl.read(key for key in keys if not key.startswith(_TIMEOUT))
    timeouts = client.timeouts()._asdict()
    return Current(
        sysctls={
            **{key: normal(value) for key, value in sysctls.items()},
            **{_TIMEOUT + name: str(value) for name, value in timeouts.items()},
        }
    )


def _write(client: Client, writes: list[Write]) -> None:
    timeouts = {
        one.key[len(_TIMEOUT) :]: int(one.value) for one in writes if one.key.startswith(_TIMEOUT)
    }
    if timeouts:
        client.set_timeouts(Timeouts(**timeouts))
    for one in writes:
        if not one.key.startswith(_TIMEOUT):
            sysctl.write(one.key, one.value)


def _name(key: str) -> str:
    """A setting's name for people: the option of a timeout, or a sysctl."""
    if key.startswith(_TIMEOUT):
        return f"{key[len(_TIMEOUT) :]}_timeout"
    return key.replace("/", ".")
