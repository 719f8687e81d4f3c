# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kernel's IPVS table in memory: what ``Client`` talks to in the modules' unit tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Self

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import health, metrics
from ansible_collections.lvs.topology.plugins.module_utils.converge import (
    director,
    drain,
    settings,
    table,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import ServiceActivity
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    DestinationKey,
    Entry,
    ServiceKey,
    Table,
    Timeouts,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import Operation, after
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.protocol import (
    Activity,
    Reading,
    Traffic,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.sync_daemon import (
    StartSync,
    StopSync,
    SyncDaemon,
)
from ansible_collections.lvs.topology.plugins.module_utils.net.probe_marks import is_probe_mark
from ansible_collections.lvs.topology.plugins.module_utils.vrrp import plan as vrrp
from ansible_collections.lvs.topology.plugins.modules import health_info, ipvs_info

STATISTICS = {"connections": 0}


class FakeIpvs:
    """Has the methods of ``Client``; what was written is kept for the test."""

    def __init__(self) -> None:
        self.content: Table = {}
        self.seconds = Timeouts(900, 120, 300)
        self.written: list[Operation] = []
        self.loaded: set[str] = set()
        self.sync: tuple[SyncDaemon, ...] = ()
        self.traffic = Traffic(1, 2, 3, 4, 5, 6, 7)
        self.busy = Activity(1, 2, 3, STATISTICS)

    def put_in_place(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whatever talks to a kernel talks to this one."""
        for module in (director, drain, settings, table, health, metrics, health_info, ipvs_info):
            monkeypatch.setattr(module, "Client", lambda: self)

    def weights(self) -> dict[str, int]:
        """The weight of each real server, of whichever service."""
        return {
            each.address: one.weight
            for entry in self.content.values()
            for each, one in entry.destinations.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    def table(self, likely: Mapping[ServiceKey, Entry] = MappingProxyType({})) -> Table:
        return {
            key: likely[key]
            if likely.get(key) == entry
            else Entry(entry.service, dict(entry.destinations))
            for key, entry in self.content.items()
            if not is_probe_mark(key.fwmark)
        }

    def services(self) -> frozenset[ServiceKey]:
        return frozenset(self.table())

    def probe_services(self) -> Table:
        return {key: entry for key, entry in self.content.items() if is_probe_mark(key.fwmark)}

    def entry(self, key: ServiceKey) -> Entry | None:
        entry = self.content.get(key)
        return entry and Entry(entry.service, dict(entry.destinations))

    def activity(self) -> dict[ServiceKey, ServiceActivity]:
        return {key: ServiceActivity(STATISTICS, self.connections(key)) for key in self.content}

    def readings(self) -> dict[ServiceKey, Reading]:
        return {
            key: Reading(entry, self.traffic, dict.fromkeys(entry.destinations, self.traffic))
            for key, entry in self.table().items()
        }

    def connections(self, key: ServiceKey) -> dict[DestinationKey, Activity]:
        return dict.fromkeys(self.content[key].destinations, self.busy)

    def apply(self, operations: Sequence[Operation]) -> None:
        self.written += operations
        self.content = after(self.content, operations)

    def timeouts(self) -> Timeouts:
        return self.seconds

    def set_timeouts(self, timeouts: Timeouts) -> None:
        self.seconds = Timeouts(
            *(new or old for new, old in zip(timeouts, self.seconds, strict=True))
        )

    def helpers(self) -> frozenset[str]:
        return frozenset(self.loaded)

    def load_helper(self, name: str) -> None:
        self.loaded.add(name)

    def sync_daemons(self) -> list[SyncDaemon]:
        return [*self.sync]

    def change_sync(self, operations: Sequence[StartSync | StopSync]) -> None:
        self.sync = vrrp.after(vrrp.Current(daemons=self.sync), operations).daemons

    def info(self) -> tuple[str, int]:
        return "1.2.1", 4096
