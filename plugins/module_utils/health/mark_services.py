# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Services of IPVS that lead probes: a mark for each real server and way to it.

The kernel's table is the only record of which mark means what, so that a daemon that starts again
goes on with the same ones.
"""

from __future__ import annotations

from itertools import chain
from typing import Collection, NamedTuple
from zlib import crc32

from ..ipvs.model import Destination, DestinationKey, Entry, Service, ServiceKey, Table
from ..ipvs.plan import Operation, plan
from ..net.probe_marks import MARKS, PORTS

_SCHEDULER = "rr"


class Target(NamedTuple):
    """A real server, and how requests of a service reach it."""

    family: str  # of the VIP
    destination: Destination  # with what all its services have: no port, a weight of 1


class MarkServices(NamedTuple):
    """What leads where, and the operations that make the kernel's table so."""

    marks: dict[Target, int]  # lacks what there is no mark for any more
    operations: list[Operation]


def target(service: ServiceKey, destination: Destination) -> Target:
    """Return how a destination of a service is reached; equal ones share a mark."""
    return Target(
        service.family,
        destination._replace(
            key=DestinationKey(destination.key.address, 0),
            weight=1,
            upper_threshold=0,
            lower_threshold=0,
        ),
    )


def assign(wanted: Collection[Target], there: Table) -> MarkServices:
    """Give each target a mark: the one that it has, or else one that is free."""
    wanted = {*wanted}
    marks: dict[Target, int] = {}
    for key in sorted(there):
        known = _target_of(there[key])
        if known and known in wanted and known not in marks:
            marks[known] = key.fwmark
    used = {key.fwmark for key in there}
    for new in sorted(wanted - marks.keys()):
        mark = _free(new, used)
        if mark:
            marks[new] = mark
            used.add(mark)
    desired = {}
    for one, mark in marks.items():
        key = service_key(one, mark)
        desired[key] = Entry(_service(key), {one.destination.key: one.destination})
    return MarkServices(marks, plan(there, desired, there.keys() - desired.keys()))


def service_key(one: Target, mark: int) -> ServiceKey:
    """Return the service that leads to a target by a mark."""
    return ServiceKey(one.family, mark, "", "", 0)


def leads(entry: Entry | None, one: Target) -> bool:
    """Tell whether what the kernel has leads to a target."""
    return entry is not None and _target_of(entry) == one


def _free(new: Target, used: Collection[int]) -> int | None:
    """Return a mark that is free, if possible one that has a port to itself.

    Where to look first depends on the target: so the next one hardly ever takes the port of one
    that has gone, by which IPVS may remember a connection.
    """
    first = crc32(repr(new).encode()) % len(PORTS)
    places = chain(range(first, len(PORTS)), range(first), range(len(PORTS), len(MARKS)))
    return next((MARKS[place] for place in places if MARKS[place] not in used), None)


def _service(key: ServiceKey) -> Service:
    # One-packet scheduling concerns UDP alone: a source port leads to a real server no longer
    # than its datagram.
    return Service(key, _SCHEDULER, one_packet=True)


def _target_of(entry: Entry) -> Target | None:
    """Return what a service leads to; None if it is none of ours, or half made."""
    key = entry.service.key
    if entry.service != _service(key) or len(entry.destinations) != 1:
        return None
    (one,) = entry.destinations.values()
    found = target(key, one)
    return found if found.destination == one else None
