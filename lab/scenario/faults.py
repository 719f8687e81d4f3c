# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fault injection: break something, verify that it is detected, let site.yml repair it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .topology import Topology


@dataclass(frozen=True)
class Fault:
    """A fault, and the finding that the verification must report for it."""

    name: str
    host: str
    """The host that the finding must name."""
    finding: str
    """A part of the finding's message."""
    break_: Mapping[str, str]
    """Hosts, each with the command that breaks it."""
    repair: Mapping[str, str] = field(default_factory=dict)
    """Hosts, each with the command that repairs what site.yml does not manage."""


def detect_and_repair(topology: Topology, rounds: Sequence[Sequence[Fault]]) -> None:
    """Check that each fault is found for the right reason, and that site.yml repairs it alone.

    Faults that cannot hide each other share a round, because each verification takes time.
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


def expect(got: object, expected: object, what: str) -> None:
    """Fail with both sides."""
    if got != expected:
        raise AssertionError(f"{what}: got {got!r}, expected {expected!r}")


def _run(topology: Topology, commands: Mapping[str, str]) -> None:
    for host, command in commands.items():
        topology.inventory.nodes[host].run("sh", "-c", command)
