# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""When a real server's connections have ended."""

from __future__ import annotations

from typing import Any, Collection, Iterable, Mapping

from ..json_types import is_a
from ..listing import few

COUNTED = ("active", "inactive")  # of connections; templates of persistent services are none
KINDS = (*COUNTED, "persistent")
MAX_TIMEOUT, MAX_INTERVAL = 86400, 3600

WAIT_SPEC: dict[str, Any] = {
    "wait": {"type": "bool", "default": True},
    "wait_for": {
        "type": "list",
        "elements": "str",
        "default": ["active"],
        "choices": [*KINDS],
    },
    "timeout": {"type": "int", "default": 300},
    "poll_interval": {"type": "int", "default": 2},
    "on_timeout": {"type": "str", "default": "restore", "choices": ["restore", "keep", "remove"]},
}

_THEN: dict[str, Any] = {"type": "str", "choices": ["fail", "continue"]}

DRAIN_REMOVED_SPEC: dict[str, Any] = {
    "type": "dict",
    "options": {
        **{name: WAIT_SPEC[name] for name in ("wait_for", "timeout", "poll_interval")},
        "on_timeout": {**_THEN, "default": "continue"},
    },
}

ENDING_SPEC: dict[str, Any] = {
    "type": "dict",
    "options": {
        "services": {"type": "list", "elements": "str", "required": True},
        "wait_for": {**WAIT_SPEC["wait_for"], "choices": [*COUNTED]},
        "timeout": WAIT_SPEC["timeout"],
        "poll_interval": WAIT_SPEC["poll_interval"],
        "on_timeout": {**_THEN, "default": "fail"},
    },
}


def problems(options: Mapping[str, Any]) -> list[str]:
    """What is wrong with the options, all of it."""
    ranges = {"timeout": (0, MAX_TIMEOUT), "poll_interval": (1, MAX_INTERVAL)}
    return [
        f"{name}: got {options[name]}, expected {low} to {high} seconds"
        for name, (low, high) in ranges.items()
        if not low <= options[name] <= high
    ]


def is_told(connections: object) -> bool:
    """Whether an answer of a director's has the shape of connections."""
    return isinstance(connections, list) and all(
        isinstance(connection, dict)
        and all(
            isinstance(connection.get(name), str) for name in ("service", "protocol", "destination")
        )
        and all(is_a(connection.get(kind), int) for kind in KINDS)
        for connection in connections
    )


def left(connections: Iterable[Mapping[str, Any]], wait_for: Collection[str]) -> int:
    """How many of the connections are waited for."""
    total = 0
    for connection in connections:
        kinds = set(wait_for)
        # The kernel knows no established UDP: all are inactive. Behind a mark there may be UDP.
        if "active" in kinds and (
            connection["protocol"] in ("udp", "") or connection.get("reusable")
        ):
            kinds.add("inactive")
        total += sum(int(connection[kind]) for kind in kinds)
    return total


def summary(connections: Iterable[Mapping[str, Any]]) -> str:
    """The destinations that have any, for people: of many, the first few."""
    found = []
    for connection in connections:
        counts = [f"{connection[kind]} {kind}" for kind in KINDS if connection[kind]]
        if counts:
            found.append(
                f"{connection['destination']} of {connection['service']}: {', '.join(counts)}"
            )
    return few(found, "; ")
