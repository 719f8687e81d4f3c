# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Text that a terminal shows and does not obey.

What hosts tell may hold anything: sequences that clear the screen, lines that look like ours.
"""

from __future__ import annotations


def printable(line: str) -> str:
    """Return a line with every character that is not printable as its escape."""
    if line.isprintable():
        return line
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)
