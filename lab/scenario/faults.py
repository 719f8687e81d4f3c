# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Negative proofs: spoil something, see the verdict, let site.yml mend it, see it green."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .topology import Topology


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, and how the proof has to put it."""

    name: str
    host: str
    """Where the proof has to find it."""
    finding: str
    """A part of the message; that finding has to name the host, too."""
    break_: Mapping[str, str]
    """A command for each host that it takes."""
    repair: Mapping[str, str] = field(default_factory=dict)
    """Commands that take it back, if it is none of site.yml's business."""


def detect_and_repair(topology: Topology, rounds: Sequence[Sequence[Fault]]) -> None:
    """Be red for each right reason, then change the broken hosts alone; in the end be green.

    What cannot hide one another is broken in one round, because every proof takes its time.
    """
    for faults in rounds:
        for fault in faults:
            _run(topology, fault.break_)
        found = topology.verify()
        for fault in faults:
            named = {finding.host for finding in found if fault.finding in finding.message}
            expect(named, {fault.host}, f"{fault.name}: hosts with {fault.finding!r}")

        for fault in faults:
            _run(topology, fault.repair)
        repaired = topology.converge()
        expect(repaired.status, 0, "exit status of site.yml")
        broken = {host for each in faults if not each.repair for host in each.break_}
        expect(repaired.changed, broken, "hosts changed by site.yml")
    expect(topology.verify(), [], "findings after site.yml")


def expect(found: object, wanted: object, what: str) -> None:
    """Fail with both sides."""
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, and not {wanted!r}")


def _run(topology: Topology, commands: Mapping[str, str]) -> None:
    for host, command in commands.items():
        topology.inventory.nodes[host].run("sh", "-c", command)
