# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The paths of a topology as plain data, for what is done with it besides converging. Pure."""

from __future__ import annotations

from typing import Any, Iterator

from ansible_collections.lvs.topology.plugins.module_utils.topology.addresses import (
    IPAddress,
    family,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.checks.dr import STATIC
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.fullnat import FULLNAT
from ansible_collections.lvs.topology.plugins.module_utils.topology.path import Path
from ansible_collections.lvs.topology.plugins.module_utils.topology.topology import Topology


def describe(topology: Topology) -> list[dict[str, Any]]:
    """Every path with a RIP that is known for sure, by service, VIP and real server."""
    return [_describe(path) for path in topology.paths if len(path.rips) == 1]


def _describe(path: Path) -> dict[str, Any]:
    virtual = path.virtual.service
    return {
        "service": path.service.name,
        "mode": path.service.mode,
        "vip": str(path.vip),
        "port": path.service.port,
        "protocol": path.service.protocol,
        "scheduler": virtual.scheduler,
        "persistent": bool(virtual.persistence_timeout),
        "server": path.server.host or str(path.rip.address),
        "host": path.server.host,
        "rip": str(path.rip.address),
        "rip_port": path.server.port,
        "weight": path.server.settings.weight,
        # Routers are told who has the VIP; who would answer is then all the same.
        "static_arp": path.service.extra.get("arp") == STATIC and family(path.vip) == "ipv4",
        # What real servers see in place of clients, where the mode has it so.
        "lips": [str(lip) for lip in _lips(path)],
        "dips": {dip.director.name: str(dip.interface.address) for dip in path.dips},
    }


def _lips(path: Path) -> Iterator[IPAddress]:
    if path.service.mode == FULLNAT.name:
        for dip in path.dips:
            yield from dip.lips.addresses()
