# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Checks of which an operator knows better: what they find is shown, and stops nothing."""

from __future__ import annotations

from typing import Iterable, Iterator, Mapping

from .checks import table
from .declaration.inventory import Inventory
from .declaration.model import Service
from .declaration.options import VALUE as OPTION
from .declaration.problems import VALUE
from .modes.check import PathCheck, TopologyCheck
from .modes.table import MODES, ON_DIRECTOR
from .violation import Violation, did_you_mean

Accepts = Mapping[str, "tuple[str, ...]"]

_CHECKS: tuple[PathCheck | TopologyCheck, ...] = (
    *(check for modes in (MODES, ON_DIRECTOR) for one in modes.values() for check in one.checks),
    *(check for mode in MODES.values() for check in mode.topology_checks),
    *table.CHECKS,
)
_IDS = frozenset(check.id for check in _CHECKS)

ACCEPTABLE = frozenset(check.id for check in _CHECKS if check.is_acceptable)
"""The ids of checks that can be accepted."""


def problems(services: Iterable[Service], by_host: Accepts) -> Iterator[Violation]:
    """What cannot be accepted, wherever it is."""
    for service in services:
        for name in service.accept:
            if name not in ACCEPTABLE:
                yield Violation(VALUE, service.name, "", f"accept: {name!r}", _expected(name))
    for host, names in by_host.items():
        for name in names:
            if name not in ACCEPTABLE:
                got = f"topology_accept: {name!r}"
                yield Violation(OPTION, "", host, got, _expected(name))


def part(
    violations: Iterable[Violation],
    services: Iterable[Service],
    by_host: Accepts,
    inventory: Inventory,
) -> tuple[list[Violation], list[Violation]]:
    """Those that stop the run, and those that were accepted."""
    of_service = {service.name: frozenset(service.accept) for service in services}
    everyone = {*inventory.directors, *inventory.real_servers, *inventory.routers}
    said = [frozenset(by_host.get(host, ())) for host in everyone]
    everywhere = frozenset.intersection(*said) if said else ()
    stopping: list[Violation] = []
    accepted: list[Violation] = []
    for violation in violations:
        # What concerns no host that has a say is accepted where every host accepts it.
        is_accepted = violation.id in ACCEPTABLE and (
            violation.id in of_service.get(violation.service, ())
            or violation.id in by_host.get(violation.host, everywhere)
        )
        (accepted if is_accepted else stopping).append(violation)
    return stopping, accepted


def _expected(name: str) -> str:
    if name in _IDS:
        return (
            "nothing: what this check finds is refused by hosts, or leaves nothing to converge to"
        )
    return f"one of {', '.join(sorted(ACCEPTABLE))}{did_you_mean(name, ACCEPTABLE)}"
