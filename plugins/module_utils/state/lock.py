# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""One writer at a time on a host: two controllers, or a controller and the boot program.

And one daemon of each kind, by a lock that also tells others that it lives. The kernel lets go of a
lock when its process dies.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from . import files, paths
from .errors import PersistenceError

# Long enough for the boot program of a host that has just come back, short enough to be told
# about a second controller.
WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.1


class BusyError(PersistenceError):
    """Another process is changing this host."""


@contextmanager
def host_lock(wait: float = WAIT_SECONDS) -> Iterator[None]:
    """Keep others out until the with statement ends."""
    with _opened(paths.lock_file(), 0o600) as descriptor:
        _acquire(descriptor, time.monotonic() + wait)
        yield


@contextmanager
def alone(path: Path, name: str) -> Iterator[None]:
    """Be the only daemon of this name until the with statement ends. Raises PersistenceError."""
    with _opened(path, 0o644) as descriptor:
        if not _lock(descriptor, fcntl.LOCK_EX):
            raise PersistenceError(f"another {name} is at work: it has locked {path}")
        yield


def is_held(path: Path) -> bool:
    """Tell whether a daemon is at work that has locked this file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


@contextmanager
def _opened(path: Path, mode: int) -> Iterator[int]:
    try:
        files.make_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode)
    except OSError as error:
        raise PersistenceError(f"cannot lock {path}: {error.strerror}") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, deadline: float) -> None:
    while not _lock(descriptor, fcntl.LOCK_EX):
        if time.monotonic() >= deadline:
            raise BusyError(
                f"another run is changing this host ({paths.lock_file()} is locked): "
                "wait for it, then run again"
            )
        time.sleep(_POLL_SECONDS)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
