# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One of two directors has the VIPs, and the other one goes on for it, under constant requests."""

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from scenario.node import Node
from scenario.pair import READY, Pair, dead, table, until
from scenario.steady import Load, expect_lasting_ones_kept, expect_no_loss
from scenario.topology import Topology

HEALTH, HEALTHY = "lvs-topology-health", "/run/lvs-topology-vrrp/health"
LAB = Path(__file__).resolve().parents[3] / "lab/lab"


def assert_alike(pair: Pair) -> None:
    """Both have the same table, and tell each other of connections."""
    first, second = (table(one) for one in pair.directors)
    assert first == second != []
    daemons = [one.run("ipvsadm", "-l", "--daemon").split("syncid=")[1:] for one in pair.directors]
    ids = [[each.partition(",")[0] for each in of_one] for of_one in daemons]
    assert ids[0] == ids[1][::-1] != []


def test_one_and_only_one_has_the_vips(pair: Pair) -> None:
    active = pair.master()
    assert_alike(pair)
    assert active.run("systemctl", "is-enabled", "keepalived").strip() == "enabled"


def out(node: Node) -> list[str]:
    """The real servers of weight 0, once for each endpoint."""
    entries = [line.split() for line in table(node) if " -r " in line]
    return sorted(one[one.index("-r") + 1] for one in entries if one[one.index("-w") + 1] == "0")


def test_both_try_all_real_servers(topology: Topology, pair: Pair) -> None:
    """The one without VIPs, DIP and LIPs as well: it knows who is down, and who is not."""
    web1 = topology.inventory.nodes["web1"]
    web1.run("systemctl", "stop", "lab-web")
    is_out = ["10.0.0.11:80"] * 4 + ["[2001:db8:10::11]:80"]
    until(lambda: [out(one) for one in pair.directors] == [is_out, is_out], "web1 is not out")
    web1.run("systemctl", "start", "lab-web")
    until(lambda: [out(one) for one in pair.directors] == [[], []], "web1 is not back")


def test_a_director_that_restarts(topology: Topology, load: Load, pair: Pair) -> None:
    """It is the other one's standby from then on, and no run has anything left to do there."""
    active = pair.master()
    standby = pair.the_other(active)
    with load() as seen:
        time.sleep(4)  # the kernel tells of connections
        subprocess.run([sys.executable, LAB, "restart", active.name], check=True)
        ready = ("sh", "-c", f"cat {READY} || true")
        until(lambda: active.run(*ready).strip() == "0", "it may not be master")
        time.sleep(4)  # it starts with nothing that could take the VIPs back
        assert pair.master() is standby
    expect_lasting_ones_kept(seen)
    assert_alike(pair)
    again = topology.converge()
    assert (again.status, again.changed) == (0, set())


def test_a_planned_switch(topology: Topology, load: Load, pair: Pair) -> None:
    active = pair.master()
    standby = pair.the_other(active)
    given = ("-e", f"director={active.name}")
    with load() as seen:
        drained = topology.run("lvs.topology.drain", *given)
        assert (drained.status, pair.held(active), pair.held(standby)) == (
            0,
            frozenset(),
            pair.moving,
        )
        again = topology.run("lvs.topology.drain", "-e", f"director={standby.name}")
        undrained = topology.run("lvs.topology.undrain", *given)
    expect_no_loss(seen)
    assert (again.status != 0, undrained.status) == (True, 0)  # one of them has to be master
    assert pair.master() is standby  # an equal one is left alone


def test_a_health_daemon_that_is_dead(load: Load, pair: Pair) -> None:
    """A director without one gives way to one with it, and to nobody who has none either."""
    active = pair.master()
    standby = pair.the_other(active)
    with load() as seen:
        time.sleep(4)  # the kernel tells of connections
        active.run("systemctl", "stop", HEALTH)
        pair.comes_to(standby)
        assert pair.master() is standby
        standby.run("systemctl", "stop", HEALTH)
        time.sleep(5)
        assert pair.master() is standby
    expect_lasting_ones_kept(seen)
    for one in (standby, active):  # whoever is master first gets it back first
        one.run("systemctl", "start", HEALTH)
    until(lambda: (standby.run("cat", HEALTHY)) == "0", "it is not told to be well")
    assert pair.master() is standby


def test_a_director_that_is_dead(load: Load, pair: Pair) -> None:
    """Connections go on at the other one, which the kernel has told of them."""
    active = pair.master()
    standby = pair.the_other(active)
    with ExitStack() as stack, load() as seen:
        time.sleep(3)  # the kernel tells of connections
        stack.enter_context(dead(active, pair.interface))
        pair.comes_to(standby)
        time.sleep(4)
    expect_lasting_ones_kept(seen)
    # Both are master when they meet again: the one with the higher address stays it.
    pair.master()
    with load() as seen:
        time.sleep(3)
    expect_lasting_ones_kept(seen)


def test_a_keepalived_that_dies(load: Load, pair: Pair) -> None:
    """IPVS goes on, until the other one has the VIPs; then keepalived starts again."""
    active = pair.master()
    standby = pair.the_other(active)
    with load() as seen:
        time.sleep(3)
        active.run("sh", "-c", "kill -9 $(pidof keepalived)")
        pair.comes_to(standby)
        until(lambda: pair.held(active) == set(), "keepalived has not started again")
        time.sleep(3)
    expect_lasting_ones_kept(seen)
    pair.master()
