# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""One run at a time: one that changes a whole topology keeps others out from start to end.

The lock of ``lock.py`` lasts for one module. A run has many, on many hosts; it leaves word of
itself on a director, for a bounded time: whoever holds a lease may have died.
"""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from typing import NamedTuple

from . import files, paths
from .errors import PersistenceError
from .lock import host_lock


class Lease(NamedTuple):
    """Who changes the topology."""

    number: int = 0  # how many runs there have been since the host started
    run: str = ""  # "" = nobody does
    holder: str = ""  # for people
    since: str = ""
    until: float = 0.0  # on the clock of this host, see _now


class HeldError(PersistenceError):
    """Somebody else has the lease."""

    def __init__(self, lease: Lease) -> None:
        self.run = lease.run
        super().__init__(
            f"{lease.holder} has been changing this topology since {lease.since} (its lease ends "
            f"in {max(1, round(lease.until - _now()))} s at the latest): wait, then run again. If "
            "that run is dead, -e topology_lease_force=true goes on without waiting"
        )


def number() -> int:
    """The number of the last run, to tell whether there has been another one since."""
    return _load().number


def holder() -> str:
    """Who has the lease; "" = nobody."""
    lease = _load()
    return lease.holder if lease.run and lease.until > _now() else ""


def take(run: str, name: str, seconds: int, *, seen: int | None = None, dead: str = "") -> None:
    """Get the lease, or more time. Raises HeldError.

    :param run: what tells one run from another
    :param name: the run's name for people
    :param seen: the number when this run read the hosts
    :param dead: a run that holds nothing any more; ``*`` = whichever has the lease
    """
    with host_lock():
        lease = _load()
        is_ours = lease.run == run
        is_free = not lease.run or lease.until <= _now() or dead in ("*", lease.run)
        if not (is_ours or is_free):
            raise HeldError(lease)
        if seen not in (None, lease.number) and not is_ours:
            raise PersistenceError(
                f"{lease.holder or 'another run'} has changed this topology after this run had "
                "read its hosts: run again"
            )
        since = lease.since if is_ours else f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
        _save(Lease(lease.number + (not is_ours), run, name, since, _now() + seconds))


def give_back(run: str) -> None:
    """Let others in, unless somebody has taken the lease over."""
    with host_lock():
        lease = _load()
        if lease.run == run:
            # What was read while the lease was held may be outdated as well.
            _save(lease._replace(run="", number=lease.number + 1))


def _load() -> Lease:
    content = files.read(paths.lease_file())
    return Lease(**json.loads(content)) if content else Lease()


def _save(lease: Lease) -> None:
    files.write(paths.lease_file(), json.dumps(lease._asdict()).encode(), 0o600)


def _now() -> float:
    """Nobody sets this clock, and it starts with the host, as the folder of the file does."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
