# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What probes have said so far, as the daemon keeps it for its next start and for people.

A real server that has always been up is not in it.
"""

from __future__ import annotations

from typing import Any, Dict, Mapping

from ..json_types import is_a
from . import entries
from .decisions import Target, is_time, parse_target, render_target
from .verdict import Moment, Verdict

_NAME = "verdicts"

Verdicts = Dict[Target, Verdict]


def dump(verdicts: Mapping[Target, Verdict]) -> bytes:
    """Return the file's content."""
    found = [
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
    return entries.dump(_NAME, found)


def load(content: bytes) -> Verdicts:
    """Read the file's content; raises ValueError where it is damaged."""
    return entries.load(content, _NAME, lambda entry: (parse_target(entry), _verdict(entry)))


def _verdict(entry: Mapping[str, Any]) -> Verdict:
    is_up, reason, since, clock = (entry[name] for name in ("is_up", "reason", "since", "clock"))
    times = None if since is clock is None else Moment(clock, since)
    if not (is_a(is_up, bool) and is_a(reason, str) and all(map(is_time, times or ()))):
        msg = f"is_up {is_up!r} since {since!r}"
        raise ValueError(msg)
    return Verdict(is_up, reason, times)
