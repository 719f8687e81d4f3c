# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steady requests from a node while something is changed, each of which has to be answered."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import ScenarioError
from .node import Node

Endpoint = tuple[str, int]

_CLIENT = Path(__file__).with_name("steady_client.py")
SURVEY = Path(__file__).with_name("survey_client.py")
"""For ``asking``: what becomes of many connections, and of sockets that keep their port."""

_FOR_EVER = 1e9


@dataclass
class Seen:
    """What came of the requests: complete once they have ended."""

    answered: dict[str, dict[str, int]] = field(default_factory=dict)
    """Endpoint → real server → how many."""
    failures: list[str] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=dict)
    """Kind of connection → the longest time from a request to its answer, in seconds."""
    last: dict[str, dict[str, str]] = field(default_factory=dict)
    """Endpoint → the addresses (client, local) that the real server saw in the last request."""

    def __str__(self) -> str:
        count = sum(sum(each.values()) for each in self.answered.values())
        slowest = ", ".join(f"{seconds:.2f} s {kind}" for kind, seconds in self.slowest.items())
        return f"{count} answered, {len(self.failures)} lost; slowest: {slowest}"


Load = Callable[[], AbstractContextManager[Seen]]
"""Requests of a scenario's own choice."""


def expect_no_loss(seen: Seen) -> None:
    """Fail unless every request was answered."""
    if seen.failures:
        raise AssertionError(f"{seen}: {seen.failures}")


def expect_lasting_ones_kept(seen: Seen) -> None:
    """Fail for a connection that has broken; a new one of twenty may have been half open."""
    lost = [one for one in seen.failures if not one.startswith("new,")]
    answered = sum(sum(servers.values()) for servers in seen.answered.values())
    if lost or len(seen.failures) > answered // 20:
        raise AssertionError(f"{seen}: {seen.failures}")


@contextmanager
def requests(
    node: Node,
    new: Sequence[Endpoint],
    long_lived: Sequence[Endpoint] = (),
    *,
    renew: float = _FOR_EVER,
    timeout: float = 3,
) -> Iterator[Seen]:
    """Send requests for as long as the with statement lasts.

    Fresh: a connection for each request. Lasting: one for all of them, or a new one after
    ``renew`` seconds. Every endpoint has been asked when the statement's body begins. A request is
    lost that has no answer within ``timeout`` seconds.
    """
    seen = Seen()
    given = {"new": new, "long_lived": long_lived, "renew": renew, "timeout": timeout}
    with asking(node, _CLIENT, given) as outcome:
        yield seen
    for name, value in outcome.items():
        setattr(seen, name, value)


@contextmanager
def asking(node: Node, program: Path, given: object) -> Iterator[dict[str, Any]]:
    """Have a program ask from a node, and give what it has found: complete at the end.

    It prints an empty line once everything was asked, and its outcome when its input ends.
    """
    outcome: dict[str, Any] = {}
    command = node.command("python3", "-c", program.read_text(), json.dumps(given))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as loop:
        if loop.stdout is None or not loop.stdout.readline():
            raise ScenarioError(f"{node.name}: the requests could not begin")
        yield outcome
        output, _errors = loop.communicate()
    if loop.returncode:
        raise ScenarioError(f"{node.name}: the requests ended with {loop.returncode}")
    outcome.update(json.loads(output))
