# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rise and fall of one probe."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.health.model import Check
from ansible_collections.lvs.topology.plugins.module_utils.health.verdict import (
    Moment,
    Verdict,
    after,
    is_answer,
)

CHECK = Check("tcp", rise=2, fall=3)
GOOD, BAD = "", "connection refused"


def run(results: list[str], *, is_held: bool = False) -> list[Verdict]:
    """The verdict after each of the results, a second apart."""
    verdict, found = Verdict(), []
    for second, result in enumerate(results):
        verdict = after(
            verdict, CHECK, result, Moment(float(second), 1000.0 + second), is_held=is_held
        )
        found.append(verdict)
    return found


@pytest.mark.parametrize(
    ("results", "ups"),
    [
        ([BAD, BAD, BAD, BAD], [1, 1, 0, 0]),
        ([BAD, BAD, GOOD, BAD, BAD, BAD], [1, 1, 1, 1, 1, 0]),
        ([BAD, BAD, BAD, GOOD, BAD, GOOD, GOOD], [1, 1, 0, 0, 0, 0, 1]),
    ],
)
def test_rise_and_fall(results: list[str], ups: list[int]) -> None:
    assert [verdict.is_up for verdict in run(results)] == [*map(bool, ups)]


def test_reason_and_time_are_those_of_the_change() -> None:
    assert run([BAD, BAD, BAD, "no answer within 1 s"])[-1] == Verdict(
        is_up=False, reason=BAD, since=Moment(2, 1002), streak=0
    )
    assert run([BAD, BAD, BAD, GOOD, GOOD])[-1] == Verdict(since=Moment(4, 1004))


def test_who_is_held_goes_down_with_the_next_bad_result_after_that() -> None:
    held = run([BAD] * 9, is_held=True)[-1]
    assert held.is_up
    assert not after(held, CHECK, BAD, Moment(9, 9)).is_up
    assert after(held, CHECK, GOOD, Moment(9, 9), is_held=True) == Verdict()


@given(st.lists(st.sampled_from([GOOD, BAD])))
def test_it_changes_only_after_as_many_in_a_row(results: list[str]) -> None:
    verdicts = run(results)
    for index, (before, verdict) in enumerate(zip([Verdict(), *verdicts], verdicts, strict=False)):
        if verdict.is_up != before.is_up:
            needed = CHECK.rise if verdict.is_up else CHECK.fall
            latest = results[index + 1 - needed : index + 1]
            assert [*map(bool, latest)] == [not verdict.is_up] * needed


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (GOOD, True),
        (BAD, True),
        ("HTTP status 503", True),
        ("no answer within 1 s", False),
        ("no route to host", False),
    ],
)
def test_what_counts_as_an_answer(result: str, expected: bool) -> None:  # noqa: FBT001 - a row
    assert is_answer(result) == expected
