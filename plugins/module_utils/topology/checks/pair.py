# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What two directors have to be so that each can go on for the other."""

from __future__ import annotations

from itertools import permutations
from typing import Iterator

from ...net.addresses import FAMILIES, family
from ..declaration.inventory import DIRECTORS
from ..modes.check import TopologyCheck
from ..pair import MOST, members, router_id, shared_addresses, versions
from ..paths.facts import OTHERS
from ..topology import Topology
from ..violation import Finding


def _two(topology: Topology) -> Iterator[Finding]:
    names = topology.inventory.directors
    if topology.options.high_availability and len(names) > MOST:
        yield Finding(
            f"{len(names)} directors ({', '.join(names)}) with engine vrrp",
            "two directors, or one that gets the second one later",
        )


def _one_owner_of_vips(topology: Topology) -> Iterator[Finding]:
    if topology.options.high_availability and not topology.options.manage_vips:
        yield Finding(
            "topology_high_availability with an engine, and topology_manage_vips: false",
            "one of the two: with an engine, VIPs are keepalived's",
        )


def _keepalived(topology: Topology) -> Iterator[Finding]:
    for member in members(topology):
        if not member.node.keepalived:
            yield Finding(
                "no program keepalived",
                "the distribution's package (apt-get install keepalived, dnf install keepalived)",
                host=member.node.name,
            )
        elif member.node.keepalived == OTHERS:
            yield Finding(
                "a keepalived.conf that is not ours",
                "none: it would be replaced. Move it away and stop keepalived; or leave "
                "topology_high_availability out, and set topology_manage_vips: false",
                host=member.node.name,
            )


def _sources(topology: Topology) -> Iterator[Finding]:
    pair = members(topology)
    for member in pair if topology.services else ():
        links = member.node.macs
        if member.interface and member.interface not in links:
            yield Finding(
                f"topology_high_availability.interface: {member.interface}",
                f"an interface of the host: {', '.join(sorted(links))}",
                host=member.node.name,
            )
        elif not member.sources:
            yield Finding(
                f"no address of its own on {member.interface or 'any interface'}",
                "one that does not move, from which it talks to the other director",
                host=member.node.name,
            )
    if not topology.services or not all(one.sources for one in pair):
        return
    spoken = versions(pair)
    if not spoken:
        yield Finding(
            "; ".join(
                f"{one.node.name} with {', '.join(map(str, one.sources.values()))}" for one in pair
            ),
            "addresses of one family, in which the directors talk",
        )
    elif not any(vip.version in spoken for vip in topology.vips):
        yield Finding(
            f"no VIP of {' or '.join(FAMILIES[one] for one in spoken)}, in which alone "
            "both directors have addresses of their own",
            "a VIP of a family in which they talk: advertisements name it",
        )


def _neighbours(topology: Topology) -> Iterator[Finding]:
    pair = members(topology)
    for member, other in permutations(pair, MOST):
        for version in versions(pair):
            peer = other.sources[version]
            if member.interface not in member.node.is_beside(peer, member.interface):
                yield Finding(
                    f"no route without a gateway to {peer} of {other.node.name} by "
                    f"{member.interface}",
                    "directors on one link, where each can announce the VIPs to the neighbours",
                    host=member.node.name,
                )


def _sync(topology: Topology) -> Iterator[Finding]:
    """On the interface of VRRP other checks tell."""
    declared = topology.options.high_availability
    interface = declared.sync.interface if declared and declared.sync else ""
    nodes = [one.node for one in members(topology)] if interface and topology.services else []
    for node in nodes:
        if interface not in node.macs:
            yield Finding(
                f"topology_high_availability.sync.interface: {interface}",
                f"an interface of the host: {', '.join(sorted(node.macs))}",
                host=node.name,
            )
    for node, other in permutations((one for one in nodes if interface in one.macs), MOST):
        addresses = [
            one for version in FAMILIES for one in other.on_device.get((interface, version), ())
        ]
        if addresses and not any(
            interface in node.is_beside(one.address, interface) for one in addresses
        ):
            listed = " or ".join(one.text for one in addresses)
            yield Finding(
                f"no route without a gateway by {interface} to {listed} of {other.name}",
                "directors that synchronise connections on one link",
                host=node.name,
            )


def _reach(topology: Topology) -> Iterator[Finding]:
    for member, other in permutations(members(topology), MOST):
        silent = member.node.silent_peer
        if silent in map(str, other.sources.values()):
            yield Finding(
                f"no answer from {silent} of {other.node.name}, which it asked for its MAC address",
                "directors that reach each other: else each is master, with all VIPs; or one "
                f"director alone (lvs.topology.teardown -e host={other.node.name})",
                host=member.node.name,
            )


def _router_id(topology: Topology) -> Iterator[Finding]:
    if not topology.options.high_availability:
        return
    number = router_id(topology)
    for node in topology.nodes.values():
        if number in node.router_ids:
            yield Finding(
                f"the virtual router {number}, which its own keepalived.conf has too",
                "a virtual router ID that is unique on the link "
                "(topology_high_availability.virtual_router_id)",
                host=node.name,
            )
        elif node.router_id == number and node.name not in topology.inventory.directors:
            yield Finding(
                f"the virtual router {number}, of which an earlier run has made it a director",
                f"a host of the group {DIRECTORS}; lvs.topology.teardown -e host={node.name} takes "
                "it out, and then it can leave the group",
                host=node.name,
            )


def _shared(topology: Topology) -> Iterator[Finding]:
    """Of VIPs on real servers other checks tell."""
    directors = {one.name for one in topology.all_directors}
    moving = shared_addresses(topology)
    for node in topology.nodes.values():
        for interface in node.interfaces:
            is_strange = interface.address in moving and node.name not in directors
            if is_strange and interface.address not in topology.vips:
                yield Finding(
                    f"{interface}, which moves with the VIPs",
                    "an address that no other host has",
                    host=node.name,
                )
    for address in sorted(moving, key=str):
        holders = [
            one.node.name
            for one in members(topology)
            if one.node.interface_of(address) and address not in one.node.owned_vips
        ]
        if len(holders) > 1:
            yield Finding(
                f"{address} on {' and '.join(holders)}, where keepalived has not put it",
                "an address that no host has configured: the master gets it",
            )


def _one_family(topology: Topology) -> Iterator[Finding]:
    declared = topology.options.high_availability
    if declared is None or declared.sync is None:
        return
    for service in topology.services:
        mixed = [
            f"{path.name} ({path.rip.text})"
            for path in topology.paths
            if path.service is service
            and len(path.rips) == 1
            and family(path.rip.address) != family(path.vip)
        ]
        if mixed:
            yield Finding(
                f"real servers of another family than the VIP: {', '.join(dict.fromkeys(mixed))}",
                "one family: the kernel synchronises no connections while there is such a real "
                "server (topology_high_availability.sync.enabled: false)",
                service.name,
            )


def _same_lips(topology: Topology) -> Iterator[Finding]:
    lips = {name: topology.options.lips.get(name, ()) for name in topology.inventory.directors}
    if topology.options.high_availability and len({*lips.values()}) > 1:
        given = "; ".join(f"{name}: {', '.join(map(str, pools))}" for name, pools in lips.items())
        yield Finding(
            f"topology_lips: {given}",
            "the same LIPs for both directors: they move with the VIPs",
        )


CHECKS = (
    TopologyCheck("pair.two", "a pair has two directors at most", _two),
    TopologyCheck("pair.vips", "VIPs of a pair are keepalived's alone", _one_owner_of_vips),
    TopologyCheck(
        "pair.keepalived", "keepalived is installed, and no one else has configured it", _keepalived
    ),
    TopologyCheck("pair.source", "a director of a pair has an address of its own", _sources),
    TopologyCheck("pair.link", "the directors of a pair are on one link", _neighbours),
    TopologyCheck(
        "pair.reach", "the directors of a pair reach each other", _reach, is_acceptable=True
    ),
    TopologyCheck("pair.router-id", "no other host is the same virtual router", _router_id),
    TopologyCheck("pair.shared", "what moves with the VIPs is configured nowhere", _shared),
    TopologyCheck("pair.lips", "the directors of a pair share their LIPs", _same_lips),
    TopologyCheck("pair.sync", "connections are synchronised on one link", _sync),
    TopologyCheck("pair.one-family", "connections can be synchronised", _one_family),
)
