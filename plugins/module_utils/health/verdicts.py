# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What probes have said so far, as the daemon keeps it for its next start and for people.

Whoever has always been up is not in it.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Mapping

from ..json_types import is_a
from .decisions import Target, is_time, parse_target, render_target
from .verdict import Moment, Verdict

VERSION = 1

Verdicts = Dict[Target, Verdict]


def dump(verdicts: Mapping[Target, Verdict]) -> bytes:
    """Return the file's content."""
    entries = [
        {
            **render_target(target),
            "is_up": verdict.is_up,
            "reason": verdict.reason,
            "since": verdict.since and verdict.since.wall,
            "clock": verdict.since and verdict.since.clock,
        }
        for target, verdict in verdicts.items()
        if verdict.since or verdict.reason
    ]
    return (json.dumps({"version": VERSION, "verdicts": entries}, indent=1) + "\n").encode()


def load(content: bytes) -> Verdicts:
    """Read the file's content; raises ValueError where it is damaged."""
    try:
        data = json.loads(content)
        if data["version"] != VERSION:
            msg = f"version {data['version']}"
            raise ValueError(msg)
        return {parse_target(entry): _verdict(entry) for entry in data["verdicts"]}
    except (AttributeError, LookupError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _verdict(entry: Mapping[str, Any]) -> Verdict:
    is_up, reason, since, clock = (entry[name] for name in ("is_up", "reason", "since", "clock"))
    times = None if since is clock is None else Moment(clock, since)
    if not (is_a(is_up, bool) and is_a(reason, str) and all(map(is_time, times or ()))):
        msg = f"is_up {is_up!r} since {since!r}"
        raise ValueError(msg)
    return Verdict(is_up, reason, times)
