# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real run() of the action that waits for connections, over a director that is made up."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.action import ipvs_wait
from ansible_collections.lvs.topology.plugins.plugin_utils.waiting_action import Result
from ansible_collections.lvs.topology.tests.unit.plugins.action.test_draining import Director, run

GIVEN: Result = {"wait_for": ["active"], "timeout": 10, "poll_interval": 4}


def wait(
    monkeypatch: pytest.MonkeyPatch,
    director: Director,
    *,
    on_timeout: str = "fail",
    check_mode: bool = False,
) -> Result:
    kind, given = ipvs_wait.ActionModule, {**GIVEN, "on_timeout": on_timeout}
    return run(monkeypatch, director, kind, check_mode=check_mode, **given)


def test_it_looks_until_they_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([2, 1, 0])
    result = wait(monkeypatch, director)
    assert not result.get("failed")
    assert (result["waited"], result["timed_out"]) == (8, False)
    assert [one.get("phase", "begin") for one in director.asked] == ["begin", "look", "look", "end"]
    assert {one["name"] for one in director.asked[1:]} == {"token"}
    assert len(director.said) == 2


@pytest.mark.parametrize("on_timeout", ["fail", "continue"])
def test_the_time_is_over(monkeypatch: pytest.MonkeyPatch, on_timeout: str) -> None:
    director = Director([1])
    result = wait(monkeypatch, director, on_timeout=on_timeout)
    sentence = "after 10 s there still are 10.0.0.1:80 of tcp 192.0.2.1:80: 1 active"
    if on_timeout == "fail":
        assert (result["failed"], result["msg"]) == (True, sentence)
    else:
        assert (result.get("failed"), result["warnings"]) == (None, [sentence])
    assert director.asked[-1]["phase"] == "end"


def test_check_mode_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([1])
    assert "waited" not in wait(monkeypatch, director, check_mode=True)
    assert len(director.asked) == 1


def test_a_director_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    result = wait(monkeypatch, Director([None]))
    assert (result["failed"], result["msg"]) == (True, "unreachable")
