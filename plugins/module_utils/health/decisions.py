# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the health daemon has decided: weights that are not the declared ones, and why.

The daemon writes it before it writes the kernel's table. Whoever else writes the table reads it,
and leaves these weights as they are.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, NamedTuple, Tuple

from ..ipvs.model import DestinationKey, ServiceKey
from ..ipvs.schema import parse_destination_key, parse_service_key, render_key
from ..json_types import is_a
from . import entries

_NAME = "weights"
_LATEST = 1e11  # in some thousands of years


class Decision(NamedTuple):
    """The weight of one destination, between 0 and the declared one."""

    weight: int
    reason: str  # a sentence for people
    since: float  # seconds since the epoch


Target = Tuple[ServiceKey, DestinationKey]
Decisions = Dict[Target, Decision]


def dump(decisions: Mapping[Target, Decision]) -> bytes:
    """Return the file's content."""
    found = [
        {**render_target(target), **decision._asdict()} for target, decision in decisions.items()
    ]
    return entries.dump(_NAME, found)


def load(content: bytes) -> Decisions:
    """Read the file's content; raises ValueError where it is damaged."""
    return entries.load(content, _NAME, _read)


def render_target(target: Target) -> dict[str, Any]:
    """Return a service and one of its destinations as they are kept."""
    service, key = target
    return {"service": render_key(service), "destination": key._asdict()}


def parse_target(entry: Mapping[str, Any]) -> Target:
    """Read what ``render_target`` has written; raises ValueError."""
    service, wrong = parse_service_key(entry["service"], "service")
    key, also_wrong = parse_destination_key(entry["destination"], "destination", service)
    if service is None or key is None:
        raise ValueError("; ".join(map(str, (*wrong, *also_wrong))))
    return service, key


def is_time(value: object) -> bool:
    """Tell whether this can be seconds since the epoch."""
    return is_a(value, float) and 0 <= value <= _LATEST


def _read(entry: Mapping[str, Any]) -> tuple[Target, Decision]:
    weight, since = entry["weight"], entry["since"]
    if not is_a(weight, int) or weight < 0 or not is_time(since):
        msg = f"weight {weight!r} since {since!r}"
        raise ValueError(msg)
    return parse_target(entry), Decision(weight, str(entry["reason"]), since)
