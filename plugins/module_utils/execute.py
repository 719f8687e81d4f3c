# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the programs of a host."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Sequence

# Folders of programs that the PATH of a service or user may lack.
SYSTEM_PATHS = ("/usr/sbin", "/sbin", "/usr/bin", "/bin")

_SECONDS = 60  # much more than any needs that is not stuck, and less than the boot unit's limit
_STUCK = 124  # what timeout(1) returns


def find(program: str) -> str | None:
    """Where a program is, if there is one of this name."""
    return shutil.which(program, path=_path())


def run(command: Sequence[str], text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program with this input, and messages in English.

    A program that is missing raises FileNotFoundError; one that does not end has failed.
    """
    try:
        # ansible-test wants AnsibleModule.run_command. At boot there is no Ansible.
        return subprocess.run(  # pylint: disable=ansible-bad-function
            command,
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",  # the kernel takes names of interfaces that are no text
            check=False,
            env={"PATH": _path(), "LC_ALL": "C"},
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        reason = f"{command[0]} had not ended after {_SECONDS} s, and was killed"
        return subprocess.CompletedProcess(command, _STUCK, "", reason)


def _path() -> str:
    return os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_PATHS))
