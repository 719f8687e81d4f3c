# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether keepalived is configured to write the IPVS table.

Its files may be in folders of other users, and whatever they put there is opened as root: only
regular files are, and few, and no device is touched.
"""

from __future__ import annotations

import glob
import os
import re
import stat
from itertools import islice
from pathlib import Path
from typing import Iterator, Sequence

_CONFIG = "/etc/keepalived/keepalived.conf"
_WITHOUT_IPVS = ("-P", "--vrrp")  # keepalived(8): run only with the VRRP subsystem
# \s would also match line ends: among empty lines, that takes the square of their number.
_VIRTUAL_SERVER = re.compile(r"^[ \t]*virtual_server\s", re.MULTILINE)
_INCLUDE = re.compile(r"^[ \t]*include[rmwba]*[ \t]+\"?([^\s\"]+)", re.MULTILINE)

_MAX_BYTES = 2**20
_MAX_FILES = 100
_MAX_FOLDERS = 1000  # that patterns look into


class _TooMuchError(Exception):
    """There is no telling what the files have."""


def has_services(root: Path, arguments: Sequence[str]) -> bool:
    """Whether a keepalived with this command line has virtual servers, or too much to tell.

    :param root: the folder that it has for its /
    """
    if any(option in arguments for option in _WITHOUT_IPVS):
        return False
    names, patterns = [_config(arguments)], _Patterns(root)
    try:
        # The list grows while files include others.
        for number, name in enumerate(names):
            text = _text(root / name.lstrip("/"))
            if number >= _MAX_FILES or len(text) >= _MAX_BYTES or _VIRTUAL_SERVER.search(text):
                return True
            for pattern in _INCLUDE.findall(text):
                names += [one for one in patterns.files(name, pattern) if one not in names]
    except _TooMuchError:
        return True
    return False


def _config(arguments: Sequence[str]) -> str:
    """The file of -f FILE, -fFILE, --use-file FILE or --use-file=FILE."""
    for option, following in zip(arguments, (*arguments[1:], "")):
        if option in ("-f", "--use-file"):
            return following
        if option.startswith("--use-file="):
            return option.partition("=")[2]
        if option.startswith("-f"):
            return option[2:]
    return _CONFIG


class _Patterns:
    """Finds the files of patterns, and looks into no more folders for all of them than allowed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._looks = 0

    def files(self, name: str, pattern: str) -> Iterator[str]:
        """The files of a pattern, as glob(3) finds them, up to one more than are read.

        :param name: the file that includes them
        """
        # Relative to the including file; an absolute pattern replaces the folder.
        parts = (Path("/", name).parent / pattern).parts[1:]
        try:
            for path in islice(self._below(str(self._root), parts), _MAX_FILES + 1):
                yield f"/{os.path.relpath(path, self._root)}"
        # A name too long, or with a zero byte; re.error: [z-a], up to Python 3.9.
        except (OSError, ValueError, re.error):
            return

    def _below(self, folder: str, parts: Sequence[str]) -> Iterator[str]:
        if not parts:
            yield folder
            return
        self._looks += 1
        if self._looks > _MAX_FOLDERS:
            raise _TooMuchError
        # Path.glob() refuses some patterns, and descends into all folders for **.
        for found in glob.iglob(f"{glob.escape(folder)}/{parts[0]}"):  # noqa: PTH207
            yield from self._below(found, parts[1:])


def _text(path: Path) -> str:
    """A regular file's first bytes; "" for everything else."""
    try:
        # O_PATH opens nothing of a device or a pipe, which could have effects or wait for ever.
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (OSError, ValueError):
        return ""
    try:
        found = os.fstat(place)
        # Files that the kernel makes up are regular ones of no size, and some wait: /proc/kmsg.
        if not stat.S_ISREG(found.st_mode) or not found.st_size:
            return ""
        # An open waits for a process that has a lease on the file, fcntl(2).
        file = os.open(f"/proc/self/fd/{place}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(file, "rb") as stream:
            return stream.read(_MAX_BYTES).decode("utf-8", "replace")
    except BlockingIOError as error:
        raise _TooMuchError from error
    except OSError:
        return ""
    finally:
        os.close(place)
