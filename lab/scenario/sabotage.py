# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A negative proof: spoil one thing, see the verdict, let site.yml mend it, see it green."""

from __future__ import annotations

from dataclasses import dataclass

from .topology import Topology


@dataclass(frozen=True)
class Sabotage:
    """Something that goes wrong on a host, and how the proof has to put it."""

    name: str
    host: str
    command: str
    finding: str
    """A part of the message; that finding has to name the host, too."""


def prove_and_mend(sabotage: Sabotage, topology: Topology) -> None:
    """Be red for the right reason, then change this host alone, then be green."""
    topology.inventory.nodes[sabotage.host].run("sh", "-c", sabotage.command)
    found = topology.prove()
    named = {finding.host for finding in found if sabotage.finding in finding.message}
    expect(named, {sabotage.host}, f"hosts found guilty of {sabotage.finding!r}")

    mended = topology.converge()
    expect(mended.status, 0, "exit status of site.yml")
    expect(mended.changed, {sabotage.host}, "hosts changed by site.yml")
    expect(topology.prove(), [], "findings after site.yml")


def expect(found: object, wanted: object, what: str) -> None:
    """Fail with both sides."""
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, and not {wanted!r}")
