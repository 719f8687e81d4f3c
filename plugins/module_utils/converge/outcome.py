# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a change of a host gives, and in check mode would give."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Sequence

Difference = Mapping[str, Any]


class Outcome(NamedTuple):
    """What was done; the fields without a default are those of every change."""

    operations: Sequence[object]  # in order; str() of each is a sentence
    difference: dict[str, Any]  # before and after of all operations, done or pending
    warnings: Sequence[str] = ()  # what did not work, but is no reason to fail
    pending: Sequence[object] = ()  # the operations that have to wait
    waiting: str = ""  # the option that says for what, if they wait for connections
    connections: Sequence[dict[str, Any]] = ()  # those that are waited for
    staying: Sequence[str] = ()  # services of which destinations stay and are reached as before
    lowered: Sequence[dict[str, Any]] = ()  # destinations with less weight than declared, and why
    drained: Sequence[str] = ()  # RIPs that took new connections before, or would if they were well


def together(*differences: Difference) -> dict[str, Any]:
    """One before and after of several that have no key in common."""
    return {
        side: {key: value for each in differences for key, value in each[side].items()}
        for side in ("before", "after")
    }
