# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode predicts exactly the changes of the next run."""

from pathlib import Path

import pytest
from scenario import outcomes
from scenario.outcomes import Outcomes


@pytest.fixture(scope="module")
def runs(state: Path) -> list[Outcomes]:
    """The runs of `molecule test` so far: check, converge, and those that have nothing to do."""
    converging = [run for run in outcomes.load(state) if run.playbook == "converge"][:4]
    if [run.check for run in converging[:3]] != [True, False, False]:
        pytest.skip("only `molecule test` makes all the runs that are compared here")
    return converging


def test_nothing_fails(runs: list[Outcomes]) -> None:
    assert [run.having("failed") for run in runs] == [[]] * len(runs)


def test_the_same_tasks_change_the_same_hosts(runs: list[Outcomes]) -> None:
    predicted, done = runs[:2]
    assert done.having("changed") != []
    assert predicted.having("changed") == done.having("changed")


def test_the_diff_shown_is_the_diff_made(runs: list[Outcomes]) -> None:
    predicted, done = runs[:2]
    assert done.statements()
    assert predicted.statements() == done.statements()


def test_a_converged_topology_has_nothing_to_do(runs: list[Outcomes]) -> None:
    assert [run.having("changed") for run in runs[2:]] == [[]] * len(runs[2:])
