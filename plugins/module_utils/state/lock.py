# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""One writer at a time on a host: two controllers, or a controller and the boot program."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
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
    """Keep others out until the with statement ends; the kernel lets go when the process dies."""
    path = paths.lock_file()
    try:
        files.make_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PersistenceError(f"cannot lock {path}: {error.strerror}") from error
    try:
        _acquire(descriptor, time.monotonic() + wait)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
                continue
            raise BusyError(
                f"another run is changing this host ({paths.lock_file()} is locked): "
                "wait for it, then run again"
            ) from None
        return
