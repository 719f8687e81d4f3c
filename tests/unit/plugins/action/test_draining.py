# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real run() of the actions that drain, over a director that is made up."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from ansible.utils.display import Display

from ansible_collections.lvs.topology.plugins.action import ipvs_destination, ipvs_drain
from ansible_collections.lvs.topology.plugins.plugin_utils.waiting_action import (
    Result,
    WaitingAction,
)

from .running import prepared

OPTIONS: Result = {
    "state": "drained",
    "wait": True,
    "wait_for": ["active"],
    "timeout": 10,
    "poll_interval": 4,
    "on_timeout": "restore",
}
BEFORE = {"address": "10.0.0.1", "port": 80, "forwarding": "droute", "weight": 3}


class Director:
    """Has so many connections when asked for the first, the second, ... time; then the last."""

    def __init__(self, counts: Sequence[int | None]) -> None:
        self.counts = list(counts)
        self.asked: list[Result] = []
        self.now = 0.0
        self.said: list[str] = []

    def execute(self, module_name: str, module_args: Result, task_vars: Result) -> Result:
        assert module_name.startswith("lvs.topology.ipvs_")
        assert task_vars["inventory_hostname"] == "director"
        arguments = module_args
        self.asked.append(arguments)
        invocation = {"module_args": {**OPTIONS, **arguments}}
        if arguments.get("state", "drained") != "drained":
            operations = [f"{arguments['state']}"]
            return {"operations": operations, "changed": True, "invocation": invocation}
        count = self.counts.pop(0) if len(self.counts) > 1 else self.counts[0]
        if count is None:
            return {"failed": True, "msg": "unreachable"}
        connection = {
            "service": "tcp 192.0.2.1:80",
            "protocol": "tcp",
            "destination": "10.0.0.1:80",
            "active": count,
            "inactive": 0,
            "persistent": 0,
        }
        return {
            "changed": len(self.asked) == 1,
            "operations": ["drained"] if len(self.asked) == 1 else [],
            "connections": [connection],
            "destination_before": BEFORE,
            "drained": ["10.0.0.1"],
            "name": "token",
            "invocation": invocation,
        }

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def run(
    monkeypatch: pytest.MonkeyPatch,
    director: Director,
    kind: type[WaitingAction] = ipvs_drain.ActionModule,
    *,
    check_mode: bool = False,
    **arguments: object,
) -> Result:
    monkeypatch.setattr(time, "monotonic", lambda: director.now)
    monkeypatch.setattr(time, "sleep", director.sleep)
    monkeypatch.setattr(Display, "display", lambda _self, text: director.said.append(text))
    action = prepared(kind, {"real_servers": ["web1"], **arguments}, check_mode=check_mode)
    monkeypatch.setattr(action, "_execute_module", director.execute)
    result: Result = action.run(task_vars={"inventory_hostname": "director"})
    return result


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


def test_one_look_that_fails_is_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, Director([1, None, 0]))
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
    assert director.asked[-1] == {"real_servers": ["10.0.0.1"], "state": "serving"}
    assert result["operations"] == ["drained", "serving"]


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


def test_a_destination_is_put_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([1])
    kind = ipvs_destination.ActionModule
    destination = {"address": "10.0.0.1"}
    assert run(monkeypatch, director, kind, destination=destination)["failed"]
    assert director.asked[-1]["state"] == "present"
    assert director.asked[-1]["destination"] == BEFORE


def test_a_destination_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    director = Director([1])
    run(monkeypatch, director, ipvs_destination.ActionModule, on_timeout="remove")
    assert director.asked[-1]["state"] == "absent"


@pytest.mark.parametrize("arguments", [{"wait": False}, {"state": "serving"}])
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
