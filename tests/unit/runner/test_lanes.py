# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps beside each other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import run
from steps import LANES, STEPS, Step


def test_every_step_has_one_lane_with_all_that_it_needs() -> None:
    lane_of = {group: index for index, groups in enumerate(LANES) for group in groups}
    assert len(lane_of) == sum(map(len, LANES))
    groups = {step.name: step.group for step in STEPS}
    for step in STEPS:
        assert {lane_of[step.group]} >= {lane_of[groups[name]] for name in step.needs}


def test_only_the_first_lane_has_its_full_priority(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(run, "LOGS", tmp_path)
    # Priority is lowered once a command runs, and goes on to what that starts.
    command = ("sh", "-c", "sleep 0.5; nice")
    steps = [Step(groups[0], groups[0], command, proof=r"\d") for groups in LANES]
    screen = run.Screen()
    runner = run.Runner(screen)
    runner.run_lanes(steps)
    screen.close()
    assert [runner.results[step.name].problem for step in steps] == [""] * len(steps)
    first, *others = (int((tmp_path / f"{one.name}.log").read_text().split()[-1]) for one in steps)
    assert first == os.getpriority(os.PRIO_PROCESS, 0)  # of this test, which may be in a later lane
    assert others == [run.LOWEST_PRIORITY] * len(others)
