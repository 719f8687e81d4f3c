# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a state file holds, as the code that applies it sees it."""

from __future__ import annotations

from typing import Any, Dict, Protocol

Values = Dict[str, Any]  # what JSON can hold


class Record(Protocol):
    """A part's state, as the code that applies it sees it."""

    @property
    def place(self) -> str:
        """Where it is kept, for people."""

    @property
    def desired(self) -> Values:
        """What the last run desired."""

    @property
    def owned(self) -> Values:
        """What is ours, and originals."""

    def record(self, desired: Values, owned: Values) -> None:
        """Keep both: before the first change, and again after the last."""
