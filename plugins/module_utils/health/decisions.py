# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the health daemon has decided: weights that are not the declared ones, and why.

The daemon writes it before it writes the kernel's table. Whoever else writes the table reads it,
and leaves these weights as they are.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping, NamedTuple, Tuple

from ..ipvs.model import DestinationKey, ServiceKey
from ..ipvs.schema import parse_destination_key, parse_service_key, render_key

VERSION = 1


class Decision(NamedTuple):
    """The weight of one destination, between 0 and the declared one."""

    weight: int
    reason: str  # a sentence for people
    since: float  # seconds since the epoch


Target = Tuple[ServiceKey, DestinationKey]
Decisions = Dict[Target, Decision]


def dump(decisions: Mapping[Target, Decision]) -> bytes:
    """Return the file's content."""
    entries = [
        {"service": render_key(service), "destination": key._asdict(), **decision._asdict()}
        for (service, key), decision in decisions.items()
    ]
    return (json.dumps({"version": VERSION, "weights": entries}, indent=1) + "\n").encode()


def load(content: bytes) -> Decisions:
    """Read the file's content; raises ValueError where it is damaged."""
    try:
        data = json.loads(content)
        if data["version"] != VERSION:
            msg = f"version {data['version']}"
            raise ValueError(msg)
        return dict(_read(entry) for entry in data["weights"])
    except (AttributeError, LookupError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _read(entry: Mapping[str, Any]) -> tuple[Target, Decision]:
    service, wrong = parse_service_key(entry["service"], "service")
    key, also_wrong = parse_destination_key(entry["destination"], "destination", service)
    if service is None or key is None:
        raise ValueError("; ".join(map(str, (*wrong, *also_wrong))))
    weight, since = entry["weight"], entry["since"]
    if not isinstance(weight, int) or weight < 0 or not isinstance(since, (int, float)):
        msg = f"weight {weight!r} since {since!r}"
        raise ValueError(msg)
    return (service, key), Decision(weight, str(entry["reason"]), float(since))
