# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What fails before one's eyes while a client asks, and what that costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from scenario.inventory import Inventory
from scenario.node import Node
from scenario.steady import Endpoint, Seen, requests

PATIENCE_SECONDS = 60
_POLL_SECONDS = 0.2
# A client sends a SYN that was lost again after 1, 3 and 7 seconds: none is lost for good.
_TIMEOUT_SECONDS = 15
_LINK = "inside"
_KINDS = {"new": "on a new connection", "long_lived": "on a lasting one"}
# Nothing goes in or out any more, ARP included. The link that the lab uses goes on.
_DEAD = f"""\
table netdev dead {{
  chain in {{ type filter hook ingress device {_LINK} priority 0; policy drop; }}
  chain out {{ type filter hook egress device {_LINK} priority 0; policy drop; }}
}}
"""


class Unseen(Exception):  # noqa: N818 - what has not been seen
    """What was to be seen did not happen."""


@dataclass(frozen=True)
class Failures:
    """The nodes, and what is asked: each VIP of each service."""

    nodes: Mapping[str, Node]
    directors: Sequence[str]
    endpoints: Mapping[str, Sequence[Endpoint]]

    def application(self, name: str) -> None:
        """Stop the application of a real server, and start it again."""
        director, server = self.master(), self.nodes[name]
        addresses = {*server.run("hostname", "-I").split()}

        def weights() -> set[int]:
            return {weight for rip, weight in _destinations(director) if rip in addresses}

        try:
            with self._asked(lasting=False) as before:
                server.run("systemctl", "stop", "lab-web")
                seconds = _until(lambda: weights() == {0}, f"{name} is not out")
        except BaseException:
            server.run("systemctl", "start", "lab-web")
            raise
        say(f"{name} is out of all pools after {seconds:.1f} s. {director.name} says why:")
        for line in _journal(director, name):
            say(f"  {line}")
        _tell(before, f"until {name} was out")
        with self._asked(lasting=False) as after:
            server.run("systemctl", "start", "lab-web")
            seconds = _until(lambda: 0 not in weights(), f"{name} is not back")
        say(f"started again; {name} has its weights back after {seconds:.1f} s")
        _tell(after, f"from then until {name} was back")

    def director(self, restart: Callable[[str], None]) -> None:
        """Cut the director off that has the VIPs, as if it were dead, and start it anew."""
        master = self.master()
        with self._asked(lasting=True) as seen:
            time.sleep(3)  # so that the kernels have told each other of connections
            others = [self.nodes[name] for name in self.directors if name != master.name]
            try:
                master.run("nft", "-f", "-", stdin=_DEAD)
                seconds = _until(lambda: any(map(self._has_vips, others)), "nobody has taken over")
                heir = next(one for one in others if self._has_vips(one))
                say(f"{master.name} is dead; {heir.name} has all VIPs after {seconds:.1f} s")
            finally:
                restart(master.name)
            say(f"{master.name} is there again, as the standby of {self.master().name}")
        _tell(seen, "meanwhile")

    def master(self) -> Node:
        """The director that has the VIPs."""
        found = [one for one in map(self.nodes.__getitem__, self.directors) if self._has_vips(one)]
        if len(found) != 1:
            raise Unseen(f"{len(found)} directors have all VIPs")
        return found[0]

    def _has_vips(self, node: Node) -> bool:
        there = {line.split()[3].partition("/")[0] for line in _lines(node, "ip", "-o", "address")}
        return {vip for each in self.endpoints.values() for vip, _port in each} <= there

    @contextmanager
    def _asked(self, *, lasting: bool) -> Iterator[dict[str, Seen]]:
        """Requests of a client for each service, in turns."""
        client = self.nodes["client"]
        with ExitStack() as stack:
            yield {
                name: stack.enter_context(
                    requests(client, each, each if lasting else (), timeout=_TIMEOUT_SECONDS)
                )
                for name, each in self.endpoints.items()
            }


def of(inventory: Inventory) -> Failures:
    """What the declaration and its nodes have."""
    return Failures(
        inventory.nodes,
        inventory.groups["lvs_directors"],
        {
            name: [(vip, service["port"]) for vip in service["vips"]]
            for name, service in inventory.services.items()
        },
    )


def say(sentence: str) -> None:
    """Print a line of a step."""
    print(f"         {sentence}", flush=True)


def _tell(seen: Mapping[str, Seen], when: str) -> None:
    say(f"Requests {when}:")
    width = max(map(len, seen))
    for name, one in seen.items():
        answered = sum(sum(servers.values()) for servers in one.answered.values())
        slowest = ", ".join(
            f"{one.slowest[kind]:.1f} s {on}" for kind, on in _KINDS.items() if one.slowest[kind]
        )
        say(f"  {name:{width}}  {answered} answered, {len(one.failures)} lost; slowest {slowest}")


def _until(holds: Callable[[], bool], otherwise: str) -> float:
    """Wait for something, and return how many seconds it took."""
    start = time.monotonic()
    while not holds():
        if time.monotonic() > start + PATIENCE_SECONDS:
            raise Unseen(f"{otherwise} after {PATIENCE_SECONDS} s")
        time.sleep(_POLL_SECONDS)
    return time.monotonic() - start


def _journal(director: Node, name: str) -> list[str]:
    """What the health daemon has said of a real server that went just now."""
    unit = ("-u", "lvs-topology-health.service", "--since", "-1min")
    lines = _lines(director, "journalctl", "-o", "cat", *unit)
    return [line for line in lines if line.startswith(f"{name} ") and " is down " in line]


def _lines(node: Node, *command: str) -> list[str]:
    return node.run(*command).splitlines()


def _destinations(director: Node) -> Iterator[tuple[str, int]]:
    """RIPs and weights, without what leads probes."""
    for words in map(str.split, _lines(director, "ipvsadm", "-Sn")):
        if words[0] == "-a" and words[1] != "-f":
            rip, _colon, _port = words[words.index("-r") + 1].rpartition(":")
            yield rip.strip("[]"), int(words[words.index("-w") + 1])
