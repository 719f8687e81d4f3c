# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the health daemon of each director watches, and what its probes need of the host."""

from __future__ import annotations

from typing import Any, Iterable, Iterator

from ..health.model import VIP, Watch
from ..health.schema import render_watches
from ..ipvs.model import DestinationKey, ServiceKey
from ..net.addresses import family
from .modes.table import mode_of
from .paths.path import Leg, Path
from .topology import Topology


def watches(topology: Topology) -> dict[str, list[dict[str, Any]]]:
    """Director → the value of its module's option; all alike, but for the source of probes."""
    watched = {watch.service: watch for watch in _watches(topology)}
    sources: dict[str, dict[ServiceKey, str]] = {}
    for path in _watched(topology.paths):
        key = path.virtual.service.key
        if path.server.is_fallback:
            fallback = DestinationKey(path.rip.text, path.server.port)
            others = watched[key].fallback
            if fallback not in others:
                watched[key] = watched[key]._replace(fallback=(*others, fallback))
        if mode_of(path).demand.local_source:
            for dip in path.dips:
                # A real server need not know the way to any other address of the director.
                first = str(dip.lips.first)
                sources.setdefault(dip.director.name, {}).setdefault(key, first)
    rendered = dict(zip(watched, render_watches([*watched.values()])))
    return {
        director.name: [
            {**item, "source": sources[director.name][key]}
            if key in sources.get(director.name, {})
            else item
            for key, item in rendered.items()
        ]
        for director in topology.directors
    }


def probe_interfaces(topology: Topology) -> dict[str, list[str]]:
    """Director → where it gets IPv4 replies from its own VIPs, to probes of its own.

    The source of such a reply is an address of the director, which drops it unless it is told.
    """
    found: dict[str, dict[str, None]] = {}
    known: set[Leg] = set()
    for path in _watched(topology.paths):
        is_asked = path.service.health is not None and path.service.health.check.through == VIP
        is_local = path.leg.on_director or path.leg in known
        if is_local or not is_asked or family(path.vip) != "ipv4":
            continue
        known.add(path.leg)
        for dip in path.dips:
            found.setdefault(dip.director.name, {})[dip.interface.device] = None
    return {name: [*devices] for name, devices in found.items()}


def _watched(paths: Iterable[Path]) -> Iterator[Path]:
    return (path for path in paths if path.service.health)


def _watches(topology: Topology) -> Iterator[Watch]:
    """Yield a watch for each service of the table; one with a mark has the first of its VIPs."""
    known: set[ServiceKey] = set()
    for service in topology.services:
        for virtual in service.virtuals:
            key = virtual.service.key
            if service.health and key not in known:
                known.add(key)
                yield Watch(
                    key,
                    service.name,
                    virtual.text,
                    service.ports[0].first,
                    service.health.check,
                    service.health.policy,
                )
