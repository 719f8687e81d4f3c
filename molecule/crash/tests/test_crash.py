# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The next run repairs an interrupted one, and traffic of unrelated services continues."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from scenario.extent import cases
from scenario.node import Node
from scenario.steady import requests
from scenario.topology import Run, Topology

WEB = ("10.0.0.100", 80)
APPLY = "python3 -I /usr/local/lib/lvs-topology/apply.pyz"
STATE = "/var/lib/lvs-topology"
READABLE = f"for f in {STATE}/*.json; do python3 -m json.tool $f >/dev/null || exit 1; done"
# Everything that does not belong to web.
FAULTS = {
    "director": """
        ipvsadm -D -t 10.0.0.101:80; ipvsadm -D -t 10.0.0.102:80
        ip address delete 10.0.0.101/32 dev inside; ip address delete 10.0.0.102/32 dev inside
        sysctl -qw net.ipv4.ip_forward=0
    """,
    "web1": """
        ip address delete 10.0.0.101/32 dev lo; ip address delete 2001:db8:10::101/128 dev lo
        ip rule delete from 10.0.0.11 ipproto tcp sport 80
    """,
}
KILLS = len(cases(short=range(3), long=range(8)))
# The director keeps a table beside what a host has; a real server's kinds are among the director's.
HOSTS = cases(short=["director"], long=[*FAULTS])
# In place of ip, for whoever wants to change something: what is wanted is on disk by then.
SLOW_IP = """#!/bin/sh
case " $* " in
  *" -json "*) exec /root/fast/ip "$@" ;;
esac
echo $PPID >/root/changing
sleep 300
exit 1
"""
SLOW = """
set -e
ip=$(readlink -f "$(command -v ip)")
mkdir -p /root/fast
cp "$ip" /root/fast/ip
cat >/root/slow-ip
chmod +x /root/slow-ip
mount --bind /root/slow-ip "$ip"
systemd-run --quiet sh /root/cut "$ip"
"""
# Every connection dies, and then the module.
CUT = """
until test -s /root/changing; do sleep 0.1; done
umount --lazy "$1"
pkill -9 -f '^sshd: root@notty'
kill -9 "$(cat /root/changing)"
rm -r /root/changing /root/slow-ip /root/fast
"""
NO_ROOM = f"""
set -e
cp -a {STATE} /root/state
mount -t tmpfs -o size=64k none {STATE}
cp -a /root/state/. {STATE}
dd if=/dev/zero of={STATE}/filler bs=1k 2>/dev/null || true
"""
ROOM = f"umount {STATE}; rm -r /root/state"


@pytest.fixture
def nodes(topology: Topology) -> dict[str, Node]:
    return dict(topology.inventory.nodes)


@pytest.fixture
def changed(topology: Topology) -> tuple[str, str]:
    """Another declaration with the same service web."""
    services = copy.deepcopy(dict(topology.inventory.services))
    services["other"]["vips"] = ["10.0.0.104"]
    services["other-nat"]["vips"] = ["10.0.0.103"]
    return "-e", json.dumps({"topology_services": services})


@pytest.fixture
def no_room(nodes: dict[str, Node]) -> Iterator[Node]:
    """A real server that cannot write its state."""
    nodes["web1"].run("sh", "-c", NO_ROOM)
    yield nodes["web1"]
    nodes["web1"].run("sh", "-c", ROOM)


def is_told(run: Run) -> bool:
    return run.status != 0 and (
        "has been changing this topology since" in run.output
        or "has changed this topology after this run had read its hosts" in run.output
    )


@pytest.mark.parametrize("name", HOSTS)
def test_a_program_that_is_killed_anywhere(
    topology: Topology, nodes: dict[str, Node], name: str
) -> None:
    """The boot program: the code of the modules, without the way to the host."""
    node = nodes[name]
    with requests(nodes["client"], [WEB], [WEB]) as seen:
        node.run("sh", "-c", FAULTS[name])
        start = time.monotonic()
        node.run("sh", "-c", APPLY)
        whole = time.monotonic() - start
        for kill in range(1, KILLS + 1):
            node.run("sh", "-c", FAULTS[name] + "true")
            seconds = whole * kill / (KILLS + 1)
            node.run("sh", "-c", f"timeout -s KILL {seconds:.2f} {APPLY}; {READABLE}")
    assert seen.failures == []
    run = topology.converge()
    assert (run.status, run.changed - {name}) == (0, set())
    assert topology.converge("--check").changed == set()


@pytest.mark.parametrize("name", HOSTS)
def test_a_run_whose_connection_is_cut(
    topology: Topology, nodes: dict[str, Node], changed: tuple[str, str], name: str
) -> None:
    nodes[name].run("sh", "-c", "cat >/root/cut", stdin=CUT)
    nodes[name].run("sh", "-c", SLOW, stdin=SLOW_IP)
    with requests(nodes["client"], [WEB], [WEB]) as seen:
        died = topology.converge(*changed)
        nodes[name].run("sh", "-c", READABLE)
        repaired = topology.converge(*changed)
    assert died.status != 0
    assert (repaired.status, seen.failures) == (0, [])
    assert name in repaired.changed
    assert topology.converge(*changed, "--check").changed == set()
    assert topology.verify(*changed) == []
    assert topology.converge().status == 0


def test_a_disk_that_is_full(
    topology: Topology, no_room: Node, nodes: dict[str, Node], changed: tuple[str, str]
) -> None:
    before = no_room.run("ip", "address", "show", "lo")
    with requests(nodes["client"], [WEB]) as seen:
        run = topology.converge(*changed)
    assert run.status != 0
    assert f"cannot write {STATE}/real_server.json: No space left on device" in run.output
    assert "director" not in run.changed
    assert no_room.run("ip", "address", "show", "lo") == before
    assert seen.failures == []


def test_two_controllers_at_once(topology: Topology) -> None:
    assert topology.converge().status == 0
    with ThreadPoolExecutor() as pool:
        runs = [*pool.map(lambda _run: topology.converge(), range(2))]
    assert sorted(run.status == 0 for run in runs) == [False, True]
    assert [is_told(run) for run in runs] == [run.status != 0 for run in runs]


def test_all_is_well_in_the_end(topology: Topology) -> None:
    assert topology.converge("--check").changed == set()
    assert topology.verify() == []
