# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A node, and how commands run on it."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass, field

from .errors import ScenarioError

LIMIT_SECONDS = 120
GUARD = "lvs-topology-guard.service"


@dataclass(frozen=True)
class Node:
    """A host of the inventory."""

    name: str
    address: str
    port: int = 22
    user: str = "root"
    key: str = ""
    options: tuple[str, ...] = ()
    """Further arguments of ssh, Ansible's own: its shared connections are used."""
    variables: dict[str, object] = field(default_factory=dict, hash=False, compare=False)

    def command(self, *argv: str) -> list[str]:
        """Give the local command that runs another one on the node."""
        key = ["-i", self.key] if self.key else []
        target = ["-p", str(self.port), f"{self.user}@{self.address}"]
        return ["ssh", *self.options, *key, *target, "--", shlex.join(argv)]

    def run(self, *argv: str, stdin: str = "") -> str:
        """Run a command to its end, and give what it printed."""
        try:
            done = subprocess.run(
                self.command(*argv), input=stdin, capture_output=True, text=True,
                check=False, timeout=LIMIT_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ScenarioError(
                f"{self.name}: {argv[0]} took more than {LIMIT_SECONDS} s"
            ) from error
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise ScenarioError(f"{self.name}: {argv[0]} ended with {done.returncode}: {said}")
        return done.stdout


def hold_guard(node: Node) -> None:
    """Let nothing put back what is broken there, until the node restarts or the guard is started.

    A node without one has nothing to hold.
    """
    node.run("sh", "-c", f"systemctl stop {GUARD} 2>/dev/null || ! systemctl is-active -q {GUARD}")
