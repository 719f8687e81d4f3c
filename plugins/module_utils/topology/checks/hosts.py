# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What directors and real servers have to be, whatever the mode."""

from __future__ import annotations

import itertools
from typing import Iterator

from ...net.devices import is_device_name
from ..declaration.inventory import DIRECTORS
from ..modes.check import TopologyCheck
from ..modes.table import with_static_arp
from ..pair import floating_dips
from ..paths.facts import Interface, Node
from ..static_arp import vips_with_entries
from ..topology import Topology, vip_device
from ..violation import Finding


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
