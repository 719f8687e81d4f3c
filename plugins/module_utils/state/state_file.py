# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A part's state file: what is desired of this host, what of it is ours, and original values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from ..json_types import is_a
from . import files
from .errors import PersistenceError
from .record import Values

VERSION = 4


class Saved(NamedTuple):
    """A state file's content. Two empty halves are the same as no file."""

    desired: Values
    owned: Values


NOTHING = Saved({}, {})
_FORMAT = ("version", *Saved._fields)


def load(path: Path) -> Saved:
    """Read a state file; raises PersistenceError where it is none of this version."""
    content = files.read(path)
    if content is None:
        return NOTHING
    try:
        data = json.loads(content, object_pairs_hook=_object, parse_constant=_refuse)
        version = data["version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(path, error) from error
    if not is_a(version, int) or version != VERSION:
        raise PersistenceError(
            f"{path} has version {version}, this program knows version {VERSION}: "
            "use the release of lvs.topology that wrote it, or a newer one"
        )
    halves = [name for name, half in data.items() if isinstance(half, dict)]
    if {*halves} != {*Saved._fields} or len(data) != len(_FORMAT):
        raise _damaged(path, f"got {', '.join(data)}; expected {', '.join(_FORMAT)}")
    return Saved(data["desired"], data["owned"])


def save(path: Path, saved: Saved) -> None:
    """Write a state file, or remove it when there is nothing to keep."""
    if saved == NOTHING:
        files.remove_with_folder(path)
        return
    data = {"version": VERSION, **saved._asdict()}
    # Not sorted: what was written last is restored first.
    files.write(path, (json.dumps(data, indent=2) + "\n").encode())


def _object(pairs: list[tuple[str, Any]]) -> Values:
    """An object of JSON, with each name only once."""
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError(f"a name is there twice: {', '.join(name for name, _value in pairs)}")
    return named


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _damaged(path: Path, reason: object) -> PersistenceError:
    # It holds the only record of what is ours: never start again without an error.
    return PersistenceError(
        f"{path} is damaged ({reason}): put it right from a backup; or move it away, and what "
        "was set up before stays on this host as if it had been found there"
    )
