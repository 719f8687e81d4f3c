# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests from a client to all endpoints, in one remote command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .declaration import Endpoint
from .node import Node

PROBE = Path(__file__).with_name("probe.py")


@dataclass(frozen=True)
class Request:
    """What the client knows of one request."""

    port: int
    """The client's own port."""
    server: str = ""
    """Who answered, by its own word."""
    client: str = ""
    """The client's address as that server saw it, with the port."""
    error: str = ""


def send(client: Node, endpoints: Sequence[Endpoint]) -> list[list[Request]]:
    """Send every endpoint its requests; the lists are in the endpoints' order."""
    jobs = [
        {
            "endpoint": number,
            "address": endpoint.vip,
            "port": endpoint.port,
            "protocol": endpoint.protocol,
            "requests": endpoint.requests,
        }
        for number, endpoint in enumerate(endpoints)
    ]
    output = client.run("python3", "-", json.dumps(jobs), stdin=PROBE.read_text())
    requests: list[list[Request]] = [[] for _ in endpoints]
    for line in output.splitlines():
        result = json.loads(line)
        answer = result.get("answer", {})
        requests[result["endpoint"]].append(
            Request(
                port=result["port"],
                server=answer.get("server", ""),
                client=answer.get("client", ""),
                error=result.get("error", ""),
            )
        )
    return requests
