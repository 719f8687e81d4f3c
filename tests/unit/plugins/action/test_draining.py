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
        self.refusals = 0  # of what comes last

    def answer(self, arguments: Result) -> Result:
        # Nobody who waits asks the director how long.
        invocation = {"module_args": {**OPTIONS, "timeout": 10**9, "poll_interval": 0}}
        if arguments.get("state", "drained") != "drained":
            if self.refusals:
                self.refusals -= 1
                raise AnsibleConnectionFailure("Connection refused")
            operations = [f"{arguments['state']}"]
            rest = {"changed": True, "connections": [], "invocation": invocation}
            return {"operations": operations, **rest}
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
    given = {"real_servers": ["web1"], **OPTIONS, **arguments}
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
    back = {"real_servers": ["10.0.0.1"], "state": "undrained"}
    assert director.asked[-1] == {**OPTIONS, **back}
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


@pytest.mark.parametrize("on_timeout", ["restore", "remove"])
def test_what_comes_last_is_tried_again(monkeypatch: pytest.MonkeyPatch, on_timeout: str) -> None:
    director = Director([1])
    director.refusals = 4
    result = run(monkeypatch, director, on_timeout=on_timeout)
    assert result["operations"][1:] == [{"restore": "undrained", "remove": "removed"}[on_timeout]]


def test_weights_that_cannot_be_restored_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([1])
    director.refusals = 5
    result = run(monkeypatch, director)
    assert result["msg"].endswith("the weights could not be restored: Connection refused")


@pytest.mark.parametrize(
    "odd", [None, [1], [{**connection(1), "active": "x"}], [{"service": "tcp 192.0.2.1:80"}]]
)
def test_an_answer_of_another_shape_is_a_look_that_failed(
    monkeypatch: pytest.MonkeyPatch, odd: object
) -> None:
    director = Director([1])
    answers = director.answer

    def answer(arguments: Result) -> Result:
        is_later_look = len(director.asked) > 1 and arguments["state"] == "drained"
        return {**answers(arguments), **({"connections": odd} if is_later_look else {})}

    monkeypatch.setattr(director, "answer", answer)
    result = run(monkeypatch, director)
    assert "the last look failed: the answer has no connections that can be read" in result["msg"]
    assert result["operations"] == ["drained", "undrained"]


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
