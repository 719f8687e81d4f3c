# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The boot program: makes this host what its state files say, without Ansible."""

from __future__ import annotations

import sys

from ..state import files, paths
from ..state.errors import PersistenceError
from ..state.lock import host_lock
from . import systemd
from .registry import AT_BOOT, attempt


def main() -> int:
    """Apply every part; where one fails, systemd shows why, and starts us again.

    Then only what has failed is applied again: somebody may have changed the rest meanwhile, such
    as drained a real server.
    """
    try:
        with host_lock():
            failures = _apply_all()
    except PersistenceError as error:
        failures = [str(error)]
    for failure in failures:
        sys.stderr.write(f"{failure}\n")
    systemd.tell("; ".join(failures))
    return 1 if failures else 0


def _apply_all() -> list[str]:
    """Apply what no earlier attempt has applied; gives the reasons of what failed."""
    done = _done()
    failures = {
        part: attempt(part, apply).failure for part, apply in AT_BOOT.items() if part not in done
    }
    reasons = [reason for reason in failures.values() if reason]
    applied = paths.applied_parts()
    try:
        if applied and reasons:
            done = [part for part in AT_BOOT if not failures.get(part)]
            files.write(applied, " ".join(done).encode())
        elif applied:
            files.remove(applied)
    except PersistenceError as error:
        reasons.append(str(error))
    return reasons


def _done() -> list[str]:
    """The parts that an earlier attempt has applied; none where that cannot be read."""
    applied = paths.applied_parts()
    try:
        content = files.read(applied) if applied else None
    except PersistenceError:
        return []
    return (content or b"").decode("ascii", "replace").split()
