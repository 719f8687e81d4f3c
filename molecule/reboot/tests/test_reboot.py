# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes return in any order, with permanent drains, and report failures."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from scenario.topology import Run, Topology
from testinfra.host import Host  # type: ignore[import-untyped]

LAB = Path(__file__).resolve().parents[3] / "lab/lab"
STATE = "/var/lib/lvs-topology/real_server.json"
OTHER_STATE = "/var/lib/lvs-topology/router.json"
# The unit's next attempt finds what was put right meanwhile.
UNTIL_ACTIVE = "timeout 60 sh -c 'until systemctl is-active -q lvs-topology; do sleep 1; done'"


def restart(*nodes: str) -> None:
    subprocess.run([sys.executable, LAB, "restart", *nodes], check=True)


def drain(topology: Topology, real_server: str, *arguments: str) -> Run:
    run = topology.run("lvs.topology.drain", "-e", f"real_server={real_server}", *arguments)
    assert (run.status, run.changed) == (0, {"director"})
    return run


def weights(hosts: Mapping[str, Host]) -> dict[str, int]:
    """The weight of each destination of the service that has both real servers."""
    lines = hosts["director"].check_output("ipvsadm -Sn").splitlines()
    words = [line.split() for line in lines if line.startswith("-a -t 10.0.0.103:8080")]
    return {line[line.index("-r") + 1]: int(line[line.index("-w") + 1]) for line in words}


def test_drained_hosts_stay_as_asked_and_the_director_may_come_last(
    hosts: Mapping[str, Host], topology: Topology
) -> None:
    hosts["director"].check_output("echo net.ipv4.ip_forward=0 > /etc/sysctl.conf")
    run = drain(topology, "web1")
    assert "/etc/sysctl.conf:1 sets net.ipv4.ip_forward to 0" in " ".join(run.output.split())
    hosts["director"].check_output(": > /etc/sysctl.conf")
    drain(topology, "web2", "-e", "drain_permanent=true")
    assert weights(hosts) == {"10.0.0.11:80": 0, "10.0.1.12:80": 0}

    restart("web1", "web2")
    restart("director")
    assert weights(hosts) == {"10.0.0.11:80": 1, "10.0.1.12:80": 0}

    back = topology.run("lvs.topology.undrain", "-e", "real_server=web2")
    assert (back.status, back.changed) == (0, {"director"})
    assert weights(hosts) == {"10.0.0.11:80": 1, "10.0.1.12:80": 3}
    assert [str(finding) for finding in topology.verify()] == []


def test_the_units_are_sound_and_hardened(hosts: Mapping[str, Host]) -> None:
    units = "lvs-topology.service lvs-topology-guard.service"
    for name in ("director", "web1"):
        hosts[name].check_output(f"systemd-analyze verify --man=no {units}")
        hosts[name].check_output(f"systemd-analyze security --threshold=50 {units}")


def test_a_failure_is_said_does_not_block_the_boot_and_is_tried_again(
    hosts: Mapping[str, Host],
) -> None:
    web2 = hosts["web2"]
    web2.check_output(f"cp -p {STATE} /root/kept && echo damaged > {STATE}")
    restart("web2")
    assert web2.check_output("systemctl is-active multi-user.target") == "active"
    said = web2.run("systemctl status --no-pager lvs-topology").stdout
    assert f'Status: "real_server: {STATE} is damaged' in said
    assert web2.run("ip address show to 10.0.0.102").stdout == ""

    web2.check_output(f"mv /root/kept {STATE} && {UNTIL_ACTIVE}")
    assert "10.0.0.102/32" in web2.check_output("ip address show to 10.0.0.102")


def test_the_next_attempt_leaves_alone_what_is_done(
    hosts: Mapping[str, Host], topology: Topology
) -> None:
    director = hosts["director"]
    director.check_output(f"echo damaged > {OTHER_STATE}")
    restart("director")
    before = weights(hosts)
    drain(topology, "web1")
    drained = {**before, "10.0.0.11:80": 0}
    attempts = "systemctl show --value -p NRestarts lvs-topology"
    first = int(director.check_output(attempts))
    director.check_output(
        f"timeout 60 sh -c 'until [ $({attempts}) -gt {first} ]; do sleep 1; done'"
    )
    assert weights(hosts) == drained != before
    director.check_output(f"rm {OTHER_STATE} && {UNTIL_ACTIVE}")
    assert weights(hosts) == drained
    assert "10.0.0.103/32" in director.check_output("ip address show to 10.0.0.103")
