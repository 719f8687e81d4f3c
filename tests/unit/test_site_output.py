# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run with nothing to do shows, with Ansible's default output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.lvs.topology.tests.bench import scale

SCREEN = 52
"""Lines, for a director, three real servers and two services that lack health checks."""


def test_a_converged_topology_fits_on_a_screen(tmp_path: Path) -> None:
    scale.simulate(scale.Size(3, 2), tmp_path)
    (tmp_path / "ansible.cfg").write_text("[connection]\npipelining = true\n")
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "hosts.json", scale.ROOT / scale.SITE],
        cwd=tmp_path,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": "ansible.cfg",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(scale.ROOT / ".cache/collections"),
            "ANSIBLE_CONNECTION_PLUGINS": str(scale.ROOT / "tests/bench/connection"),
            "ANSIBLE_LOCAL_TEMP": str(tmp_path / "controller"),
            "SIMULATED_ANSWERS": str(tmp_path / "answers"),
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) <= SCREEN
    assert "service0  dr    10.0.100.1:80  web0, web1, web2" in lines
    assert "Nothing had to change on 4 hosts." in lines
    assert any(line.startswith("Next: ansible-playbook -i ") for line in lines)
    # Neither data for programs nor lines of hosts with nothing to do.
    assert not any("{" in line or line.startswith("skipping: [") for line in lines)
