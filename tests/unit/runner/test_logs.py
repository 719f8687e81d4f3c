# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A failed step says which test failed first, and why."""

from pathlib import Path

import pytest
from logs import HEADLINES, headlines, tail

FAILURE = """\
_________________ {name} _________________
    def {name}() -> None:
>       assert 1 == 2
E       \x1b[31massert 1 == 2\x1b[0m
E         more of it

tests/test_one.py:3: AssertionError
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "step.log"


def test_the_first_line_of_each_failure(log: Path) -> None:
    log.write_text(FAILURE.format(name="test_one") + FAILURE.format(name="test_two"))
    assert headlines(log) == ["test_one: assert 1 == 2", "test_two: assert 1 == 2"]


def test_no_more_than_can_be_read(log: Path) -> None:
    log.write_text(FAILURE.format(name="test_one") * (HEADLINES + 1))
    assert len(headlines(log)) == HEADLINES


def test_a_log_of_something_else(log: Path) -> None:
    log.write_text("fatal: nothing of pytest's\n")
    assert headlines(log) == []


def test_the_end_of_a_log(log: Path) -> None:
    assert tail(log) == []
    log.write_text("one\n\ntwo  \nthree\n")
    assert tail(log, 2) == ["two", "three"]
