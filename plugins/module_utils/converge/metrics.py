# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is kept of a director's metrics in its state file, and back."""

from __future__ import annotations

from typing import Any

from ..metrics.settings import Settings, parse_metrics, render_metrics
from ..state import content
from ..state.record import Record, Values


def load(record: Record) -> Settings | None:
    """Read it; raises PersistenceError where not all of it is known."""
    return content.read(record, _load, _dump)


def save(record: Record, settings: Settings | None) -> None:
    """Write it."""
    record.record(*_dump(settings))


def changes(before: Settings | None, after: Settings | None) -> list[str]:
    """A sentence, where something else is written from now on."""
    if before == after:
        return []
    if after is None:
        return ["write metrics no more"]
    return [f"write metrics to {after.directory} every {after.interval} s"]


def difference(before: Settings | None, after: Settings | None) -> dict[str, Any]:
    """Before and after, where it changes."""
    sides = {"before": before, "after": after} if before != after else {}
    return {
        side: {"metrics": render_metrics(one)} if one else {}
        for side, one in {"before": None, "after": None, **sides}.items()
    }


def _load(desired: Values, owned: Values) -> Settings | None:
    settings, problems = parse_metrics(desired)
    if problems:
        raise ValueError("; ".join(map(str, problems)))
    if owned:
        raise ValueError(f"owned: {owned}")
    return settings


def _dump(settings: Settings | None) -> tuple[Values, Values]:
    return (render_metrics(settings) if settings else {}), {}
