# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A section of a record, for code that keeps no more than that."""

from __future__ import annotations

from .content import refusal
from .record import Record, Values

# of a director's file
HOST, TABLE, HEALTH, VRRP, METRICS = SECTIONS = ("host", "table", "health", "vrrp", "metrics")


class Section:
    """What a record holds under a name; itself a ``Record``.

    Raises PersistenceError where the record has other sections than are known.
    """

    def __init__(self, record: Record, name: str) -> None:
        unknown = sorted({*record.desired, *record.owned} - {*SECTIONS})
        if unknown:
            raise refusal(record, ", ".join(unknown))
        self._record = record
        self._name = name

    @property
    def place(self) -> str:
        """Where it is kept, for people."""
        return f"{self._record.place}, section {self._name},"

    @property
    def desired(self) -> Values:
        """What the last run desired; {} before the first."""
        section: Values = self._record.desired.get(self._name, {})
        return section

    @property
    def owned(self) -> Values:
        """What is ours, and originals; {} before the first."""
        section: Values = self._record.owned.get(self._name, {})
        return section

    def record(self, desired: Values, owned: Values) -> None:
        """Keep both, beside the other sections."""
        self._record.record(
            self._with(self._record.desired, desired), self._with(self._record.owned, owned)
        )

    def _with(self, sections: Values, section: Values) -> Values:
        others = {name: one for name, one in sections.items() if name != self._name}
        return {**others, self._name: section} if section else others
