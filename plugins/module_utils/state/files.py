# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Files that are either the old or the new one, whatever happens on the way."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from .errors import PersistenceError


def read(path: Path) -> bytes | None:
    """A file's content; None when there is no file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file, or make it and its folders; on disk when this returns.

    Raises PersistenceError where that is impossible (no room, a file system without writing).
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _fill(_unfinished(path), content, mode)
        _unfinished(path).replace(path)
        _sync(path.parent)
    except OSError as error:
        with suppress(OSError):  # the next run discards what is left now
            discard_unfinished(path)
        raise PersistenceError(
            f"cannot write {path}: {error.strerror}; it is as it was. Put that right, and run again"
        ) from error


def discard_unfinished(path: Path) -> None:
    """Remove what a write left that came to no end, and the folder that it made for it."""
    if os.path.lexists(_unfinished(path)):
        remove_with_folder(_unfinished(path))


def remove(path: Path) -> None:
    """Remove a file, if it is there."""
    try:
        path.unlink()
    except FileNotFoundError:
        return
    _sync(path.parent)


def remove_with_folder(path: Path) -> None:
    """Remove a file, and its folder when nobody else lives there."""
    remove(path)
    try:
        path.parent.rmdir()
    except OSError as error:
        # Busy: a file system of its own is mounted there.
        if error.errno not in (errno.ENOTEMPTY, errno.ENOENT, errno.EBUSY):
            raise


def _unfinished(path: Path) -> Path:
    """Beside the file, so that rename stays in one file system; hidden from a glob of *.json."""
    return path.with_name(f".{path.name}.new")


def _fill(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(descriptor, mode)  # whatever the umask says
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
