# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for tests that talk to the lab's kernel; `make step-kernel` runs them on a node of it.

Every test begins and ends with an empty table. ipvsadm is the independent oracle.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client


class Ipvsadm:
    """The field's own tool, which shares no code with ours."""

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """Return its output; an error fails the test."""
        command = ["ipvsadm", *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done.stdout

    def saved(self) -> list[str]:
        """Return the table as lines for ipvsadm -R, services in the kernel's order."""
        return self.run("--save", "-n").splitlines()

    def listed(self, *arguments: str) -> str:
        """Return a listing with single spaces, so that tests do not depend on column widths."""
        lines = self.run("--list", "-n", *arguments).splitlines()
        return "\n".join(" ".join(line.split()) for line in lines)


@pytest.fixture
def ipvsadm() -> Iterator[Ipvsadm]:
    """The oracle, with an empty table."""
    tool = Ipvsadm()
    tool.run("--clear")
    yield tool
    tool.run("--clear")


@pytest.fixture
def client(ipvsadm: Ipvsadm) -> Iterator[Client]:
    """Our client, with an empty table."""
    assert ipvsadm.saved() == []
    with Client() as connection:
        yield connection
