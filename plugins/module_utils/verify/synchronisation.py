# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether a director's kernel tells the other one of connections, as declared."""

from __future__ import annotations

from typing import Any, Iterable, Iterator, Mapping, NamedTuple

from ..ipvs.sync_daemon import SyncDaemon
from ..vrrp.schema import parse_vrrp


class Synchronisation(NamedTuple):
    """The sync daemons of one director."""

    declared: tuple[SyncDaemon, ...]
    running: tuple[SyncDaemon, ...]

    @classmethod
    def read(
        cls, pair: Mapping[str, Any] | None, told: Iterable[Mapping[str, Any]]
    ) -> Synchronisation:
        """From what its module is told of the pair, and from what ipvs_info tells."""
        declared, _problems = parse_vrrp(pair)
        running = (SyncDaemon(*(one[name] for name in SyncDaemon._fields)) for one in told)
        return cls(declared.sync if declared else (), tuple(running))

    def wrong(self) -> Iterator[tuple[SyncDaemon, SyncDaemon | None]]:
        """Each daemon that is declared and not there, and the one that is there in its place."""
        running = {one.role: one for one in self.running}
        for one in self.declared:
            if running.get(one.role) != one:
                yield one, running.get(one.role)
