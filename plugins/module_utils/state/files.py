# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Files that are either the old or the new one, whatever happens on the way."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Iterable, Iterator

from .errors import PersistenceError


def read(path: Path) -> bytes | None:
    """A file's content; None when there is no file. Raises PersistenceError."""
    with _told("read", path):
        try:
            # Does not wait for the other end of a pipe that is in its place.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise PersistenceError(f"cannot read {path}: it is no regular file. Move it away")
            with os.fdopen(descriptor, "rb", closefd=False) as stream:
                return stream.read()
        finally:
            os.close(descriptor)


def write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file, or make it and its folders; on disk when this returns.

    Raises PersistenceError where that is impossible (no room, a file system without writing).
    """
    try:
        make_folder(path.parent)
        _fill(_unfinished(path), content, mode)
        _unfinished(path).replace(path)
        _sync(path.parent)
    except OSError as error:
        with suppress(PersistenceError):  # the next run discards what is left now
            discard_unfinished(path)
        raise _refusal("write", path, error) from error


def publish(path: Path, lines: Iterable[str]) -> None:
    """Replace a file in a folder that others may write, which has to be there.

    No link of theirs is followed, and nothing waits for the disk. Raises PersistenceError.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with _told("write", path):
        with suppress(FileNotFoundError):
            _unfinished(path).unlink()
        descriptor = os.open(_unfinished(path), flags, 0o644)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as stream:
            os.fchmod(descriptor, 0o644)  # whatever the umask says
            stream.writelines(lines)
        _unfinished(path).replace(path)


def unpublish(path: Path) -> None:
    """Remove such a file. Raises PersistenceError."""
    for one in (_unfinished(path), path):
        with _told("remove", one), suppress(FileNotFoundError, NotADirectoryError):
            one.unlink()


def link(path: Path, target: Path) -> None:
    """Replace a link, or make it and its folder. Raises PersistenceError."""
    with _told("write", path):
        make_folder(path.parent)
        with suppress(FileNotFoundError):
            _unfinished(path).unlink()
        _unfinished(path).symlink_to(target)
        _unfinished(path).replace(path)


def make_folder(path: Path) -> None:
    """Make a folder that everybody can read and root alone can write, whatever the umask says.

    Raises OSError.
    """
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=0o755, exist_ok=True)
        path.chmod(0o755)


def protect_folder(path: Path) -> None:
    """Let root alone write a folder, if it is there: whoever can may replace what root reads.

    Raises PersistenceError.
    """
    with _told("protect", path), suppress(FileNotFoundError):
        if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            path.chmod(0o755)


def discard_unfinished(path: Path) -> None:
    """Remove what a write left that came to no end, and the folder that it made for it."""
    if os.path.lexists(_unfinished(path)):
        remove_with_folder(_unfinished(path))


def remove(path: Path) -> None:
    """Remove a file, if it is there. Raises PersistenceError."""
    with _told("remove", path):
        try:
            path.unlink()
        except FileNotFoundError:
            return
        _sync(path.parent)


def remove_with_folder(path: Path) -> None:
    """Remove a file, and its folder if that is empty then. Raises PersistenceError."""
    remove(path)
    try:
        path.parent.rmdir()
    except OSError as error:
        # Busy: a file system of its own is mounted there.
        if error.errno not in (errno.ENOTEMPTY, errno.ENOENT, errno.EBUSY):
            raise _refusal("remove", path.parent, error) from error


@contextmanager
def _told(what: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _refusal(what, path, error) from error


def _refusal(what: str, path: Path, error: OSError) -> PersistenceError:
    return PersistenceError(
        f"cannot {what} {path}: {error.strerror}; it is as it was. Put that right, and run again"
    )


def _unfinished(path: Path) -> Path:
    """Beside the file, so that rename stays in one file system; hidden from a glob of *.json."""
    return path.with_name(f".{path.name}.new")


def _fill(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK, mode)
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
