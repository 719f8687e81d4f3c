# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks show, with Ansible's default output, of simulated hosts with nothing to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.lvs.topology.tests.bench import scale
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology import sample

SCREEN = 54
"""Lines, for a director, three real servers and two services that lack health checks."""

# What modules tell that site.yml does not call.
VERIFIED: dict[str, object] = {"replies": [], "results": [], "sync_daemons": []}
OF_OTHERS = {"drained": [], "running": False, "services": [], "problems": [], **VERIFIED}


NEXT = "Next: ansible-playbook -i {} lvs.topology.validate   # says what the real hosts make of it"
KEEPALIVED = """
vrrp_instance pair {
    unicast_src_ip 10.0.0.5
    unicast_peer {
        10.0.0.6
    }
    nopreempt
}
virtual_server 10.0.100.1 80 {
    lb_kind DR
    real_server 10.0.10.1 80 {
        MISC_CHECK {
            misc_path "/usr/local/bin/check web"
        }
    }
}
"""


def shown(
    folder: Path, *arguments: str, pending: str = "", status: int = 0, more: Sequence[str] = ()
) -> list[str]:
    """The lines that a run shows; one host may have something left to remove.

    :param more: further hosts, each as GROUP/NAME
    """
    scale.simulate(scale.Size(3, 2), folder)
    groups = json.loads((folder / "hosts.json").read_text())
    for number, one in enumerate(more, 6):
        group, _slash, name = one.partition("/")
        groups["all"]["children"].setdefault(group, {"hosts": {}})["hosts"][name] = None
        gateway = sample.route("0.0.0.0/0", "10.0.0.1", "eth0")
        facts = sample.node({"eth0": [f"10.0.0.{number}/16"]}, [gateway])
        told = json.dumps({**scale.CONVERGED, "node": facts})
        (folder / f"answers/{name}.json").write_text(told)
    (folder / "hosts.json").write_text(json.dumps(groups))
    for file in (folder / "answers").iterdir():
        answer = {**json.loads(file.read_text()), "pending": file.stem == pending}
        file.write_text(json.dumps({**answer, **OF_OTHERS}))
    (folder / "ansible.cfg").write_text("[connection]\npipelining = true\n")
    done = subprocess.run(
        [sys.executable, "-m", "ansible", "playbook", "-i", "hosts.json", *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PWD": str(folder),
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


def test_an_import_ends_with_what_it_wrote_and_the_next_command(tmp_path: Path) -> None:
    (tmp_path / "keepalived.conf").write_text(KEEPALIVED)
    lines = shown(
        tmp_path,
        "lvs.topology.import",
        *("-e", "import_from=keepalived.conf", "-e", "import_director=director"),
    )
    assert len(lines) <= SCREEN
    folder = tmp_path / "imported"
    names = ("hosts.yml", "group_vars/all.yml", "remarks.md")
    assert all((folder / name).is_file() for name in names)
    for line in (
        "keepalived.conf: 1 service with 1 real server, declared as 1 service",
        "The compiled declaration and keepalived.conf: no difference",
        "The compiled declaration and the table of director: 1 difference",
        "  - tcp 10.0.100.1:80 is declared, and is not there",
        f"{', '.join(names)} are in {folder}.",
        NEXT.format(folder),
    ):
        assert line in lines
    [remark] = [line for line in lines if line.startswith("  - keepalived.conf:")]
    assert "misc_path" in remark or "argument" in remark
    assert not any("{" in line for line in lines)


def test_a_migration_says_what_becomes_of_connections(tmp_path: Path) -> None:
    lines = shown(tmp_path, "lvs.topology.migrate", "-e", "service=service0", "--check")
    assert len(lines) <= SCREEN
    assert any(line.startswith("service service0 is in mode dr from now on: ") for line in lines)
    assert "service0  dr    10.0.100.1:80  web0, web1, web2" in lines
    [following] = [line for line in lines if line.startswith("Next: ")]
    assert following.endswith("lvs.topology.migrate -e service=service0   # carries this out")


def test_a_director_that_is_drained_names_who_has_its_vips(tmp_path: Path) -> None:
    arguments = ("lvs.topology.drain", "-e", "director=director", "--check")
    lines = shown(tmp_path, *arguments, more=["lvs_directors/lb2"])
    assert len(lines) <= SCREEN
    start = lines.index("director would give its VIPs to lb2.")
    assert lines[start + 1].endswith("drain -e director=director   # carries this out")


def test_a_verification_shows_who_does_something(tmp_path: Path) -> None:
    """The simulated hosts capture nothing, so that all of it is red."""
    lines = shown(tmp_path, "lvs.topology.verify", status=2, more=["lvs_clients/client"])
    assert not any("lvs_routers" in line for line in lines)
    start = next(at for at, line in enumerate(lines) if line.startswith("service   mode  VIP"))
    assert lines[start + 2].startswith("service0  dr    10.0.100.1:80")
    assert not any(line.startswith("skipping: [") for line in lines)
    assert start <= SCREEN
    assert any(line.startswith("Next: ") and "site --check --diff" in line for line in lines)
