# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is broken in a pair is named by the verification, with its host, until it is undone."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from scenario.node import Node
from scenario.pair import Pair, deaf, until
from scenario.topology import Finding, Topology

HEALTH = "lvs-topology-health.service"
STRANGER = Path(__file__).with_name("stranger.py")
WITHOUT_WEB1 = ("-t", "10.0.0.101:8080", "-r", "10.0.0.11:80")


def named(found: list[Finding], part: str) -> set[str]:
    """The hosts of the findings that say it."""
    return {one.host for one in found if part in one.message}


@contextmanager
def a_third_speaker(pair: Pair, node: Node, *targets: str) -> Iterator[None]:
    """Somebody else has the same number and addresses, and says more than both directors."""
    text = pair.directors[0].run("cat", "/etc/keepalived/keepalived.conf")
    names = r"virtual_router_id (\d+).*virtual_ipaddress \{\s*([^/]+)/"
    (given,) = re.findall(names, text, re.DOTALL)
    start = ("systemd-run", "--quiet", "--unit", "stranger", "python3", "-c", STRANGER.read_text())
    node.run(*start, *given, "10.0.0.11", *targets)
    try:
        yield
    finally:
        node.run("systemctl", "stop", "stranger")


@contextmanager
def undone(node: Node, do: tuple[str, ...], undo: tuple[str, ...]) -> Iterator[None]:
    """Break something for as long as the with statement lasts."""
    node.run(*do)
    try:
        yield
    finally:
        node.run(*undo)


def test_what_is_wrong_with_one_of_them(topology: Topology, pair: Pair) -> None:
    """Faults that do not hide each other: they share a verification."""
    web1 = topology.inventory.nodes["web1"]
    active = pair.master()
    standby = pair.the_other(active)
    names = {one.name for one in pair.directors}
    with ExitStack() as stack:
        stack.enter_context(a_third_speaker(pair, web1, "224.0.0.18"))
        address = ("10.0.0.102/32", "dev", pair.interface)
        stack.enter_context(
            undone(
                standby,
                ("ip", "address", "add", *address),
                ("ip", "address", "delete", *address),
            )
        )
        stack.enter_context(
            undone(
                standby,
                ("ipvsadm", "-d", *WITHOUT_WEB1),
                ("ipvsadm", "-a", *WITHOUT_WEB1, "-m", "-w", "1"),
            )
        )
        # The standby's first, and back last: else the VIPs move.
        for one in (standby, active):
            stop, start = ("systemctl", "stop", HEALTH), ("systemctl", "start", HEALTH)
            stack.enter_context(undone(one, stop, start))
        found = topology.verify()
    assert named(found, "says by VRRP that it is master of the virtual router") == {web1.name}
    assert named(found, "does not say that it is master") == {standby.name}
    assert named(found, f"{standby.name} has wlc: 10.0.0.12:80 (masq)") == {standby.name}
    assert named(found, f"{HEALTH} is not running") == names
    assert pair.master() is active
    assert topology.verify() == []


@pytest.mark.long_form
def test_nobody_listens_to_a_stranger(topology: Topology, pair: Pair) -> None:
    """One that talks to both, as a director that has left the pair while nobody could reach it.

    keepalived's clock starts anew with each packet, so that the VIPs may move; but not to nobody.
    """
    pair.master()
    with a_third_speaker(pair, topology.inventory.nodes["web1"], "10.0.0.5", "10.0.0.6"):
        time.sleep(6)
        assert pair.moving in map(pair.held, pair.directors)
    pair.master()


@pytest.mark.long_form
def test_a_firewall_of_one_side(topology: Topology, pair: Pair) -> None:
    """Of two masters, the one with the lower address gives way if it hears the other one."""
    lower, higher = pair.directors
    with deaf(higher, "ip protocol vrrp"):
        pair.comes_to(higher)
        assert pair.master() is higher
    with deaf(lower, "ip protocol vrrp"):
        until(
            lambda: {*map(pair.held, pair.directors)} == {pair.moving}, "there is one master only"
        )
        found = topology.verify()
    brain = f"arrives at {lower.name}, which does not give way"
    assert named(found, brain) == {lower.name}
    assert all("split brain" in one.message for one in found if brain in one.message)
    assert pair.master() is higher
    assert topology.verify() == []
