# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that outlives its command. It is found again, and ended only if it is ours."""

from __future__ import annotations

import os
import select
import signal
from dataclasses import dataclass
from pathlib import Path

_GRACE = 10.0


def arguments(pid: int) -> list[str]:
    """Return the command line of a process, empty if there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


@dataclass(frozen=True)
class OwnProcess:
    """A process known by a pid file, which the program writes and has on its command line.

    Its process id may belong to another process by now, but that one has no such argument.
    """

    pid_file: Path

    def pid(self) -> int | None:
        """Return its process id, if it runs."""
        try:
            pid = int(self.pid_file.read_text())
        except (OSError, ValueError):
            return None
        return pid if str(self.pid_file) in arguments(pid) else None

    def end(self) -> None:
        """End it, if it runs."""
        pid = self.pid()
        if pid is not None:
            try:
                handle = os.pidfd_open(pid)
            except ProcessLookupError:
                return
            try:
                # The handle stays with one process: check again that it is ours, then signal.
                if self.pid() == pid:
                    _signal_and_wait(handle)
            finally:
                os.close(handle)
        self.pid_file.unlink(missing_ok=True)


def _signal_and_wait(handle: int) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        signal.pidfd_send_signal(handle, number)
        ended, _, _ = select.select([handle], [], [], _GRACE)
        if ended:
            return
