# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the demo."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from scenario import inventory
from scenario.errors import ScenarioError

from . import failures
from .environment import DECLARATION, LAB, ROOT, SITE, TOPOLOGY, VERIFY, inventories, report
from .failures import Unseen

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CHANGED = re.compile(r"^(\S+) +: ok=\d+ +changed=([1-9]\d*)", re.MULTILINE)
_BROKEN_LAB = "`make demo-down && make demo` starts over, `lab/lab doctor` lists missing programs"
_STILL_UP = "the lab is still up: `make demo-shell` to look around, `make demo` to try again"


class DemoError(Exception):
    """A step failed; the hint suggests the next step."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Demo:
    """The demo, in its own environment."""

    environment: Mapping[str, str]
    began: float = field(default_factory=time.monotonic)

    def up(self) -> None:
        """Show everything: nodes, a first run, a second run that changes nothing, verification.

        And then what fails, and what that costs.
        """
        with self._step("Starting client, router, two directors and three real servers"):
            self._lab("up", str(TOPOLOGY))
        with self._step("Converging the topology: ansible-playbook playbooks/site.yml"):
            self._play(SITE)
        with self._step("A second run: nothing may change"):
            changed = _CHANGED.findall(self._play(SITE))
            if changed:
                hosts = ", ".join(f"{host} ({count})" for host, count in changed)
                raise DemoError(f"the second run changed something on {hosts}", _STILL_UP)
        self.verify()
        self.fail()
        print(_NEXT)

    def verify(self) -> None:
        """Verify the topology with real packets."""
        path = report(self.environment)
        with self._step("Verifying it with requests and captured packets: playbooks/verify.yml"):
            self._play(VERIFY, "-e", f"verify_report={path}")
        print(f"The same with pictures: {path}.html")

    def fail(self) -> None:
        """Let an application and a director fail under requests, and say what it costs."""
        try:
            shown = failures.of(inventory.load(inventories(self.environment)))
            with self._step("A client asks, and the application of web2 is stopped"):
                shown.application("web2")
            with self._step("A client asks, and the director that has the VIPs dies"):
                shown.director(lambda name: self._lab("restart", name))
        except (ScenarioError, Unseen) as error:
            raise DemoError(str(error), _STILL_UP) from error

    def shell(self) -> None:
        """Replace this process by a shell with the demo's environment."""
        if self._run([LAB, "status"], stdout=subprocess.DEVNULL).returncode:
            raise DemoError("no demo is up", "`make demo` brings it up")
        print(_BANNER)
        shell = self.environment.get("SHELL") or "/bin/sh"
        os.chdir(ROOT)
        os.execve(shell, [shell], dict(self.environment))  # noqa: S606  (the user's own shell)

    def down(self) -> None:
        """Stop everything that the demo started."""
        self._lab("down")

    def _lab(self, *arguments: str) -> None:
        if self._run([LAB, *arguments]).returncode:
            raise DemoError(f"`lab {arguments[0]}` failed, its message is above", _BROKEN_LAB)

    def _play(self, playbook: Path, *arguments: str) -> str:
        """Run a playbook, show its output live, and return it without colours."""
        colour = {"ANSIBLE_FORCE_COLOR": "true"} if sys.stdout.isatty() else {}
        lines = []
        with subprocess.Popen(
            ["ansible-playbook", str(playbook), *arguments],
            cwd=ROOT, env={**self.environment, **colour}, stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            for line in process.stdout or ():
                print(line, end="", flush=True)
                lines.append(_COLOUR.sub("", line))
        if process.returncode:
            raise DemoError(f"{playbook.name} failed, its message is above", _STILL_UP)
        return "".join(lines)

    def _run(
        self, command: Sequence[str | Path], stdout: int | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        # The interpreter of .venv has the lab's libraries; a plain `python3` may not.
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, stdout=stdout, check=False
        )

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        start = time.monotonic()
        print(f"\n[{start - self.began:4.0f} s] {title}", flush=True)
        yield
        now = time.monotonic()
        print(f"[{now - self.began:4.0f} s] done in {now - start:.0f} s", flush=True)


_TRY = f"""\
  $EDITOR {DECLARATION.relative_to(ROOT)}   the declaration: change a weight, a VIP, a scheduler
  ansible-playbook playbooks/site.yml --diff           make the hosts match it
  demo verify                                          verify it with packets again
  demo fail                                            stop an application and a director again
  lab exec web1 -- sysctl -w net.ipv4.conf.all.arp_ignore=0     break it by hand, then verify
  ansible-playbook playbooks/status.yml                which real servers are up, and why not
  ansible-playbook playbooks/drain.yml -e director=lb2     give all VIPs to the other director
  lab exec client -- curl -s http://10.0.0.100/        one request
  lab exec lb1 -- ipvsadm -Ln                          the kernel's own view
  lab restart lb1                                      reboot a node: it works without Ansible"""

_NEXT = f"""\
Everything is as declared. What to try next:

  make demo-shell       a shell in which these work:
{_TRY}
  make demo             again, much faster
  make demo-down        stop everything that the demo started
"""

_BANNER = f"""\
This shell knows the demo's hosts (ANSIBLE_INVENTORY) and this checkout as lvs.topology. Try:
{_TRY}
Nodes: client, router, lb1, lb2, web1, web2, web3 (`lab ssh NODE`). `exit` leaves the demo up.
"""
