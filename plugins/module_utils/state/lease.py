# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""One run at a time: one that changes a whole topology keeps others out from start to end.

The lock of ``lock.py`` lasts for one module. A run has many, on many hosts; it leaves word of
itself on a director, for a bounded time: its holder may have died.
"""

from __future__ import annotations

import json
import math
import time
from datetime import datetime, timezone
from typing import NamedTuple

from ..json_types import is_a
from . import files, paths
from .errors import PersistenceError
from .lock import host_lock

ANYBODY = "*"  # whichever run has the lease


class Lease(NamedTuple):
    """Who changes the topology."""

    generation: int = 0  # grows with each run, and restarts at boot
    run: str = ""  # "" = no run
    holder: str = ""  # for people
    since: str = ""
    until: float = 0.0  # on the clock of this host, see _now


_TYPES = {name: type(value) for name, value in Lease()._asdict().items()}


class HeldError(PersistenceError):
    """Another run has the lease."""

    def __init__(self, lease: Lease) -> None:
        self.run = lease.run
        super().__init__(
            f"{lease.holder} has been changing this topology since {lease.since} (its lease ends "
            f"in {max(1, round(lease.until - _now()))} s at the latest): wait, then run again. If "
            "that run is dead, -e topology_lease_force=true goes on without waiting"
        )


def generation() -> int:
    """Return the lease's generation: another one later means that another run was there.

    0 if it cannot be read, which ``take`` reports.
    """
    try:
        return _load().generation
    except PersistenceError:
        return 0


def holder() -> str:
    """Who has the lease; "" = no run. Raises PersistenceError if it cannot be read."""
    lease = _load()
    return lease.holder if lease.run and lease.until > _now() else ""


def take(
    run: str, name: str, seconds: int, *, generation: int | None = None, dead: str = ""
) -> None:
    """Get the lease, or more time. Raises HeldError, or PersistenceError if it cannot be read.

    :param run: what tells one run from another
    :param name: the run's name for people
    :param generation: the lease's generation when this run read the hosts
    :param dead: a run that has ended without releasing the lease, or ANYBODY
    """
    with host_lock():
        lease = _load_unless_forced(forced=dead == ANYBODY)
        is_ours = lease.run == run
        is_free = not lease.run or lease.until <= _now() or dead in (ANYBODY, lease.run)
        if not (is_ours or is_free):
            raise HeldError(lease)
        if generation not in (None, lease.generation) and not is_ours:
            raise PersistenceError(
                f"{lease.holder or 'another run'} has changed this topology after this run had "
                "read its hosts: run again"
            )
        since = lease.since if is_ours else f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
        _save(Lease(lease.generation + (not is_ours), run, name, since, _now() + seconds))


def give_back(run: str) -> None:
    """Release the lease, unless another run has taken it over."""
    with host_lock():
        lease = _load()
        if lease.run == run:
            # What was read while the lease was held may be outdated as well.
            _save(lease._replace(run="", generation=lease.generation + 1))


def _load_unless_forced(*, forced: bool) -> Lease:
    try:
        return _load()
    except PersistenceError:
        if forced:
            return Lease()
        raise


def _load() -> Lease:
    content = files.read(paths.lease_file())
    if content is None:
        return Lease()
    try:
        values = json.loads(content)
        lease = Lease(**values)
        wrong = [name for name, one in values.items() if not is_a(one, _TYPES[name])]
    except (ValueError, TypeError, RecursionError) as error:
        raise _unreadable(str(error)) from error
    if wrong or not math.isfinite(lease.until):
        raise _unreadable(", ".join(wrong or ["until"]))
    return lease


def _unreadable(reason: str) -> PersistenceError:
    # Another release may have written it, whose run is at work.
    return PersistenceError(
        f"cannot read who is changing this topology: {paths.lease_file()} is damaged, or another "
        f"release of lvs.topology wrote it ({reason}). If no run is at work, "
        "-e topology_lease_force=true goes on"
    )


def _save(lease: Lease) -> None:
    files.write(paths.lease_file(), json.dumps(lease._asdict()).encode(), 0o600)


def _now() -> float:
    """This clock cannot be set, and starts with the host, as the folder of the file does."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
