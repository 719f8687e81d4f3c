# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What health checks say of real servers, as a table for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..module_utils.grid import grid
from ..module_utils.listing import few
from ..module_utils.state.names import HEALTH_UNIT

UP, DOWN = "up", "down"

Told = Mapping[str, Any]
"""What health_info says of a director; without ``services`` it could not be read."""

_HEAD = ("service", "real server", "weight", "state", "since", "active", "inactive", "why")


def render(directors: Mapping[str, Told]) -> str:
    """Draw a table for each director."""
    lines: list[str] = []
    for name, told in directors.items():
        lines += ["", *_director(name, told)] if lines else _director(name, told)
    return "\n".join(lines)


def names_down(directors: Mapping[str, Told]) -> list[str]:
    """Return the real servers that some director has found down."""
    names = (
        _name(server)
        for told in directors.values()
        for service in told.get("services", ())
        for server in service["real_servers"]
        if server["state"] == DOWN
    )
    return [*dict.fromkeys(names)]


def summary(directors: Mapping[str, Told]) -> str:
    """Return the outcome as a sentence."""
    unread = [name for name, told in directors.items() if "services" not in told]
    dead = [name for name, told in directors.items() if _is_dead(told)]
    down = names_down(directors)
    parts = []
    if unread:
        parts.append(f"{few(unread)} could not be read")
    if dead:
        parts.append(f"{HEALTH_UNIT} is not running on {few(dead)}")
    if down:
        parts.append(f"down: {few(down)}")
    return "; ".join(parts) or "all real servers that are tried are up"


def is_ok(directors: Mapping[str, Told]) -> bool:
    """Tell whether every director is read, its daemon runs, and no real server is down."""
    is_read = all("services" in told for told in directors.values())
    return is_read and not any(map(_is_dead, directors.values())) and not names_down(directors)


def _is_dead(told: Told) -> bool:
    return bool(told.get("services")) and not told["running"]


def _director(name: str, told: Told) -> Iterator[str]:
    if "services" not in told:
        yield f"{name}: could not be read: {told.get('msg', 'no answer')}"
        return
    if not told["services"]:
        yield f"{name}: no service has health checks"
        return
    runs = f"is not running (decides: `systemctl status {HEALTH_UNIT}`); weights stay as they are"
    yield f"{name}: {HEALTH_UNIT} {'is running' if told['running'] else runs}"
    for problem in told["problems"]:
        yield f"  {problem}"
    yield ""
    yield from grid(_HEAD, [*_rows(told["services"])])


def _rows(services: Iterable[Mapping[str, Any]]) -> Iterator[list[list[str]]]:
    """Yield a row for each service: its cells have a line for each real server."""
    for service in services:
        servers: Sequence[Mapping[str, Any]] = service["real_servers"]
        cells = [[*cell] for cell in zip(*map(_cells, servers))]
        named = [service["name"], service["service"]]
        yield [
            [one for one in named if one],
            *(cells or [["none"], *([""] for _each in _HEAD[2:])]),
        ]


def _cells(server: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        _name(server),
        _weight(server),
        _state(server),
        server["since"],
        str(server["active_connections"]),
        str(server["inactive_connections"]),
        server["reason"],
    )


def _name(server: Mapping[str, Any]) -> str:
    return str(server["name"] or server["address"])


def _weight(server: Mapping[str, Any]) -> str:
    declared, now = server["declared_weight"], server["weight"]
    if now == declared or (server["fallback"] and now == 0):
        return str(now)
    return f"{'none' if now is None else now} of {declared}"


def _state(server: Mapping[str, Any]) -> str:
    if server["fallback"]:
        return "serves as fallback" if server["weight"] else "fallback"
    if server["drained"]:
        return "drained" if server["state"] != DOWN else "drained, down"
    return str(server["state"])
