# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Verdicts as a table for people."""

from __future__ import annotations

from typing import Iterator, Sequence

from ..grid import grid
from ..listing import count
from ..printable import printable
from .columns import COLUMNS, Verdict
from .report import RED

_HEAD = (*COLUMNS, "verdict")


def render(
    verdicts: Sequence[Verdict], violations: Sequence[str] = (), accepted: Sequence[str] = ()
) -> str:
    """Draw the table, with all findings and notes below it, and what checks had found."""
    rows = [_row(verdict) for verdict in verdicts]
    lines = [*grid(_HEAD, rows)]
    for verdict in verdicts:
        lines += _below(verdict)
    if violations:
        found = count(len(violations), "violation")
        lines += ["", f"the declaration's own checks found {found}: see further above"]
    if accepted:
        lines += ["", "accepted of what checks found:", *(f"  - {one}" for one in accepted)]
    return "\n".join(map(printable, lines))


def _row(verdict: Verdict) -> list[list[str]]:
    """Each cell is a list of lines."""
    shown = "RED" if verdict["verdict"] == RED else "green"
    return [*(cell(verdict) for cell in COLUMNS.values()), [shown]]


def _below(verdict: Verdict) -> Iterator[str]:
    if verdict["findings"] or verdict["notes"]:
        yield ""
        yield f"{verdict['service']} {verdict['address']}:"
    for one in verdict["findings"]:
        counted = (
            f" ({one['requests']} of {verdict['requests']} requests)" if one["requests"] else ""
        )
        at = f"{one['host']}: " if one["host"] else ""
        yield f"  - {at}{one['got']}{counted}"
        yield f"      expected: {one['expected']}"
        yield f"      cause: {one['cause']}"
    for note in verdict["notes"]:
        yield f"  . {note}"
