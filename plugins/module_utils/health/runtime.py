# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the health daemon leaves for others, and for itself: files that end with the system."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator, Mapping, TypeVar

from ..state import files, paths
from ..state.errors import PersistenceError
from . import decisions as decided, verdicts as said
from .decisions import Decision, Decisions, Target
from .verdict import Verdict
from .verdicts import Verdicts

Content = TypeVar("Content")


def decisions() -> Decisions | None:
    """Return what is decided; None if the file is damaged."""
    nothing: Decisions = {}
    return _read(paths.decisions_file(), decided.load, nothing)


def verdicts() -> Verdicts | None:
    """Return what probes have said; None if the file is damaged."""
    nothing: Verdicts = {}
    return _read(paths.verdicts_file(), said.load, nothing)


def save_decisions(found: Mapping[Target, Decision]) -> None:
    """Write what is decided. Raises PersistenceError."""
    files.write(paths.decisions_file(), decided.dump(found))


def save_verdicts(found: Mapping[Target, Verdict]) -> None:
    """Write what probes have said. Raises PersistenceError."""
    files.write(paths.verdicts_file(), said.dump(found))


def forget() -> None:
    """Remove all of it."""
    for path in (paths.decisions_file(), paths.verdicts_file(), paths.health_lock_file()):
        files.discard_unfinished(path)
        files.remove_with_folder(path)


@contextmanager
def alone() -> Iterator[None]:
    """Be the only daemon; the kernel lets go when the process dies. Raises PersistenceError."""
    path = paths.health_lock_file()
    try:
        files.make_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise PersistenceError(f"cannot lock {path}: {error.strerror}") from error
    try:
        if not _lock(descriptor, fcntl.LOCK_EX):
            raise PersistenceError(f"another health daemon is at work: it has locked {path}")
        yield
    finally:
        os.close(descriptor)


def is_running() -> bool:
    """Tell whether the daemon is at work."""
    try:
        descriptor = os.open(paths.health_lock_file(), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path, load: Callable[[bytes], Content], nothing: Content) -> Content | None:
    try:
        content = files.read(path)
        return nothing if content is None else load(content)
    except (PersistenceError, ValueError):
        return None
