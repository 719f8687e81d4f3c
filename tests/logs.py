# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a step's log that show why it failed."""

from __future__ import annotations

import re
from pathlib import Path

TAIL_LINES = 40
HEADLINES = 20
HEADLINE_COLUMNS = 300

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_TEST = re.compile(r"_{3,} (?P<name>\S.*\S) _{3,}")
_REASON = re.compile(r"E {3,}(?P<text>\S.*)")


def tail(path: Path, count: int = TAIL_LINES) -> list[str]:
    """Read the last lines of a log that are not empty."""
    if not path.exists():
        return []
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 200 * count))
        lines = log.read().decode(errors="replace").splitlines()
    return [line for line in (line.rstrip() for line in lines) if line][-count:]


def headlines(path: Path) -> list[str]:
    """Return the failed tests in order, each with the first line of its reason.

    The first failure matters most, and pytest prints it far above the end.
    """
    found: list[str] = []
    name = ""
    for line in path.read_text(errors="replace").splitlines():
        plain = _COLOUR.sub("", line)
        if test := _TEST.fullmatch(plain):
            name = test["name"]
        elif name and (reason := _REASON.fullmatch(plain)):
            found.append(f"{name}: {reason['text']}"[:HEADLINE_COLUMNS])
            name = ""
    return found[:HEADLINES]
