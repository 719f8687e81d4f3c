# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab ends a process only if its command line shows that it is ours."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lvslab.process import OwnProcess


@contextmanager
def sleeping(*arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sh", "-c", "echo; read -r line", "name", *arguments],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()  # the program has replaced our own command line
        try:
            yield process
        finally:
            process.kill()


def test_our_own_is_found_and_ended(tmp_path: Path) -> None:
    own = OwnProcess(tmp_path / "pid")
    with sleeping("-pidfile", own.pid_file) as process:
        own.pid_file.write_text(f"{process.pid}\n")
        assert own.pid() == process.pid
        own.end()
        assert process.wait(5) < 0
    assert own.pid() is None
    assert not own.pid_file.exists()


def test_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    own = OwnProcess(tmp_path / "pid")
    with sleeping("-pidfile", tmp_path / "another") as process:
        own.pid_file.write_text(f"{process.pid}\n")
        assert own.pid() is None
        own.end()
        assert process.poll() is None
    assert not own.pid_file.exists()


def test_a_process_that_is_gone(tmp_path: Path) -> None:
    own = OwnProcess(tmp_path / "pid")
    with sleeping("-pidfile", own.pid_file) as process:
        own.pid_file.write_text(f"{process.pid}\n")
    assert own.pid() is None


def test_a_pid_file_that_is_not_there_or_broken(tmp_path: Path) -> None:
    own = OwnProcess(tmp_path / "pid")
    own.end()
    assert own.pid() is None
    own.pid_file.write_text("none")
    assert own.pid() is None
