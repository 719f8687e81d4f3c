# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Observations to be judged: one that is as it must be for each mode, and ways to spoil it."""

from __future__ import annotations

from dataclasses import replace

from observe.declaration import Endpoint
from observe.judge import Surroundings
from observe.paths import Observation, Path
from observe.traffic import Request

CLIENT = "198.51.100.10"
GIVEN = Surroundings(directors=["director"], client={CLIENT, "2001:db8:51::10"}, router="router")
DIRECTOR = frozenset({"director"})


def path(server: str, number: int, mode: str, vip: str = "10.0.0.100:80") -> Path:
    port = 40000 + number
    nat = mode == "nat"
    return Path(
        request=Request(port=port, server=server, client=f"{CLIENT}:{port}"),
        sent_to=DIRECTOR,
        replied_by=DIRECTOR if nat else frozenset({server}),
        replied_as=frozenset({vip}),
        reply_passed=DIRECTOR if nat else frozenset(),
    )


def good(mode: str, **changes: object) -> Observation:
    endpoint = Endpoint("web", mode, "10.0.0.100", 80, {"web1": 2, "web2": 1})
    servers = ("web1", "web2", "web1", "web1", "web2", "web1")
    return Observation(
        endpoint=replace(endpoint, **changes),  # type: ignore[arg-type]
        owners=DIRECTOR,
        paths=tuple(path(server, number, mode) for number, server in enumerate(servers)),
    )


def each_path(seen: Observation, server: str, **changes: object) -> Observation:
    """Change the paths that a server answered."""
    return replace(
        seen,
        paths=tuple(
            replace(path, **changes) if path.request.server == server else path  # type: ignore[arg-type]
            for path in seen.paths
        ),
    )


def failed(seen: Observation, server: str, error: str, **changes: object) -> Observation:
    """Make the requests fail that a server would have answered."""
    return replace(
        seen,
        paths=tuple(
            replace(path, request=Request(path.request.port, error=error), **changes)  # type: ignore[arg-type]
            if path.request.server == server
            else path
            for path in seen.paths
        ),
    )
