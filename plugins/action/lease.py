# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the module of the same name which run this is, and which run of this controller is dead."""

from __future__ import annotations

import getpass
import os
import socket
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

Result = dict[str, Any]

_START_FIELD = 19  # starttime of proc_pid_stat(5), counted from the state, which follows the name


class ActionModule(ActionBase):
    """The action plugin."""

    TRANSFERS_FILES = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Ask for the lease; again, where whoever has it is dead."""
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
    return f"{_controller()} {process} {_start(process)}"


def is_dead(run: str) -> bool:
    """Whether a run was one of this controller, and its process has ended."""
    host, process, _start_time = run.split(" ")
    return host == _controller() and name_of(int(process)) != run


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid={os.getuid()}"


def _controller() -> str:
    """Where process numbers mean the same: not in two containers, whatever their host is called."""
    try:
        machine = Path("/etc/machine-id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()}/{machine}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _start(process: int) -> str:
    """When a process began, in ticks; "" where there is none. Without /proc all are alike."""
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[_START_FIELD]
