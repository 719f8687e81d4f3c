# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The columns of the verification's table: in text and on the page."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from ..topology.modes.table import mode_named

Verdict = Mapping[str, Any]


def reply_path(verdict: Verdict) -> str:
    """Describe the path of replies, in the words of the mode if it is right."""
    passed = verdict["passed_back"]
    if not any(way["reply"] and way["server"] for way in verdict["ways"]):
        return "none seen"
    if passed:
        return f"through {', '.join(passed)}"
    modes = [
        mode_named(server["mode"], is_on_director=server["on_director"])
        for server in verdict["servers"]
    ]
    if any(mode.demand.through_director for mode in modes):
        return "past the director"
    return "straight from the real servers"


def _vip(verdict: Verdict) -> str:
    protocol = verdict["protocol"]
    return str(verdict["address"]) + ("" if protocol == "tcp" else f"/{protocol}")


def _servers(verdict: Verdict) -> list[str]:
    return [
        f"{server['requests']} {server['name']} ({server['weight']}"
        f"{', by health' if server['health'] else ''})"
        for server in verdict["servers"]
    ]


def _answered_by(verdict: Verdict) -> list[str]:
    hosts: list[str] | None = verdict["answered_by"]
    return ["not asked"] if hosts is None else hosts or ["no host"]


# Head → the lines of the cell.
COLUMNS: Mapping[str, Callable[[Verdict], list[str]]] = {
    "service": lambda verdict: [verdict["service"]],
    "mode": lambda verdict: [verdict["mode"]],
    "VIP": lambda verdict: [_vip(verdict)],
    "answered": lambda verdict: [f"{verdict['answered']} of {verdict['requests']}"],
    "real server (weight)": _servers,
    "sees clients as": lambda verdict: verdict["seen_by_servers"] or ["not seen"],
    "ARP/ND by": _answered_by,
    "reply path": lambda verdict: [reply_path(verdict)],
}
