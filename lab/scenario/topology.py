# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scenario's topology, as its tests handle it."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from observe import inventory, proof, table
from observe.inventory import Inventory
from observe.judge import Finding

SITE = "lvs.topology.site"
VALIDATE = "lvs.topology.validate"
_PLAYBOOK_SECONDS = 300
# Molecule asks for colours, which would lie between the words that are looked for.
_PLAIN = {"ANSIBLE_FORCE_COLOR": "false", "ANSIBLE_NOCOLOR": "true"}
_RECAP = re.compile(r"^(\S+) +: ok=\d+ +changed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What a run of a playbook said and did."""

    status: int
    output: str

    @property
    def changed(self) -> set[str]:
        """Name the hosts that it changed."""
        return {host for host, count in _RECAP.findall(self.output) if int(count)}


@dataclass(frozen=True)
class Topology:
    """Nodes, declaration, and the inventory that names both.

    What is seen and done is printed: pytest shows it where a test fails.
    """

    inventory: Inventory
    source: Path

    def prove(self) -> list[Finding]:
        """Send real traffic to every endpoint, and give what is not as it must be."""
        verdicts = proof.prove(self.inventory)
        print(table.render(verdicts))
        return [finding for verdict in verdicts for finding in verdict.findings]

    def converge(self, *arguments: str) -> Run:
        """Run site.yml, as a user would."""
        return self.run(SITE, *arguments)

    def run(self, playbook: str, *arguments: str) -> Run:
        """Run one of the collection's playbooks."""
        done = subprocess.run(
            ["ansible-playbook", "-i", str(self.source), *arguments, playbook],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            timeout=_PLAYBOOK_SECONDS, env={**os.environ, **_PLAIN},
        )  # fmt: skip
        print(done.stdout)
        return Run(done.returncode, done.stdout)


def load(source: Path) -> Topology:
    """Read the inventory that molecule and the lab have written."""
    return Topology(inventory.load([source]), source)
