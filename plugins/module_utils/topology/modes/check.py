# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a check is, and how a table of them is run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Callable, Iterable, Iterator, Sequence

from ..paths.path import Path, once_per_leg
from ..topology import Topology
from ..violation import Finding, Violation

FindOnPath = Callable[[Path, Topology], Iterable[Finding]]


@dataclass(frozen=True)
class TopologyCheck:
    """One demand on the topology as a whole."""

    id: str
    rule: str  # what holds in a sound topology
    findings: Callable[[Topology], Iterable[Finding]]
    # Whether an operator may know better; never where hosts or their modules refuse the result.
    is_acceptable: bool = False


@dataclass(frozen=True)
class PathCheck:
    """One demand on each path of a mode."""

    id: str
    rule: str
    findings: FindOnPath
    # Without it there is no RIP or no DIP: the checks after it have nothing to look at.
    is_basic: bool = False
    is_acceptable: bool = False  # as above
    holds_on_director: bool = False  # whether a director that is the real server has to meet it


def check_once_per_leg(find: FindOnPath) -> FindOnPath:
    """Decorate a check whose findings depend on nothing but the path's leg."""

    @once_per_leg
    @wraps(find)
    def found(path: Path, topology: Topology) -> Iterable[Finding]:
        return tuple(find(path, topology))

    return found


def check_topology(checks: Iterable[TopologyCheck], topology: Topology) -> Iterator[Violation]:
    """What these checks find."""
    for check in checks:
        for found in check.findings(topology):
            yield Violation(check.id, found.service, found.host, found.got, found.expected)


def check_path(checks: Sequence[PathCheck], path: Path, topology: Topology) -> Iterator[Violation]:
    """What these checks find on one path."""
    for check in checks:
        one = None
        for one in check.findings(path, topology):
            yield Violation(check.id, path.service.name, path.name, one.got, one.expected)
        if one and check.is_basic:
            return
