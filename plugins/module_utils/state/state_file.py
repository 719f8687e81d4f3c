# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A part's state file: what is desired of this host, what of it is ours, and original values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from . import files
from .errors import PersistenceError
from .record import Values

VERSION = 1


class Saved(NamedTuple):
    """A state file's content. Two empty halves are the same as no file."""

    desired: Values
    owned: Values


NOTHING = Saved({}, {})


def load(path: Path) -> Saved:
    """Read a state file."""
    content = files.read(path)
    if content is None:
        return NOTHING
    try:
        data = json.loads(content)
        version, saved = data["version"], Saved(data["desired"], data["owned"])
    except (ValueError, KeyError, TypeError) as error:
        # It holds the only record of what is ours: never start anew in silence.
        raise PersistenceError(
            f"{path} is damaged ({error}): put it right from a backup; or move it away, and what "
            "was set up before stays on this host as if it had been there before"
        ) from error
    if version != VERSION:
        raise PersistenceError(
            f"{path} has version {version}, this program knows version {VERSION}: "
            "use the release of lvs.topology that wrote it, or a newer one"
        )
    return saved


def save(path: Path, saved: Saved) -> None:
    """Write a state file, or remove it when there is nothing to keep."""
    if saved == NOTHING:
        files.remove_with_folder(path)
        return
    data = {"version": VERSION, **saved._asdict()}
    # Not sorted: what was written last is put back first.
    files.write(path, (json.dumps(data, indent=2) + "\n").encode())
