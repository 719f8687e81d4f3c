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


ENDED = 2**22 + 1  # above every kernel's pid_max (PID_MAX_LIMIT in include/linux/threads.h)


def named(process: int, start: str) -> str:
    """A run of this controller."""
    return f"{name_of(os.getpid()).split()[0]} {process} {start}"


def hide(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """There are no files below /proc with this in their names."""
    read, follow = Path.read_text, Path.readlink

    def check(path: Path) -> Path:
        if name in str(path):
            raise FileNotFoundError(str(path))
        return path

    monkeypatch.setattr(Path, "read_text", lambda path, **options: read(check(path), **options))
    monkeypatch.setattr(Path, "readlink", lambda path: follow(check(path)))


@pytest.mark.parametrize(
    "run",
    [
        "elsewhere.example 4711 81234",
        "x",
        f"{named(ENDED, '1')} 2",
        named(ENDED, ""),
        named(ENDED, "x"),
        named(0, "1"),
        named(-1, "1"),
        f"{named(ENDED, '1')}\n",
        named(ENDED, "1").replace("1", "\u0661"),
    ],
)
def test_nothing_is_known_of_others(run: str) -> None:
    assert is_dead(named(ENDED, "1"))
    assert not is_dead(run)


def test_a_number_that_no_process_has() -> None:
    assert is_dead(named(10**30, "1"))


def test_another_process_of_that_number_is_another_run() -> None:
    assert is_dead(name_of(os.getpid()) + "0")


@pytest.mark.parametrize("namespace", ["pid", "time"])
def test_a_container_beside_this_one_is_another_controller(
    monkeypatch: pytest.MonkeyPatch, namespace: str
) -> None:
    run = named(ENDED, "1")
    follow = Path.readlink
    monkeypatch.setattr(
        Path,
        "readlink",
        lambda path: Path("other:[1]") if path.name == namespace else follow(path),
    )
    assert not is_dead(run)


@pytest.mark.parametrize("hidden", ["boot_id", "/ns/pid"])
def test_a_controller_that_does_not_know_itself_calls_nobody_dead(
    monkeypatch: pytest.MonkeyPatch, hidden: str
) -> None:
    hide(monkeypatch, hidden)
    assert not is_dead(named(ENDED, "1"))


def test_processes_that_are_hidden_are_not_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mount option hidepid of proc: another user's processes are not there."""
    run = name_of(os.getppid())
    hide(monkeypatch, f"/proc/{os.getppid()}/")

    def refuse(_process: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
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
