# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes a director's settings what is desired: read, plan, record, write.

Timeouts go through the plan of the host's sysctls as settings with a name of their own, so that
one piece of code keeps their originals and restores them.
"""

from __future__ import annotations

from functools import partial
from typing import Sequence

from ..host import apply as host
from ..host.codec import load
from ..host.model import Current, Desired, Owned, SysctlRequirement
from ..host.plan import LoadHelper, Operation, Write, difference, problems
from ..host.sysctl import files as sysctl
from ..host.sysctl.rules import exactly
from ..ipvs.client import Client
from ..ipvs.model import Timeouts
from ..ipvs.settings import Settings, sysctl_key
from ..state.record import Record
from .host import carry_out_step, refuse
from .outcome import Outcome
from .steps import finish

PART = "ipvs_settings"

_TIMEOUTS = {f"{field}_timeout": field for field in Timeouts._fields}


def desired_settings(settings: Settings) -> tuple[SysctlRequirement, ...]:
    """The settings as those of a host."""
    values = {sysctl_key(name): value for name, value in settings.sysctls.items()}
    values.update({f"{field}_timeout": str(value) for field, value in settings.timeouts.items()})
    return tuple(exactly(key, value) for key, value in values.items())


def converge_settings(record: Record, settings: Settings, *, check_mode: bool = False) -> Outcome:
    """Make the settings so, and restore those that an earlier run made and are not desired now."""
    return _converge(record, Desired(settings=desired_settings(settings)), check_mode=check_mode)


def apply(record: Record) -> Outcome:
    """Make the settings what the state file says: the boot program's part."""
    return _converge(record, load(record).desired, check_mode=False)


def read(client: Client, desired: Desired, owned: Owned) -> Current:
    """Look at a host with its timeouts and helpers of IPVS."""
    current = with_timeouts(client, host.read(desired, owned))
    return current._replace(helpers=client.helpers())


def with_timeouts(client: Client, current: Current) -> Current:
    """Add the timeouts of IPVS to what a host has."""
    timeouts = client.timeouts()._asdict()
    values = {key: str(timeouts[field]) for key, field in _TIMEOUTS.items()}
    return current._replace(sysctls={**current.sysctls, **values})


def carry_out(
    client: Client, current: Current, operations: Sequence[Operation], *, arp_suppressed: bool
) -> None:
    """Change a host, its timeouts and helpers of IPVS by the client."""
    for operation in operations:
        if isinstance(operation, LoadHelper):
            client.load_helper(operation.name)
    timeouts = {
        _TIMEOUTS[operation.key]: int(operation.value)
        for operation in operations
        if isinstance(operation, Write) and operation.key in _TIMEOUTS
    }
    if timeouts:
        client.set_timeouts(Timeouts(**timeouts))
    others = [
        operation
        for operation in operations
        if not isinstance(operation, LoadHelper)
        and not (isinstance(operation, Write) and operation.key in _TIMEOUTS)
    ]
    host.carry_out(current, others, arp_suppressed=arp_suppressed)


def _converge(record: Record, desired: Desired, *, check_mode: bool) -> Outcome:
    past = load(record)
    keys = {setting.key for setting in desired.settings} | past.owned.settings.keys()
    with Client() as client:  # loads ip_vs: its sysctls are there from now on
        current = with_timeouts(client, Current(sysctls=sysctl.read(keys)))
        refuse(problems(current, desired, past.owned))
        step = finish(current, desired, past)
        carry_out_step(record, step, partial(carry_out, client), check_mode=check_mode)
    return Outcome(step.operations, difference(current, step.operations))
