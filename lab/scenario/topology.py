# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scenario's topology, as its tests handle it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import inventory, outcomes
from .errors import ScenarioError
from .inventory import Inventory
from .outcomes import Outcomes

SITE = "lvs.topology.site"
VALIDATE = "lvs.topology.validate"
VERIFY = "lvs.topology.verify"
_PLAYBOOK_SECONDS = 600
# Molecule asks for colours, which would lie between the words that are looked for.
_PLAIN = {"ANSIBLE_FORCE_COLOR": "false", "ANSIBLE_NOCOLOR": "true"}
_RECAP = re.compile(r"^(\S+) +: ok=\d+ +changed=(\d+)", re.MULTILINE)


def changed_by(output: str) -> set[str]:
    """Name the hosts that a run changed, by what it printed."""
    return {host for host, count in _RECAP.findall(output) if int(count)}


@dataclass(frozen=True)
class Run:
    """What a run of a playbook said and did."""

    status: int
    output: str
    outcomes: Outcomes

    @property
    def changed(self) -> set[str]:
        """Name the hosts that it changed."""
        return changed_by(self.output)


@dataclass(frozen=True)
class Finding:
    """Something that is not as its mode demands."""

    host: str
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Topology:
    """Nodes, declaration, and the inventory that names both.

    What is seen and done is printed: pytest shows it where a test fails.
    """

    inventory: Inventory
    source: Path

    def verify(self, *arguments: str) -> list[Finding]:
        """Send real traffic to every endpoint, and give what is not as it must be."""
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report")
            settings = json.dumps({"verify_report": str(report), "verify_fail": False})
            run = self.run(VERIFY, "-e", settings, *arguments)
            if run.status or run.changed:
                raise ScenarioError(f"verify.yml ended with {run.status}, changed {run.changed}")
            verdicts = json.loads(report.with_suffix(".json").read_text())["verdicts"]
        return [
            Finding(one["host"], one["message"]) for each in verdicts for one in each["findings"]
        ]

    def converge(self, *arguments: str) -> Run:
        """Run site.yml, as a user would."""
        return self.run(SITE, *arguments)

    def run(self, playbook: str, *arguments: str) -> Run:
        """Run one of the collection's playbooks."""
        with tempfile.TemporaryDirectory() as folder:
            written = outcomes.environment(Path(folder))
            done = subprocess.run(
                ["ansible-playbook", "-i", str(self.source), *arguments, playbook],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                timeout=_PLAYBOOK_SECONDS, env={**os.environ, **_PLAIN, **written},
            )  # fmt: skip
            print(done.stdout)
            recorded = outcomes.load(Path(folder))
        if not recorded:
            raise ScenarioError(f"{playbook} did not run: {done.stdout.strip()}")
        return Run(done.returncode, done.stdout, recorded[0])


def load(source: Path) -> Topology:
    """Read the inventory that molecule and the lab have written."""
    return Topology(inventory.load([source]), source)
