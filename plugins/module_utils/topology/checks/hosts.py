# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What directors and real servers have to be, whatever the mode."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Iterator

from ...ipvs.model import SCHEDULERS
from ...net.devices import is_device_name
from ..declaration.inventory import DIRECTORS
from ..modes.check import TopologyCheck
from ..modes.table import with_static_arp
from ..pair import floating_dips
from ..paths.facts import Interface, Node
from ..static_arp import vips_with_entries
from ..topology import Topology, vip_device
from ..violation import Finding

_RANGES_SINCE = (5, 6)  # net/netfilter/nft_set_pipapo.c


def _some_director(topology: Topology) -> Iterator[Finding]:
    if topology.services and not topology.inventory.directors:
        yield Finding(f"no host in the group {DIRECTORS}", "a director")


def _single_director(topology: Topology) -> Iterator[Finding]:
    names, options = topology.inventory.directors, topology.options
    is_every = options.manage_vips and not options.high_availability
    if topology.services and is_every and len(names) > 1:
        yield Finding(
            f"{len(names)} directors ({', '.join(names)}), each of which would have every VIP",
            "one director; or two, and topology_high_availability: {engine: vrrp}; or "
            "topology_manage_vips: false where a program that you have configured moves the VIPs",
        )


def _reached(topology: Topology) -> Iterator[Finding]:
    for name, said in topology.unreachable.items():
        if name not in topology.torn_down:
            yield Finding(
                f"a host that Ansible cannot reach ({said.strip()})",
                "a host that can be reached. If it is to stay away, remove it from the others with "
                f"lvs.topology.teardown -e host={name}, and then from the inventory's groups",
                host=name,
            )


def _facts_read(topology: Topology) -> Iterator[Finding]:
    serving = {server.host for service in topology.services for server in service.servers}
    entries = vips_with_entries(with_static_arp(topology.services))
    is_told = topology.options.manage_routers and any(entries)
    told = topology.inventory.routers if is_told else ()
    for name, reason in topology.unreadable.items():
        yield Finding(
            f"facts that are not those of a host ({reason})",
            "what node_info of this release returns",
            host=name,
        )
    left_out = (topology.unreachable, topology.unreadable, topology.torn_down)
    known = {*topology.nodes, *itertools.chain.from_iterable(left_out)}
    for name in [*topology.inventory.directors, *sorted(serving), *told]:
        if name and name not in known:
            yield Finding(
                "no facts of this host",
                "every director, declared real server and router with static entries for a VIP in "
                "the play, and reachable: a topology is checked as a whole, so --limit must not "
                "exclude one",
                host=name,
            )


def _ipvs_available(topology: Topology) -> Iterator[Finding]:
    for director in topology.directors:
        if topology.services and not director.has_ipvs:
            yield Finding(
                "neither ip_vs in the running kernel nor a module to load",
                "a kernel with ip_vs (the modules of the running kernel installed)",
                host=director.name,
            )


def _has_scheduler(topology: Topology) -> Iterator[Finding]:
    """A director that takes over has to fill the same table."""
    wanted = {
        (service.name, virtual.service.scheduler)
        for service in topology.services
        for virtual in service.virtuals
    }
    for director in topology.directors:
        for service, scheduler in sorted(wanted):
            if not _may_have(director, scheduler):
                others = [one.name for one in topology.directors if _may_have(one, scheduler)]
                beside = f", unlike that of {', '.join(others)}" if others else ""
                there = ", ".join(filter(partial(_may_have, director), SCHEDULERS))
                yield Finding(
                    f"scheduler: {scheduler}, of which the kernel has no module{beside}",
                    f"a scheduler of {there}; or a kernel with ip_vs_{scheduler}",
                    service,
                    director.name,
                )


def _may_have(director: Node, scheduler: str) -> bool:
    modules = director.ipvs_modules
    return modules is None or not director.has_ipvs or scheduler in modules


def _takes_ranges(topology: Topology) -> Iterator[Finding]:
    for service in topology.services:
        ranges = [ports for ports in service.ports if not ports.is_single]
        for director in topology.directors if ranges else ():
            if director.kernel and director.kernel < _RANGES_SINCE:
                version = ".".join(map(str, director.kernel))
                yield Finding(
                    f"ports: {', '.join(map(str, ranges))}, and Linux {version}",
                    f"single ports, or Linux {'.'.join(map(str, _RANGES_SINCE))}, since which "
                    "nftables has sets with ranges (or a kernel whose vendor has added them)",
                    service.name,
                    director.name,
                )


def _table_is_ours(topology: Topology) -> Iterator[Finding]:
    for director in topology.directors:
        for owner in director.owners:
            if owner not in topology.options.ignore_owners:
                yield Finding(
                    f"{owner}, which writes the IPVS table as well",
                    f"one owner of the table: stop {owner}, or name it in topology_ignore_owners "
                    "if the two never manage the same service",
                    host=director.name,
                )


def _dip_on_host(topology: Topology) -> Iterator[Finding]:
    moving = floating_dips(topology)
    for director in topology.directors:
        for dip in topology.options.dips.get(director.name, ()):
            # A floating DIP is on one of the directors at a time, or keepalived puts it there.
            if dip not in moving and not any(one.interface_of(dip) for one in topology.directors):
                own = ", ".join(map(str, director.interfaces))
                yield Finding(
                    f"topology_dip: {dip}", f"an address of the host: {own}", host=director.name
                )


def _has_vip_device(topology: Topology) -> Iterator[Finding]:
    if not topology.options.manage_vips:
        return
    for director in topology.directors:
        for service in topology.services:
            for virtual in service.virtuals:
                if not vip_device(topology, director, virtual.vip):
                    yield Finding(
                        f"no interface in the subnet of the VIP {virtual.vip}, and no route to the "
                        "clients",
                        "either of the two, to tell on which interface requests arrive; "
                        "topology_clients tells where clients are",
                        service.name,
                        director.name,
                    )


def _interface_names(topology: Topology) -> Iterator[Finding]:
    used = {(node.name, one.device) for node, one in _used(topology)}
    if topology.options.manage_vips:
        used |= {
            (director.name, vip_device(topology, director, vip))
            for director in topology.directors
            for vip in topology.vips
        }
    for host, device in sorted(used):
        # No device at all: another check tells of it.
        if device and not is_device_name(device):
            yield Finding(
                f"the interface {device!r}",
                "a name of printable ASCII characters, without /, :, # and backslash",
                host=host,
            )


def _used(topology: Topology) -> Iterator[tuple[Node, Interface]]:
    """The interfaces that have RIPs and DIPs."""
    for leg in {path.leg for path in topology.paths}:
        if leg.node:
            yield from ((leg.node, rip) for rip in leg.rips)
        yield from ((dip.director, dip.interface) for dip in leg.dips)


CHECKS = (
    TopologyCheck("director.exists", "there is a director", _some_director),
    TopologyCheck(
        "director.single", "VIPs that we manage are on one director only", _single_director
    ),
    TopologyCheck("host.reached", "every host of the play can be reached", _reached),
    TopologyCheck("host.facts", "the facts of every host that takes part are known", _facts_read),
    TopologyCheck("director.ip-vs", "the director's kernel has ip_vs", _ipvs_available),
    TopologyCheck(
        "director.scheduler",
        "every director's kernel has the scheduler",
        _has_scheduler,
        is_acceptable=True,
    ),
    TopologyCheck(
        "director.port-ranges",
        "the director's nftables takes ranges of ports",
        _takes_ranges,
        is_acceptable=True,
    ),
    TopologyCheck("director.table-owner", "no other program writes the IPVS table", _table_is_ours),
    TopologyCheck("director.dip", "a declared DIP is an address of a director", _dip_on_host),
    TopologyCheck(
        "director.vip-device",
        "the director has an interface on which requests for the VIP arrive",
        _has_vip_device,
    ),
    TopologyCheck(
        "host.interface-name",
        "every interface has a name that the modules accept",
        _interface_names,
    ),
)
