# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks show, with Ansible's default output, of simulated hosts with nothing to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.lvs.topology.tests.bench import scale

SCREEN = 54
"""Lines, for a director, three real servers and two services that lack health checks."""

# What modules tell that site.yml does not call.
OF_OTHERS = {"drained": [], "running": False, "services": [], "problems": []}


def shown(folder: Path, *arguments: str, pending: str = "", status: int = 0) -> list[str]:
    """The lines that a run shows; one host may have something left to remove."""
    scale.simulate(scale.Size(3, 2), folder)
    for file in (folder / "answers").iterdir():
        answer = {**json.loads(file.read_text()), "pending": file.stem == pending}
        file.write_text(json.dumps({**answer, **OF_OTHERS}))
    (folder / "ansible.cfg").write_text("[connection]\npipelining = true\n")
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "hosts.json", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": "ansible.cfg",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(scale.ROOT / ".cache/collections"),
            "ANSIBLE_CONNECTION_PLUGINS": str(scale.ROOT / "tests/bench/connection"),
            "ANSIBLE_LOCAL_TEMP": str(folder / "controller"),
            "SIMULATED_ANSWERS": str(folder / "answers"),
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_a_converged_topology_fits_on_a_screen(tmp_path: Path) -> None:
    lines = shown(tmp_path, "lvs.topology.site")
    assert len(lines) <= SCREEN
    assert "service0  dr    10.0.100.1:80  web0, web1, web2" in lines
    assert "Nothing had to change on 4 hosts." in lines
    assert any(line.startswith("Next: ansible-playbook -i ") for line in lines)
    # Neither data for programs nor lines of hosts with nothing to do.
    assert not any("{" in line or line.startswith("skipping: [") for line in lines)


def test_no_host_needs_to_have_got_to_the_end(tmp_path: Path) -> None:
    """With the tag validate nobody does."""
    lines = shown(tmp_path, "lvs.topology.site", "--tags", "validate")
    assert not any(line.startswith("TASK [Unlock") for line in lines)


def test_the_syntax_can_be_checked(tmp_path: Path) -> None:
    names = (file.stem for file in (scale.ROOT / "playbooks").glob("*.yml"))
    lines = shown(tmp_path, "--syntax-check", *(f"lvs.topology.{name}" for name in names))
    assert sum(line.startswith("playbook: ") for line in lines) > 1


def test_every_playbook_ends_with_a_result_and_the_next_command(tmp_path: Path) -> None:
    (tmp_path / "tasks.yml").write_text("- ansible.builtin.ping:\n")
    names = ("validate", "picture", "drain", "undrain", "rolling", "status", "teardown")
    lines = shown(
        tmp_path,
        "--check",
        *(f"lvs.topology.{name}" for name in names),
        *("-e", "real_server=web1", "-e", "service=service0", "-e", "rolling_tasks=tasks.yml"),
        *("-e", f"picture={tmp_path / 'topology.mmd'}", "-e", "rolling_serial=3"),
        pending="web1",
    )
    expected = {
        "2 services with 2 VIPs can work on 4 hosts; no host was changed": "site",
        f"The picture is {tmp_path / 'topology.mmd'}.": "validate",
        "web1 would get no new connections from director.": "drain -e real_server=web1",
        "web1 would have its declared weights again.": "status",
        (
            "The tasks would run on web0, web1, web2, which would have the weights again that they "
            "had before."
        ): "status",
        "Would be torn down: service0.": "teardown -e service=service0",
    }
    for sentence, following in expected.items():
        command = lines[lines.index(sentence) + 1]
        assert command.partition(" lvs.topology.")[2].partition("   #")[0] == following
    assert "all real servers that are tried are up" in lines
    # Of the run that teardown.yml is: only who has something left is called a second time.
    start = next(at for at, line in enumerate(lines) if line.startswith("PLAY [Clean up behind"))
    end = next(at for at, line in enumerate(lines) if at > start and line.startswith("PLAY ["))
    hosts = [line for line in lines[start:end] if line.startswith("ok: ")]
    assert hosts == ["ok: [web1]"]


def test_a_director_is_one_of_two(tmp_path: Path) -> None:
    """Without another one nobody would have the VIPs."""
    for name, playbook in (("lb3", "drain"), ("director", "drain"), ("lb3", "undrain")):
        folder = tmp_path / f"{playbook}-{name}"
        folder.mkdir()
        lines = shown(folder, f"lvs.topology.{playbook}", "-e", f"director={name}", status=2)
        assert any(f"director={name}: must be one of director" in line for line in lines)
        assert not any(line.startswith("TASK [Give the VIPs away") for line in lines)
