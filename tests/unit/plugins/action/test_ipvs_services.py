# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real run() of the action that waits for what is to go, over a director that is made up."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.action import ipvs_services
from ansible_collections.lvs.topology.plugins.plugin_utils.waiting_action import Result
from ansible_collections.lvs.topology.tests.unit.plugins.action.test_draining import Director, run

DRAIN = {"wait_for": ["active"], "timeout": 10, "poll_interval": 4, "on_timeout": "continue"}


def serve(
    monkeypatch: pytest.MonkeyPatch,
    director: Director,
    drain: Result | None,
    *,
    check_mode: bool = False,
) -> Result:
    kind = ipvs_services.ActionModule
    return run(monkeypatch, director, kind, check_mode=check_mode, drain_removed=drain)


def test_it_looks_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([2, 1, 0])
    result = serve(monkeypatch, director, DRAIN)
    assert (result["changed"], result["waited"], result["timed_out"]) == (True, 8, False)
    assert result["operations"] == ["drained"]
    assert len(director.said) == 2
    assert all(one["drain_removed"] == DRAIN for one in director.asked)


def test_what_is_left_is_cut_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([1])
    result = serve(monkeypatch, director, DRAIN)
    assert not result.get("failed")
    assert result["timed_out"]
    assert result["warnings"] == [
        "after 10 s there still are 10.0.0.1:80 of tcp 192.0.2.1:80: 1 active; removed all the same"
    ]
    assert director.asked[-1]["drain_removed"] is None


def test_nothing_is_cut_where_that_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([1])
    result = serve(monkeypatch, director, {**DRAIN, "on_timeout": "fail"})
    assert result["failed"]
    assert result["msg"].startswith("after 10 s there still are 10.0.0.1:80 of tcp 192.0.2.1:80")
    assert all(one["drain_removed"] for one in director.asked)


def test_a_director_that_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    result = serve(monkeypatch, Director([1, None]), DRAIN)
    assert (result["failed"], result["msg"]) == (True, "unreachable")


@pytest.mark.parametrize(("drain", "check_mode"), [(None, False), (DRAIN, True)])
def test_no_waiting(
    monkeypatch: pytest.MonkeyPatch, drain: Result | None, *, check_mode: bool
) -> None:
    director = Director([1])
    assert "waited" not in serve(monkeypatch, director, drain, check_mode=check_mode)
    assert len(director.asked) == 1
