# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode predicts exactly what the run after it does."""

import json
from pathlib import Path
from typing import Any

import pytest

Run = dict[str, Any]


@pytest.fixture(scope="module")
def runs(state: Path) -> list[Run]:
    """The runs of `molecule test` so far: check, converge, idempotence, check."""
    found = [json.loads(file.read_text()) for file in sorted((state / "outcomes").iterdir())]
    converging = [run for run in found if run["playbook"] == "converge"][:4]
    if [run["check"] for run in converging] != [True, False, False, True]:
        pytest.skip("only `molecule test` makes all the runs that are compared here")
    return converging


def outcome(run: Run, key: str) -> list[tuple[str, str]]:
    """Name the tasks that changed something, or failed, and the host."""
    return sorted((each["host"], each["task"]) for each in run["outcomes"] if each[key])


def statements(run: Run) -> set[tuple[str, str, str, str]]:
    """What the diffs say of each host, one statement for each item, whichever task says it.

    Several tasks may need the same thing, such as the boot program. The first one to run brings it;
    in check mode it is still missing when the others look.
    """
    return {
        (each["host"], side, key, json.dumps(item, sort_keys=True))
        for each in run["outcomes"]
        for side, content in (each["diff"] or {}).items()
        for key, value in content.items()
        for item in (value if isinstance(value, list) else [value])
    }


def test_nothing_fails(runs: list[Run]) -> None:
    assert [outcome(run, "failed") for run in runs] == [[]] * 4


def test_the_same_tasks_change_the_same_hosts(runs: list[Run]) -> None:
    predicted, done = runs[:2]
    assert outcome(done, "changed") != []
    assert outcome(predicted, "changed") == outcome(done, "changed")


def test_the_diff_shown_is_the_diff_made(runs: list[Run]) -> None:
    predicted, done = runs[:2]
    assert statements(done)
    assert statements(predicted) == statements(done)


def test_a_converged_topology_has_nothing_to_predict(runs: list[Run]) -> None:
    assert outcome(runs[3], "changed") == []
