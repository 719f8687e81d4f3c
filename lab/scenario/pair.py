# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two directors, one of which has the addresses that move."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .node import Node

READY = "/run/lvs-topology-vrrp/ready"
# How long a change may take in an emulated machine; nothing is asserted about how quick it is.
LIMIT_SECONDS = 40


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait, and fail with what has not come true."""
    end = time.monotonic() + LIMIT_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(what)
        time.sleep(0.3)


@dataclass(frozen=True)
class Pair:
    """Both of them."""

    directors: tuple[Node, Node]
    moving: frozenset[str]
    interface: str

    def held(self, node: Node) -> frozenset[str]:
        """Which of the addresses that move a director has."""
        shown = node.run("ip", "-o", "address", "show", "dev", self.interface)
        own = {line.split()[3].partition("/")[0] for line in shown.splitlines()}
        return self.moving & own

    def master(self) -> Node:
        """Wait for one that has all that moves, while the other one has nothing of it."""

        def held() -> list[frozenset[str]]:
            return [self.held(one) for one in self.directors]

        until(
            lambda: sorted(held(), key=len) == [frozenset(), self.moving],
            f"the VIPs are on {held()}",
        )
        return next(one for one in self.directors if self.held(one))

    def the_other(self, one: Node) -> Node:
        """The other director."""
        return next(each for each in self.directors if each is not one)

    def comes_to(self, node: Node) -> None:
        """Wait until a director has all that moves, whatever the other one has."""
        until(lambda: self.held(node) == self.moving, f"{node.name} has not got all VIPs")


@contextmanager
def dead(node: Node, interface: str) -> Iterator[None]:
    """Nothing goes into a node or out of it, ARP included, but on the link for management."""
    hooks = "\n".join(
        f"chain {hook} {{ type filter hook {hook} device {interface} priority 0; policy drop; }}"
        for hook in ("ingress", "egress")
    )
    with ruleset(node, "netdev dead", hooks):
        yield


@contextmanager
def deaf(node: Node, rule: str) -> Iterator[None]:
    """A node drops a part of what comes for itself."""
    hook = f"chain deaf {{ type filter hook input priority -10; {rule} drop; }}"
    with ruleset(node, "inet deaf", hook):
        yield


@contextmanager
def ruleset(node: Node, name: str, content: str) -> Iterator[None]:
    """A node has another table of nftables."""
    node.run("nft", "-f", "-", stdin=f"table {name} {{\n{content}\n}}\n")
    try:
        yield
    finally:
        node.run("nft", "delete", "table", *name.split())


def table(node: Node) -> list[str]:
    """What `ipvsadm` saves of a director, without what leads probes."""
    lines = node.run("ipvsadm", "-Sn").splitlines()
    return [line for line in lines if line.split()[1] != "-f"]
