# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Files that are either the old or the new one, whatever happens on the way."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def read(path: Path) -> bytes | None:
    """A file's content; None when there is no file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file, or make it and its folders; on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside the file, so that rename stays in one file system, and hidden from a glob of *.json.
    temporary = path.with_name(f".{path.name}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(descriptor, mode)  # whatever the umask says
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)
    temporary.replace(path)
    _sync(path.parent)


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
        if error.errno not in (errno.ENOTEMPTY, errno.ENOENT):
            raise


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
