# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is kept of health checks in a director's state file, and back."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

from ..health.model import Watch
from ..health.schema import parse_watches, render_watches
from ..state import content
from ..state.record import Record, Values

Watches = Tuple[Watch, ...]


def load(record: Record) -> Watches:
    """Read it; raises PersistenceError where not all of it is known."""
    return content.read(record, _load, _dump)


def save(record: Record, watches: Watches) -> None:
    """Write it."""
    record.record(*_dump(watches))


def changes(before: Sequence[Watch], after: Sequence[Watch]) -> list[str]:
    """A sentence for each service that is watched in another way from now on, or no more."""
    services = {watch.service for watch in after}
    return [
        *(
            f"watch service {name(watch)}: {watch.check.kind} every {watch.check.interval:g} s"
            for watch in after
            if watch not in before
        ),
        *(
            f"watch service {name(watch)} no more"
            for watch in before
            if watch.service not in services
        ),
    ]


def difference(before: Sequence[Watch], after: Sequence[Watch]) -> dict[str, Any]:
    """Before and after of what changes."""
    return {
        side: {"health": render_watches([one for one in these if one not in others])}
        if before != after
        else {}
        for side, these, others in (("before", before, after), ("after", after, before))
    }


def name(watch: Watch) -> str:
    """A service as people know it."""
    return watch.name or str(watch.service)


def _load(desired: Values, owned: Values) -> Watches:
    watches, problems = parse_watches(desired.get("watches", []))
    for problem in problems:
        raise ValueError(str(problem))
    if owned:
        raise ValueError(f"owned: {owned}")
    return watches


def _dump(watches: Watches) -> tuple[Values, Values]:
    return ({"watches": render_watches(watches)} if watches else {}), {}
