# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What many paths want of one module. Pure."""

from __future__ import annotations

from typing import Any, Hashable, Mapping, Sequence


class Gathered:
    """List options of a module: each value once, in the order in which they come."""

    def __init__(self) -> None:
        self._values: dict[str, dict[Hashable, Any]] = {}

    def __bool__(self) -> bool:
        return any(self._values.values())

    def add(self, additions: Mapping[str, Sequence[Any]]) -> None:
        """Add what is not there yet; values are strings, or flat dicts."""
        for name, values in additions.items():
            there = self._values.setdefault(name, {})
            for value in values:
                key = tuple(value.items()) if isinstance(value, dict) else value
                there.setdefault(key, value)

    def get(self, name: str) -> list[Any]:
        """The values of one option."""
        return [*self._values.get(name, {}).values()]
