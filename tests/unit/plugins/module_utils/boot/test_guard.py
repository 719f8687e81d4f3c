# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard's loop: when it puts things back, how often it tries, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import guard, put_back, systemd
from ansible_collections.lvs.topology.plugins.module_utils.boot.registry import Applied
from ansible_collections.lvs.topology.plugins.module_utils.state import lock, paths


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)


class Ended(BaseException):
    """The test is over."""


class Heard:
    """What the guard hears, in place of its sockets: a loss, or nothing until time is over."""

    def __init__(self, *heard: str) -> None:
        self._heard = [*heard]
        self.log: list[object] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        """Nothing to do."""

    def wait(self, seconds: float | None = None) -> bool:
        assert lock.is_held(paths.guard_lock_file())
        self.log.append(("wait", seconds))
        if not self._heard:
            raise Ended
        return bool(self._heard.pop(0))

    def wait_for_quiet(self, quiet: float, limit: float) -> None:
        assert (quiet, limit) == (guard.QUIET_SECONDS, guard.LIMIT_SECONDS)
        self.log.append("quiet")


FIRST = ("wait", guard.START_SECONDS)


def watch(monkeypatch: pytest.MonkeyPatch, heard: Heard, *found: Applied) -> list[object]:
    """Let the guard run; gives all that it did and said in order."""
    results = [*found]

    def restore() -> Applied:
        heard.log.append("put back")
        return results.pop(0)

    monkeypatch.setattr(guard, "Listener", lambda: heard)
    monkeypatch.setattr(put_back, "put_back", restore)
    monkeypatch.setattr(systemd, "tell_ready", lambda: heard.log.append("ready"))
    monkeypatch.setattr(systemd, "tell", lambda sentence: heard.log.append(f"say {sentence}"))
    with pytest.raises(Ended):
        guard.main()
    assert results == []
    return heard.log


def test_it_listens_and_does_nothing_while_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watch(monkeypatch, Heard()) == ["ready", FIRST]


def test_it_puts_back_once_it_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = watch(monkeypatch, Heard("loss", "loss"), Applied(["add a", "add b"]), Applied())
    once = ["quiet", "put back"]
    assert log == [
        "ready",
        FIRST,
        *once,
        "say put back: add a; add b",
        ("wait", None),
        *once,
        ("wait", None),
    ]
    assert capsys.readouterr().err == "put back: add a; add b\n"


def test_it_looks_once_at_what_was_lost_before(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watch(monkeypatch, Heard(""), Applied()) == ["ready", FIRST, "put back", ("wait", None)]


def test_it_tries_again_what_fails_and_says_each_reason_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    down = Applied(failure="network is\ndown")
    log = watch(monkeypatch, Heard("loss", "", ""), down, down, Applied(["add a"]))
    retry = ("wait", guard.RETRY_SECONDS)
    assert log[1:] == [
        FIRST,
        "quiet",
        "put back",
        "say network is\ndown",
        retry,
        "put back",
        retry,
        "put back",
        "say put back: add a",
        "say all is as it was",
        ("wait", None),
    ]
    assert capsys.readouterr().err.startswith("network is down\n")
