# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Negative proofs: spoil something, see the verdict, let site.yml mend it, see it green."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .topology import Topology


@dataclass(frozen=True)
class Sabotage:
    """Something that goes wrong, and how the proof has to put it."""

    name: str
    host: str
    """Where the proof has to find it."""
    finding: str
    """A part of the message; that finding has to name the host, too."""
    spoil: Mapping[str, str]
    """A command for each host that it takes."""
    mend: Mapping[str, str] = field(default_factory=dict)
    """Commands that take it back, if it is none of site.yml's business."""


def prove_and_mend(topology: Topology, rounds: Sequence[Sequence[Sabotage]]) -> None:
    """Be red for each right reason, then change the spoilt hosts alone; in the end be green.

    What cannot hide one another is spoilt in one round, because every proof takes its time.
    """
    for sabotages in rounds:
        for sabotage in sabotages:
            _run(topology, sabotage.spoil)
        found = topology.prove()
        for sabotage in sabotages:
            named = {finding.host for finding in found if sabotage.finding in finding.message}
            expect(named, {sabotage.host}, f"{sabotage.name}: hosts with {sabotage.finding!r}")

        for sabotage in sabotages:
            _run(topology, sabotage.mend)
        mended = topology.converge()
        expect(mended.status, 0, "exit status of site.yml")
        spoilt = {host for each in sabotages if not each.mend for host in each.spoil}
        expect(mended.changed, spoilt, "hosts changed by site.yml")
    expect(topology.prove(), [], "findings after site.yml")


def expect(found: object, wanted: object, what: str) -> None:
    """Fail with both sides."""
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, and not {wanted!r}")


def _run(topology: Topology, commands: Mapping[str, str]) -> None:
    for host, command in commands.items():
        topology.inventory.nodes[host].run("sh", "-c", command)
