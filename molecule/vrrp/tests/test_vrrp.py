# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One of two directors has the VIPs, and the other one goes on for it, under constant requests."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from scenario.node import Node
from scenario.steady import Seen, requests
from scenario.topology import Topology

# Direct routing, NAT and tunnels: connections go on at the other director.
LASTING = [
    ("10.0.0.100", 80),
    ("2001:db8:10::100", 80),
    ("10.0.0.101", 8080),
    ("10.0.0.102", 80),
]
# FULLNAT: new ones are served there.
NEW = [*LASTING, ("10.0.0.103", 80)]
HEALTH, HEALTHY = "lvs-topology-health", "/run/lvs-topology-vrrp/health"
LAB = Path(__file__).resolve().parents[3] / "lab/lab"
SHARED = {"10.0.0.9", "2001:db8:10::9", "10.0.0.20", "10.0.0.21", *(vip for vip, _port in NEW)}
# How long a change may take in an emulated machine; nothing is asserted about how quick it is.
LIMIT_SECONDS = 40


@pytest.fixture
def client(topology: Topology) -> Node:
    return topology.inventory.nodes["client"]


@pytest.fixture
def directors(topology: Topology) -> list[Node]:
    return [topology.inventory.nodes[name] for name in ("lb1", "lb2")]


def vips(node: Node) -> set[str]:
    shown = node.run("ip", "-o", "address", "show", "dev", "inside")
    return {line.split()[3].partition("/")[0] for line in shown.splitlines()} & SHARED


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.3)


def master(directors: list[Node]) -> Node:
    """The one that has all that moves, while the other one has nothing of it."""

    def held() -> list[set[str]]:
        return [vips(one) for one in directors]

    until(lambda: sorted(held(), key=len) == [set(), SHARED], f"the VIPs are on {held()}")
    return next(one for one in directors if vips(one))


def the_other(directors: list[Node], one: Node) -> Node:
    return next(each for each in directors if each is not one)


def assert_kept(seen: Seen) -> None:
    """Connections go on, and new ones are answered."""
    assert seen.failures == [], str(seen)


def assert_lasting_ones_kept(seen: Seen) -> None:
    """Connections go on; a new one may have been half open, of which nobody is told."""
    lost = [one for one in seen.failures if not one.startswith("new,")]
    answered = sum(sum(servers.values()) for servers in seen.answered.values())
    assert (lost, len(seen.failures) <= answered // 20) == ([], True), str(seen)


@contextmanager
def dead(node: Node) -> Iterator[None]:
    """Nothing goes into the node or out of it, ARP included, but on the link for management."""
    hooks = "\n".join(
        f"chain {hook} {{ type filter hook {hook} device inside priority 0; policy drop; }}"
        for hook in ("ingress", "egress")
    )
    node.run("nft", "-f", "-", stdin=f"table netdev dead {{\n{hooks}\n}}\n")
    try:
        yield
    finally:
        node.run("nft", "delete", "table", "netdev", "dead")


def assert_alike(directors: list[Node]) -> None:
    """Both have the same table, and tell each other of connections."""
    assert declared(directors[0]) == declared(directors[1]) != []
    daemons = [one.run("ipvsadm", "-l", "--daemon").split("syncid=")[1:] for one in directors]
    ids = [[each.partition(",")[0] for each in of_one] for of_one in daemons]
    assert ids[0] == ids[1][::-1] != []


def declared(node: Node) -> list[str]:
    """Its table, without what leads probes."""
    lines = node.run("ipvsadm", "-Sn").splitlines()
    return [line for line in lines if line.split()[1] != "-f"]


def test_one_and_only_one_has_the_vips(directors: list[Node]) -> None:
    active = master(directors)
    assert_alike(directors)
    assert active.run("systemctl", "is-enabled", "keepalived").strip() == "enabled"


def out(node: Node) -> list[str]:
    """The real servers of weight 0, once for each endpoint."""
    entries = [line.split() for line in declared(node) if " -r " in line]
    return sorted(one[one.index("-r") + 1] for one in entries if one[one.index("-w") + 1] == "0")


def test_both_try_all_real_servers(topology: Topology, directors: list[Node]) -> None:
    """The one without VIPs, DIP and LIPs as well: it knows who is down, and who is not."""
    web1 = topology.inventory.nodes["web1"]
    web1.run("systemctl", "stop", "lab-web")
    is_out = ["10.0.0.11:80"] * 4 + ["[2001:db8:10::11]:80"]
    until(lambda: [out(one) for one in directors] == [is_out, is_out], "web1 is not out")
    web1.run("systemctl", "start", "lab-web")
    until(lambda: [out(one) for one in directors] == [[], []], "web1 is not back")


def test_a_director_that_restarts(topology: Topology, directors: list[Node]) -> None:
    """It is the other one's standby from then on, and no run has anything left to do there."""
    active = master(directors)
    standby = the_other(directors, active)
    subprocess.run([sys.executable, LAB, "restart", active.name], check=True)
    ready = ("sh", "-c", "cat /run/lvs-topology-vrrp/ready || true")
    until(lambda: active.run(*ready).strip() == "0", "it may not be master")
    assert master(directors) is standby
    assert_alike(directors)
    again = topology.converge()
    assert (again.status, again.changed) == (0, set())


def test_a_planned_switch(topology: Topology, client: Node, directors: list[Node]) -> None:
    active = master(directors)
    standby = the_other(directors, active)
    given = ("-e", f"director={active.name}")
    with requests(client, NEW, LASTING, timeout=20) as seen:
        drained = topology.run("lvs.topology.drain", *given)
        assert (drained.status, vips(active), vips(standby)) == (0, set(), SHARED)
        again = topology.run("lvs.topology.drain", "-e", f"director={standby.name}")
        undrained = topology.run("lvs.topology.undrain", *given)
    assert_kept(seen)
    assert (again.status != 0, undrained.status) == (True, 0)  # one of them has to be master
    assert master(directors) is standby  # an equal one is left alone


def test_a_health_daemon_that_is_dead(client: Node, directors: list[Node]) -> None:
    """A director without one gives way to one with it, and to nobody who has none either."""
    active = master(directors)
    standby = the_other(directors, active)
    with requests(client, NEW, LASTING, timeout=20) as seen:
        time.sleep(4)  # the kernel tells of connections
        active.run("systemctl", "stop", HEALTH)
        until(lambda: vips(standby) == SHARED, "the one that is well is not master")
        assert master(directors) is standby
        standby.run("systemctl", "stop", HEALTH)
        time.sleep(5)
        assert master(directors) is standby
    assert_lasting_ones_kept(seen)
    for one in (standby, active):  # whoever is master first gets it back first
        one.run("systemctl", "start", HEALTH)
    until(lambda: (standby.run("cat", HEALTHY)) == "0", "it is not told to be well")
    assert master(directors) is standby


def test_a_director_that_is_dead(client: Node, directors: list[Node]) -> None:
    """Connections go on at the other one, which the kernel has told of them."""
    active = master(directors)
    standby = the_other(directors, active)
    with ExitStack() as stack, requests(client, NEW, LASTING, timeout=20) as seen:
        time.sleep(3)  # the kernel tells of connections
        stack.enter_context(dead(active))
        until(lambda: vips(standby) == SHARED, "the other one is not master")
        time.sleep(4)
    assert_lasting_ones_kept(seen)
    # Both are master when they meet again: the one with the higher address stays it.
    master(directors)
    with requests(client, NEW, LASTING, timeout=20) as seen:
        time.sleep(3)
    assert_lasting_ones_kept(seen)


def test_a_keepalived_that_dies(client: Node, directors: list[Node]) -> None:
    """IPVS goes on, until the other one has the VIPs; then keepalived starts again."""
    active = master(directors)
    standby = the_other(directors, active)
    with requests(client, NEW, LASTING, timeout=20) as seen:
        time.sleep(3)
        active.run("sh", "-c", "kill -9 $(pidof keepalived)")
        until(lambda: vips(standby) == SHARED, "the other one is not master")
        until(lambda: vips(active) == set(), "keepalived has not started again")
        time.sleep(3)
    assert_lasting_ones_kept(seen)
    master(directors)
