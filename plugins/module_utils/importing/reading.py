# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads files of the folder of the first one, and of folders that were named, and no others."""

from __future__ import annotations

import os
import stat
from fnmatch import fnmatchcase
from itertools import islice, takewhile
from pathlib import Path
from typing import Iterator, Sequence

from .source import MAX_FILE, MAX_FILES, MAX_LINE, MAX_TEXT, Line, Place, SourceError

_MAGIC = frozenset("*?[")


class Files:
    """The files that may be read. What includes name is looked up by ``matching``."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = [Path(folder).resolve() for folder in folders]
        self._count = 0
        self._bytes = 0

    def lines(self, path: str, place: Place | None = None) -> list[Line]:
        """Return the lines of a file; the place is where it is named."""
        where = place or Place(path)
        self._count += 1
        if self._count > MAX_FILES:
            raise SourceError(where, f"more than {MAX_FILES} files are included")
        text = self._text(path, where)
        self._bytes += len(text)
        if self._bytes > MAX_TEXT:
            raise SourceError(where, f"more than {MAX_TEXT} characters in all files")
        found = []
        for number, line in enumerate(text.split("\n"), 1):
            here = Place(self._shown(path), number)
            if len(line) > MAX_LINE:
                raise SourceError(here, f"a line of more than {MAX_LINE} characters")
            if "\0" in line:
                raise SourceError(here, "a null character: this is no text")
            found.append(Line(here, line.rstrip("\r")))
        return found

    def matching(self, pattern: str, beside: str) -> tuple[list[str], list[str]]:
        """Return files that match a pattern beside a file: those that may be read, and others."""
        parts = (Path(beside).parent / pattern).parts
        plain = [*takewhile(lambda part: not _MAGIC & {*part}, parts)]
        folder, rest = Path(*plain), parts[len(plain) :]
        if ".." in rest or not self._is_allowed(folder):
            # Nobody looks there: where one leads that is behind a wildcard is seen too late.
            return [], [str(Path(*parts))]
        if not os.path.lexists(folder):
            return [], []
        found = islice(self._found(folder, rest), MAX_FILES + 1)
        names = [(str(path), is_allowed) for path, is_allowed in found]
        return [one for one, yes in names if yes], [one for one, yes in names if not yes]

    def _found(self, folder: Path, rest: Sequence[str]) -> Iterator[tuple[Path, bool]]:
        """Yield what matches, as glob(3) has it, and whether it may be read.

        A link that leads elsewhere is yielded itself: nobody looks behind it.
        """
        waiting = [(folder, 0)]
        while waiting:
            path, depth = waiting.pop()
            if not self._is_allowed(path):
                yield path, False
            elif depth == len(rest):
                yield path, True
            else:
                names = _matching(path, rest[depth])
                waiting += [(path / name, depth + 1) for name in reversed(names)]

    def _shown(self, path: str) -> str:
        """Return a path as it is in messages: beside the first file."""
        there = Path(path).resolve()
        first = self._folders[0]
        return str(there.relative_to(first)) if first in there.parents else path

    def _is_allowed(self, path: Path) -> bool:
        try:
            real = path.resolve()
        except (OSError, RuntimeError, ValueError):  # links that lead to each other
            return False
        return any(folder in (real, *real.parents) for folder in self._folders)

    @staticmethod
    def _text(path: str, where: Place) -> str:
        # A pipe would keep the run waiting for who writes into it.
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            is_plain = stat.S_ISREG(os.fstat(descriptor).st_mode)
            with os.fdopen(descriptor, "rb") as file:
                data = file.read(MAX_FILE + 1) if is_plain else b""
        except IsADirectoryError:
            is_plain, data = False, b""
        except (OSError, ValueError) as error:
            raise SourceError(where, f"cannot read {path}: {error}") from error
        if not is_plain:
            raise SourceError(where, f"{path} is no plain file")
        if len(data) > MAX_FILE:
            raise SourceError(where, f"{path} has more than {MAX_FILE} bytes")
        return data.decode("utf-8", "replace")


def _matching(folder: Path, pattern: str) -> list[str]:
    """The names in a folder that match; a hidden one only if that is meant."""
    if not _MAGIC & {*pattern}:
        return [pattern] if os.path.lexists(folder / pattern) else []
    try:
        names = sorted(path.name for path in folder.iterdir())
    except (OSError, ValueError):
        return []
    is_for_hidden = pattern.startswith(".")
    found = (name for name in names if is_for_hidden or not name.startswith("."))
    return [name for name in found if fnmatchcase(name, pattern)]
