# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which run this is, and which one is dead."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible.playbook.task import Task

from ansible_collections.lvs.topology.plugins.action.lease import ActionModule, is_dead, name_of
from ansible_collections.lvs.topology.plugins.plugin_utils.waiting_action import Result


def test_a_run_is_dead_once_its_process_has_ended() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        run = name_of(process.pid)
        assert not is_dead(run)
        process.kill()
    assert is_dead(run)


def test_nothing_is_known_of_other_controllers() -> None:
    assert not is_dead("elsewhere.example 4711 81234")


def test_another_process_of_that_number_is_another_run() -> None:
    assert is_dead(name_of(os.getpid()) + "0")


def test_a_container_beside_this_one_is_another_controller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = name_of(os.getpid()) + "0"
    monkeypatch.setattr(Path, "readlink", lambda _path: Path("pid:[1]"))
    assert not is_dead(run)


def test_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", fail)
    asked: list[Result] = []

    def ask(_self: ActionModule, arguments: Result, _task_vars: Result | None) -> Result:
        asked.append(arguments)
        return {"changed": False}

    monkeypatch.setattr(ActionModule, "_ask", ask)
    action = object.__new__(ActionModule)
    action._task = Task()
    monkeypatch.setattr("ansible.plugins.action.ActionBase.run", lambda *_arguments: {})
    action.run()
    assert asked[0]["holder"].startswith(f"uid={os.getuid()}@")


@pytest.mark.parametrize(("held_by", "calls"), [("dead", 2), ("alive", 1)])
def test_the_dead_are_named(monkeypatch: pytest.MonkeyPatch, held_by: str, calls: int) -> None:
    run = name_of(os.getpid()) + ("0" if held_by == "dead" else "")
    asked: list[Result] = []

    def ask(_self: ActionModule, arguments: Result, _task_vars: Result | None) -> Result:
        asked.append(arguments)
        return {"failed": True, "held_by": run} if len(asked) == 1 else {"changed": False}

    monkeypatch.setattr(ActionModule, "_ask", ask)
    action = object.__new__(ActionModule)
    action._task = Task()
    action._task.args = {"seconds": 60}
    monkeypatch.setattr("ansible.plugins.action.ActionBase.run", lambda *_arguments: {})
    result = action.run()
    assert len(asked) == calls
    assert bool(result.get("failed")) == (held_by == "alive")
    assert asked[-1].get("dead", run) == run
