# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the health daemon leaves for others, and for itself: files that end with the system."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, ContextManager, Mapping, TypeVar

from ..state import files, lock, paths
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


def alone() -> ContextManager[None]:
    """Be the only daemon. Raises PersistenceError."""
    return lock.alone(paths.health_lock_file(), "health daemon")


def is_running() -> bool:
    """Tell whether the daemon is at work."""
    return lock.is_held(paths.health_lock_file())


def _read(path: Path, load: Callable[[bytes], Content], nothing: Content) -> Content | None:
    try:
        content = files.read(path)
        return nothing if content is None else load(content)
    except (PersistenceError, ValueError):
        return None
