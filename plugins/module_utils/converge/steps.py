# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A change of a host in steps, with something else in between.

A director goes on sending a real server what it has sent it so far until it is told otherwise. So
what comes is added first, and what leaves is removed last. In between a host has both.
"""

from __future__ import annotations

from typing import NamedTuple

from ..host.model import DEVICES, Address, Current, Desired, Owned, Past, Resource
from ..host.plan import Operation, after, plan


class Step(NamedTuple):
    """A part of the way to what is desired."""

    operations: tuple[Operation, ...]
    before: Current
    after: Current
    desired: Desired  # to be kept from the first operation on: for the next run, and for a reboot
    claimed: Owned  # ours from the first operation on
    owned: Owned  # ours after the last one


def concerned(goal: Desired, past: Past) -> Desired:
    """What has to be read for the steps: what is desired, and the settings that may stay."""
    return goal._replace(settings=(*goal.settings, *past.desired.settings))


def come(
    at: Current,
    part: Desired,
    goal: Desired,
    past: Past,
    released: tuple[type[Resource], ...] = (),
) -> Step:
    """Add a part of the goal; keep what leaves, but for the kinds that are released."""
    desired = _with_leaving(at, part, goal, past, released)
    todo = plan(at, desired, past.owned)
    # A resource that was removed by hand and that a later step brings back stays ours meanwhile.
    ours = past.owned.resources & goal.resources
    kept = desired.resources | (past.desired.resources & goal.resources)
    return Step(
        todo.operations,
        at,
        after(at, todo.operations),
        desired._replace(resources=kept),
        todo.owned,
        todo.left._replace(resources=todo.left.resources | ours),
    )


def finish(at: Current, goal: Desired, past: Past) -> Step:
    """Add what is still missing, and remove what leaves."""
    todo = plan(at, goal, past.owned)
    return Step(todo.operations, at, after(at, todo.operations), goal, todo.owned, todo.left)


def _with_leaving(
    at: Current,
    part: Desired,
    goal: Desired,
    past: Past,
    released: tuple[type[Resource], ...],
) -> Desired:
    """What comes or is there already, and what leaves but is not replaced."""
    identities = {resource.identity for resource in part.resources}
    leaving = frozenset(
        resource for resource in past.owned.resources if not isinstance(resource, released)
    )
    there = (leaving | goal.resources) & at.resources
    resources = part.resources | {one for one in there if one.identity not in identities}
    devices = {resource.name for resource in resources if isinstance(resource, DEVICES)}
    devices |= {resource.device for resource in resources if isinstance(resource, Address)}
    keys = {setting.key for setting in part.settings}
    written = {
        key for key, one in past.owned.settings.items() if at.sysctls.get(key) == one.written
    }
    return part._replace(
        resources=resources,
        settings=(
            *part.settings,
            *(setting for setting in past.desired.settings if setting.key in written - keys),
        ),
        # A device that stays for now, or has an address that does, comes up again after a reboot.
        up=(
            *part.up,
            *(name for name in past.desired.up if name in devices and name not in part.up),
        ),
        arp_suppressed=past.desired.arp_suppressed or part.arp_suppressed,
    )
