# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A change of a host in steps, with something else in between.

A director goes on sending a real server what it has sent it so far until it is told otherwise. So
what comes is added first, and what leaves is removed last. In between a host has both.

Ranges of ports can be in one table only where they share none (nft_pipapo_insert() in
net/netfilter/nft_set_pipapo.c). In between, a port that both have is with what comes, and the rest
of what leaves is a resource of its own.
"""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple, Sequence, TypeVar

from ..host.model import DEVICES, Address, Current, Desired, Mark, Owned, Past, Resource, Snat
from ..host.plan import Operation, after, plan
from ..net.ports import PortRange, without

_WITH_PORTS = (Snat, Mark)
One = TypeVar("One")


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
    later = past.desired.resources & goal.resources - desired.resources
    kept = desired.resources | (later & {*_beside(later, desired.resources)})
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


def with_rest(step: Step, rest: Desired, past: Past) -> Step:
    """Return a step that keeps the rest of what was desired, and what of it is ours."""
    keys = {setting.key for setting in rest.settings}
    resources = past.owned.resources & rest.resources
    settings = {key: one for key, one in past.owned.settings.items() if key in keys}

    def whole(owned: Owned) -> Owned:
        return Owned(owned.resources | resources, {**owned.settings, **settings})

    desired = step.desired._replace(
        resources=step.desired.resources | rest.resources,
        settings=_in_order((*step.desired.settings, *rest.settings), past.desired.settings),
        up=_in_order((*step.desired.up, *rest.up), past.desired.up),
    )
    return step._replace(desired=desired, claimed=whole(step.claimed), owned=whole(step.owned))


def _in_order(given: Sequence[One], order: Sequence[One]) -> tuple[One, ...]:
    """As they were ordered before, and what is new behind."""
    known = tuple(one for one in order if one in given)
    return (*known, *(one for one in given if one not in known))


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
    staying = {one for one in there if one.identity not in identities}
    resources = part.resources.union(_beside(staying, part.resources))
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


def _beside(resources: Iterable[Resource], others: Iterable[Resource]) -> Iterator[Resource]:
    """Return the resources, those with ports only with ports that none of the others has."""
    taken: dict[tuple[object, ...], list[PortRange]] = {}
    for other in others:
        if isinstance(other, _WITH_PORTS):
            taken.setdefault((type(other), other.protocol, other.address), []).append(other.ports)
    for one in resources:
        if isinstance(one, _WITH_PORTS):
            there = taken.get((type(one), one.protocol, one.address), ())
            for ports in without(one.ports, there):
                yield one._replace(ports=ports)
        else:
            yield one
