# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether a real server is up, as the results of one probe say."""

from __future__ import annotations

from typing import NamedTuple

from .model import SILENT, Check


class Moment(NamedTuple):
    """A time, on two clocks."""

    clock: float  # monotonic seconds since the host was started
    wall: float  # seconds since the epoch, for people alone


class Verdict(NamedTuple):
    """Up until shown otherwise."""

    is_up: bool = True
    reason: str = ""  # why it is down, or would be
    since: Moment | None = None  # when that has changed; None = it has not
    streak: int = 0  # latest results in a row that say otherwise


def after(
    verdict: Verdict, check: Check, result: str, now: Moment, *, is_held: bool = False
) -> Verdict:
    """The verdict after one more result; one that is held does not go down."""
    if verdict.is_up == (not result):
        return verdict._replace(streak=0, reason="" if verdict.is_up else verdict.reason)
    needed = check.fall if result else check.rise
    streak = min(verdict.streak + 1, needed)
    if streak < needed:
        return verdict._replace(streak=streak)
    if result and is_held:
        return verdict._replace(streak=streak, reason=result)
    return Verdict(not result, result, now)


def is_answer(result: str) -> bool:
    """Whether there was an answer, if only to refuse: the path there and back works."""
    return not result.startswith(SILENT)
