# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as tried of the two cores."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from checks import cores
from run import Result, Screen, log_of, noted
from steps import STEPS

(STEP,) = [one for one in STEPS if one.name == "cores"]
TRIED = re.compile(STEP.proof)


@pytest.mark.parametrize(("core", "passes"), [(cores.OLDEST, False), (cores.NEWEST, True)])
def test_without_a_python_only_the_newest_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    core: cores.Core,
    *,
    passes: bool,
) -> None:
    monkeypatch.setattr(cores, "find", lambda _python: "")
    assert cores.attempt(core) is passes
    said = capsys.readouterr().out
    assert not TRIED.search(said)
    assert bool(re.search(STEP.forbidden, said)) is not passes
    assert bool(re.search(STEP.partial, said)) is passes


def test_the_newest_alone_is_no_proof() -> None:
    assert TRIED.search("cores: oldest, 2.18 in 2.18-python3.11: good")
    assert not TRIED.search("cores: newest, 2.21 in 2.21-python3.14: good")


def test_what_was_not_tried_is_in_the_result(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("run.LOGS", tmp_path)
    log_of(STEP).write_text("cores: newest, 2.21 is not tried: it needs python3.12\n")
    screen = Screen()
    screen.ended(Result(STEP, "", 1.0, noted(STEP)))
    screen.close()
    assert "newest, 2.21 is not tried: it needs python3.12" in capsys.readouterr().out


def test_a_python_without_ensurepip_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without, whole = tmp_path / "without", tmp_path / "versions/3.13/bin/python3.13"
    for program, status in ((without, 1), (whole, 0)):
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f'#!/bin/sh\ncase "$2" in *ensurepip*) exit {status};; esac\n')
        program.chmod(0o755)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _name: str(without))
    assert cores.find("python3.13") == str(whole)


def test_a_failure_of_pip_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def run(command: list[str], **_given: object) -> subprocess.CompletedProcess[str]:
        failed = "pip" in command
        return subprocess.CompletedProcess(command, failed, "3.13", "ERROR: no network\n")

    monkeypatch.setattr(cores, "CACHE", tmp_path)
    monkeypatch.setattr(cores, "find", lambda _python: "python3.13")
    monkeypatch.setattr(subprocess, "run", run)
    assert cores.attempt(cores.OLDEST) is False
    assert "cannot make or get ansible-core==2.18.*" in (said := capsys.readouterr().out)
    assert said.endswith("ERROR: no network\n")


def test_an_environment_is_made_again_where_it_differs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made: list[str] = []

    def make(what: str, *_command: str) -> None:
        made.append(what)
        (tmp_path / "2.18-python3.13").mkdir(exist_ok=True)

    monkeypatch.setattr(cores, "CACHE", tmp_path)
    monkeypatch.setattr(cores, "find", lambda _python: "python3.13")
    monkeypatch.setattr(cores, "_make", make)
    monkeypatch.setattr(cores, "works", lambda *_given: True)
    for version, times in (("1", 1), ("1", 1), ("2", 2)):
        monkeypatch.setattr(cores, "_hash", lambda _python, _wanted, now=version: now)
        cores.environment(cores.OLDEST)
        assert len(made) == 2 * times
    monkeypatch.setattr(cores, "works", lambda *_given: False)  # its base is gone
    cores.environment(cores.OLDEST)
    assert len(made) == 6


def test_settings_of_the_user_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "minimal")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--co")
    assert not {"ANSIBLE_STDOUT_CALLBACK", "PYTEST_ADDOPTS"} & cores.settings().keys()
