# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steady requests from a node while something is changed, each of which has to be answered."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .errors import ScenarioError
from .node import Node

Endpoint = tuple[str, int]

_CLIENT = Path(__file__).with_name("steady_client.py")
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
    given = json.dumps({"new": new, "long_lived": long_lived, "renew": renew, "timeout": timeout})
    command = node.command("python3", "-c", _CLIENT.read_text(), given)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as loop:
        if loop.stdout is None or not loop.stdout.readline():
            raise ScenarioError(f"{node.name}: the requests could not begin")
        yield seen
        output, _errors = loop.communicate()
    if loop.returncode:
        raise ScenarioError(f"{node.name}: the requests ended with {loop.returncode}")
    for name, value in json.loads(output).items():
        setattr(seen, name, value)
