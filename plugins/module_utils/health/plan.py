# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Which probes what is watched needs. Equal ones are one, whatever number of services share it."""

from __future__ import annotations

from typing import Iterator, Mapping, Sequence

from ..ipvs.model import Destination, Table
from . import mark_services
from .decisions import Target
from .kinds import script
from .kinds.kind import PROCESS
from .kinds.table import KINDS
from .model import RIP, VIP, Probe, Watch

Marks = Mapping[mark_services.Target, int]


def marked(watches: Sequence[Watch], table: Table) -> set[mark_services.Target]:
    """The real servers, and ways to them, that need a mark."""
    return {
        mark_services.target(watch.service, one)
        for watch, one in _tried(watches, table)
        if watch.check.through == VIP
    }


def probes(watches: Sequence[Watch], table: Table, marks: Marks) -> dict[Target, Probe]:
    """The probe of each destination that is tried; none where there is no mark for it."""
    return {
        (watch.service, one.key): probe
        for watch, one in _tried(watches, table)
        for probe in _probe(watch, one, marks)
    }


def _tried(watches: Sequence[Watch], table: Table) -> Iterator[tuple[Watch, Destination]]:
    for watch in watches:
        entry = table.get(watch.service)
        for one in entry.destinations.values() if entry else ():
            if watch.tries(one):
                yield watch, one


def _probe(watch: Watch, one: Destination, marks: Marks) -> Iterator[Probe]:
    check, rip = watch.check, one.key.address
    port = check.port or one.key.port or watch.port
    if check.through == VIP:
        # As a client asks: IPVS changes the port for the real server, if at all.
        probe = Probe(check, watch.address, check.port or watch.port, rip=rip)
        mark = marks.get(mark_services.target(watch.service, one))
        if mark is None:
            return
        probe = probe._replace(mark=mark)
    else:
        probe = Probe(check, rip, port)
    environment = (
        script.environment(watch.name or str(watch.service), watch.address, rip, port)
        if KINDS[check.kind].transport == PROCESS
        else ()
    )
    # What is in the probe itself is no matter of the check any more: so that equal ones are equal.
    yield probe._replace(
        check=check._replace(port=0, through=RIP), source=watch.source, environment=environment
    )
