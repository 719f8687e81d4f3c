# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Tables for people, in text."""

from __future__ import annotations

from itertools import zip_longest
from typing import Iterator, Sequence

from .printable import printable

_GAP = "  "


def grid(head: Sequence[str], rows: Sequence[Sequence[Sequence[str]]]) -> Iterator[str]:
    """Return the lines of a table; each cell of a row is a list of lines.

    Any of them may come from a host: what would make another line of it is escaped.
    """
    rows = [[[printable(line) for line in cell] for cell in row] for row in rows]
    columns = zip(*[[[name] for name in head], *rows])
    widths = [max(len(line) for cell in column for line in cell) for column in columns]
    yield _line(head, widths)
    yield _line(["-" * width for width in widths], widths)
    for row in rows:
        for part in zip_longest(*row, fillvalue=""):
            yield _line(part, widths)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (f"{cell:{width}}" for cell, width in zip(cells, widths))
    return _GAP.join(padded).rstrip()
