# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The pools of a director as they are now, for people and programs."""

from __future__ import annotations

from typing import Any, Mapping

from ..health.decisions import Decisions
from ..health.model import Watch
from ..health.verdict import Verdict
from ..health.verdicts import Verdicts
from ..ipvs.model import Destination, DestinationKey, Entry, ServiceKey, Table
from ..ipvs.protocol import Activity
from .table_state import TableState
from .weights import Health, readable

UP, DOWN, UNTRIED = "up", "down", "untried"

Connections = Mapping[ServiceKey, Mapping[DestinationKey, Activity]]


def report(
    kept: TableState, health: Health, said: Verdicts, current: Table, connections: Connections
) -> list[dict[str, Any]]:
    """Each watched service with its real servers, in the order of the table."""
    names = {rip: name for name, rips in kept.hosts.items() for rip in rips}
    watched = {watch.service: watch for watch in health.watches}
    return [
        {
            "name": watch.name,
            "service": str(key),
            "check": watch.check.kind,
            "interval": watch.check.interval,
            "floor": watch.policy.floor,
            "on_floor": watch.policy.on_floor,
            "real_servers": [
                {
                    "name": names.get(each.address, ""),
                    **each._asdict(),
                    "drained": each.address in kept.drained,
                    **_told(watch, one, health.decisions or {}, said),
                    **_now(each, current.get(key), connections.get(key, {})),
                }
                for each, one in entry.destinations.items()
            ],
        }
        for key, entry in sorted(kept.table.items())
        for watch in ([watched[key]] if key in watched else [])
    ]


def _told(
    watch: Watch, destination: Destination, decisions: Decisions, said: Verdicts
) -> dict[str, Any]:
    target = (watch.service, destination.key)
    verdict, decision = said.get(target, Verdict()), decisions.get(target)
    state = (UP if verdict.is_up else DOWN) if watch.tries(destination) else UNTRIED
    since, reason = verdict.since and verdict.since.wall, verdict.reason
    if decision and state != DOWN:
        since, reason = decision.since, decision.reason
    return {
        "fallback": destination.key in watch.fallback,
        "state": state,
        "since": "" if since is None else readable(since),
        "reason": reason,
        "declared_weight": destination.weight,
    }


def _now(
    key: DestinationKey, entry: Entry | None, connections: Mapping[DestinationKey, Activity]
) -> dict[str, Any]:
    there = entry.destinations.get(key) if entry else None
    activity = connections.get(key)
    return {
        "weight": there.weight if there else None,
        "active_connections": activity.active_connections if activity else 0,
        "inactive_connections": activity.inactive_connections if activity else 0,
    }
