# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench-scale`` at a tiny size: the hosts are simulated, playbooks and Ansible are real."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.lvs.topology.tests.bench import scale

SIZE = scale.Size(hosts=2, services=2)
OF_REAL_SERVERS, SKIPPED = 2, 0


def recap(output: str) -> dict[str, dict[str, int]]:
    """What each host ran."""
    hosts = {}
    for line in output.partition("PLAY RECAP")[2].splitlines()[1:]:
        host, colon, counts = line.partition(" : ")
        if colon:
            pairs = (one.split("=") for one in counts.split())
            hosts[host.strip()] = {name: int(count) for name, count in pairs}
    return hosts


def test_a_converged_site(tmp_path: Path) -> None:
    scale.simulate(SIZE, tmp_path)
    ran = {}
    for playbook in (scale.NOOP, scale.SITE):
        assert scale.play(playbook, tmp_path).seconds > 0
        ran[playbook] = recap((tmp_path / "output").read_text())
        # What was compiled goes with the run.
        assert list((tmp_path / "controller").iterdir()) == []
    real_servers = {host: ran[scale.SITE][host] for host in ("web0", "web1")}
    assert all(
        (one["ok"], one["skipped"]) == (OF_REAL_SERVERS, SKIPPED) for one in real_servers.values()
    )
    # The play that it is compared with has as many tasks.
    assert {host: ran[scale.NOOP][host] for host in real_servers} == real_servers
