# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Verdicts as a table for people."""

from __future__ import annotations

from itertools import zip_longest
from typing import Iterator, Sequence

from ..listing import count
from ..printable import printable
from .columns import COLUMNS, Verdict
from .report import RED

_HEAD = (*COLUMNS, "verdict")
_GAP = "  "


def render(
    verdicts: Sequence[Verdict], violations: Sequence[str] = (), accepted: Sequence[str] = ()
) -> str:
    """Draw the table, with all findings and notes below it, and what checks had found."""
    rows = [_row(verdict) for verdict in verdicts]
    columns = zip(*[[[name] for name in _HEAD], *rows])
    widths = [max(len(line) for cell in column for line in cell) for column in columns]
    lines = [_line(_HEAD, widths), _line(["-" * width for width in widths], widths)]
    for row in rows:
        lines += [_line(part, widths) for part in zip_longest(*row, fillvalue="")]
    for verdict in verdicts:
        lines += _below(verdict)
    if violations:
        found = count(len(violations), "violation")
        lines += ["", f"the declaration's own checks found {found}: see further above"]
    if accepted:
        lines += ["", "accepted of what checks found:", *(f"  - {one}" for one in accepted)]
    return "\n".join(map(printable, lines))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (f"{cell:{width}}" for cell, width in zip(cells, widths))
    return _GAP.join(padded).rstrip()


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
