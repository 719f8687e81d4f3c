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


def has_services(root: Path, arguments: Sequence[str]) -> bool:
    """Whether a keepalived with this command line has virtual servers, or too much to tell.

    :param root: the folder of the host's files
    """
    if any(option in arguments for option in _WITHOUT_IPVS):
        return False
    names = [_config(arguments)]
    # The list grows while files include others.
    for number, name in enumerate(names):
        if number >= _MAX_FILES:
            return True
        text = _text(root / name.lstrip("/"))
        if len(text) >= _MAX_BYTES or _VIRTUAL_SERVER.search(text):
            return True
        for pattern in _INCLUDE.findall(text):
            names += [one for one in _included(root, name, pattern) if one not in names]
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


def _included(root: Path, name: str, pattern: str) -> Iterator[str]:
    """The files of a pattern, as glob(3) finds them, up to one more than are read."""
    # Relative to the including file; an absolute pattern replaces the folder.
    inside = str(Path(name).parent / pattern).lstrip("/")
    # Path.glob() refuses some patterns, and descends into all folders for **.
    found = glob.iglob(f"{glob.escape(str(root))}/{inside}")  # noqa: PTH207
    try:
        for path in islice(found, _MAX_FILES + 1):
            yield f"/{os.path.relpath(path, root)}"
    except (OSError, ValueError):  # a name too long, or with a zero byte
        return


def _text(path: Path) -> str:
    """A regular file's first bytes; "" for everything else."""
    try:
        # O_PATH opens nothing of a device or a pipe, which could have effects or wait for ever.
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (OSError, ValueError):
        return ""
    try:
        if not stat.S_ISREG(os.fstat(place).st_mode):
            return ""
        with Path(f"/proc/self/fd/{place}").open("rb") as stream:
            return stream.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(place)
