# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real run() of the action that drains, over a director that is made up."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible.errors import AnsibleConnectionFailure

from ansible_collections.lvs.topology.plugins.action import ipvs_drain
from ansible_collections.lvs.topology.plugins.plugin_utils.waiting_action import Result

from .running import Remote, connection

OPTIONS: Result = {
    "state": "drained",
    "wait": True,
    "wait_for": ["active"],
    "timeout": 10,
    "poll_interval": 4,
    "on_timeout": "restore",
}


class Director(Remote):
    """Has so many connections when asked for the first, the second, ... time; then the last."""

    def __init__(self, counts: Sequence[int | str | None]) -> None:
        super().__init__()
        self.counts = list(counts)

    def answer(self, arguments: Result) -> Result:
        invocation = {"module_args": {**OPTIONS, **arguments}}
        if arguments.get("state", "drained") != "drained":
            operations = [f"{arguments['state']}"]
            return {"operations": operations, "changed": True, "invocation": invocation}
        count = self.counts.pop(0) if len(self.counts) > 1 else self.counts[0]
        if isinstance(count, str):
            raise AnsibleConnectionFailure(count)
        if count is None:
            return {"failed": True, "msg": "unreachable"}
        return {
            "changed": len(self.asked) == 1,
            "operations": ["drained"] if len(self.asked) == 1 else [],
            "connections": [connection(count)],
            "drained": ["10.0.0.1"],
            "invocation": invocation,
        }


def run(
    monkeypatch: pytest.MonkeyPatch,
    director: Director,
    *,
    check_mode: bool = False,
    **arguments: object,
) -> Result:
    given = {"real_servers": ["web1"], **arguments}
    return director.run(monkeypatch, ipvs_drain.ActionModule, given, check_mode=check_mode)


def test_it_waits_and_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([2, 2, 1, 0])
    result = run(monkeypatch, director, timeout=60)
    assert result["changed"]
    assert not result.get("failed")
    assert (result["waited"], result["timed_out"]) == (12, False)
    assert result["operations"] == ["drained"]
    assert director.said == [
        "waiting on director, up to 60 s: 10.0.0.1:80 of tcp 192.0.2.1:80: 2 active",
        "waiting on director, up to 52 s: 10.0.0.1:80 of tcp 192.0.2.1:80: 1 active",
    ]


def test_nothing_to_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([0])
    assert run(monkeypatch, director)["waited"] == 0
    assert len(director.asked) == 1


@pytest.mark.parametrize("failure", [None, "Connection refused"])
def test_one_look_that_fails_is_no_end(
    monkeypatch: pytest.MonkeyPatch, failure: str | None
) -> None:
    result = run(monkeypatch, Director([1, failure, 0]))
    assert (result.get("failed"), result["waited"]) == (None, 8)


def test_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([1])
    result = run(monkeypatch, director)
    assert result["failed"]
    assert result["waited"] == 10
    assert result["msg"] == (
        "after 10 s there still are 10.0.0.1:80 of tcp 192.0.2.1:80: 1 active; "
        "the weights are as they were"
    )
    assert director.asked[-1] == {"real_servers": ["10.0.0.1"], "state": "undrained"}
    assert result["operations"] == ["drained", "undrained"]


@pytest.mark.parametrize("failure", [None, "unreachable"])
def test_the_time_is_over_and_the_last_look_failed(
    monkeypatch: pytest.MonkeyPatch, failure: str | None
) -> None:
    result = run(monkeypatch, Director([1, failure]), on_timeout="keep")
    assert result["msg"] == (
        "after 10 s there still are 10.0.0.1:80 of tcp 192.0.2.1:80: 1 active "
        "(and the last look failed: unreachable); the weight stays 0"
    )


def test_the_time_is_over_and_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([1])
    result = run(monkeypatch, director, on_timeout="keep")
    assert result["failed"]
    assert result["msg"].endswith("the weight stays 0")
    assert all(one.get("state", "drained") == "drained" for one in director.asked)


def test_the_time_is_over_and_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([1])
    result = run(monkeypatch, director, on_timeout="remove")
    assert not result.get("failed")
    assert result["timed_out"]
    assert result["operations"] == ["drained", "removed"]
    assert "1 active" in result["warnings"][0]


@pytest.mark.parametrize("arguments", [{"wait": False}, {"state": "undrained"}])
def test_no_waiting(monkeypatch: pytest.MonkeyPatch, arguments: Result) -> None:
    director = Director([1])
    assert "waited" not in run(monkeypatch, director, **arguments)
    assert len(director.asked) == 1


def test_check_mode_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([1])
    assert "waited" not in run(monkeypatch, director, check_mode=True)
    assert len(director.asked) == 1


def test_a_failure_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, Director([None]))
    assert (result["failed"], result["msg"]) == (True, "unreachable")
