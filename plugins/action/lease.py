# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the module of the same name which run this is, and which run of this controller is dead."""

from __future__ import annotations

import getpass
import os
import re
import socket
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

Result = dict[str, Any]

# As name_of() makes it. What a director keeps may be anything.
_RUN = re.compile(r"(?P<controller>\S+) (?P<process>[1-9][0-9]*) (?P<start>[0-9]+)", re.ASCII)
_START_FIELD = 19  # starttime of proc_pid_stat(5), counted from the state, which follows the name


class ActionModule(ActionBase):
    """The action plugin."""

    TRANSFERS_FILES = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Ask for the lease; again, if the run that has it is dead."""
        result: Result = super().run(tmp, task_vars)
        # A task is the work of a process that the run has forked.
        run = name_of(os.getppid())
        holder = f"{_user()}@{socket.gethostname()} (process {os.getppid()})"
        arguments = {**self._task.args, "run": run, "holder": holder}
        answer = self._ask(arguments, task_vars)
        other = str(answer.get("held_by", ""))
        if other and is_dead(other):
            answer = self._ask({**arguments, "dead": other}, task_vars)
        return result | answer

    def _ask(self, arguments: Result, task_vars: Result | None) -> Result:
        answer: Result = self._execute_module(
            module_name="lvs.topology.lease", module_args=arguments, task_vars=task_vars
        )
        return answer


def name_of(process: int) -> str:
    """What tells one run from all others: controller, process, and when that began."""
    return f"{_controller() or socket.gethostname()} {process} {_start(process)}"


def is_dead(run: str) -> bool:
    """Whether a run was one of this controller, and its process has ended.

    What cannot be seen is not dead: ``topology_lease_force`` is for people who know more.
    """
    found = _RUN.fullmatch(run)
    if not found or found["controller"] != _controller():
        return False
    process = int(found["process"])
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        pass  # another user's
    # Where /proc hides the processes of others, that is all.
    return _start(process) not in ("", found["start"])


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid={os.getuid()}"


def _controller() -> str:
    """Where process numbers and times mean the same: a boot, and in it no other container.

    No name of the host: containers may share one, and may have no machine-id. "" = not known.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        processes = Path("/proc/self/ns/pid").readlink()
    except OSError:
        return ""
    times = Path("/proc/self/ns/time")  # since Linux 5.6
    return f"{boot}/{processes}/{times.readlink() if times.is_symlink() else ''}"


def _start(process: int) -> str:
    """When a process began, in ticks; "" where that cannot be seen."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
        return text.rpartition(")")[2].split()[_START_FIELD]
    except (OSError, IndexError):
        return ""
