# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Long lists in short sentences."""

from __future__ import annotations

from typing import Collection

MOST_NAMES = 5


def few(names: Collection[str], between: str = ", ") -> str:
    """Return the first of some names, and how many more there are."""
    shown = [*names][:MOST_NAMES]
    more = len(names) - len(shown)
    return between.join(shown) + (f" and {more} more" if more else "")


def count(number: int, noun: str) -> str:
    """Return a number with its noun, which takes an s in the plural."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
