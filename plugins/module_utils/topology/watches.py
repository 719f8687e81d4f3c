# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the health daemon of each director watches, and what its probes need of the host."""

from __future__ import annotations

from typing import Any, Collection, Iterable, Iterator

from ..health.model import VIP, Watch
from ..health.schema import render_watches
from ..ipvs.model import DestinationKey, ServiceKey
from ..net.addresses import IPAddress, family
from .modes.table import mode_of
from .pair import shared_addresses
from .paths.path import Dip, Leg, Path
from .topology import Topology


def watches(topology: Topology) -> dict[str, list[dict[str, Any]]]:
    """Director → the value of its module's option; all alike, but for the source of probes."""
    watched = {watch.service: watch for watch in _watches(topology)}
    sources: dict[tuple[str, ServiceKey], dict[str, None]] = {}
    shared = shared_addresses(topology)
    elsewhere = topology.vips | shared
    for path in _watched(topology.paths):
        key = path.virtual.service.key
        if path.server.is_fallback:
            fallback = DestinationKey(path.rip.text, path.server.port)
            others = watched[key].fallback
            if fallback not in others:
                watched[key] = watched[key]._replace(fallback=(*others, fallback))
        for dip in path.dips:
            source = _source(path, dip, shared, elsewhere)
            if source:
                sources.setdefault((dip.director.name, key), {})[source] = None
    rendered = dict(zip(watched, render_watches([*watched.values()])))
    return {
        director.name: [
            {**item, **_one_of(sources.get((director.name, key), {}), key)}
            for key, item in rendered.items()
        ]
        for director in topology.directors
    }


def _source(
    path: Path, dip: Dip, shared: Collection[IPAddress], elsewhere: Collection[IPAddress]
) -> str:
    """The address from which a director asks; "" where the kernel's choice is as good."""
    if mode_of(path).demand.local_source:
        # A real server need not know the way to any other address of the director. One of a pair
        # has none of these LIPs while the other one is master, and asks from its own address.
        return "" if dip.lips.first in shared else str(dip.lips.first)
    if not _is_through_vip(path):
        return ""
    # To its own VIP the kernel would choose the VIP, and to an IPv6 RIP it might.
    version = path.vip.version
    interfaces = dip.director.own_interfaces(version)
    own = [one for one in interfaces if one.address not in elsewhere]
    beside = [one for one in own if one.device == dip.interface.device]
    is_fit = dip.interface.at.version == version and dip.interface.address not in elsewhere
    first = [dip.interface] if is_fit else []
    return next((one.text for one in (*first, *beside, *own)), "")


def _one_of(sources: Iterable[str], key: ServiceKey) -> dict[str, str]:
    """The source of all probes of a service.

    Where real servers are on several links, the kernel chooses for each; but not over IPv6, where
    it may choose the VIP.
    """
    found = [*sources]
    return {"source": found[0]} if len(found) == 1 or (found and key.family == "ipv6") else {}


def probe_interfaces(topology: Topology) -> dict[str, list[str]]:
    """Director → where it gets IPv4 replies from its own VIPs, to probes of its own.

    The source of such a reply is an address of the director, which drops it unless it is told.
    """
    found: dict[str, dict[str, None]] = {}
    known: set[Leg] = set()
    for path in _watched(topology.paths):
        if path.leg in known or not _is_through_vip(path) or family(path.vip) != "ipv4":
            continue
        known.add(path.leg)
        for dip in path.dips:
            found.setdefault(dip.director.name, {})[dip.interface.device] = None
    return {name: [*devices] for name, devices in found.items()}


def _is_through_vip(path: Path) -> bool:
    """Whether it is tried through the VIP, and by a packet that leaves the director."""
    health = path.service.health
    return health is not None and health.check.through == VIP and not path.leg.on_director


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
