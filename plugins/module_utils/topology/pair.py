# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The directors of a pair: where they talk to each other, and which addresses they share."""

from __future__ import annotations

import zlib
from typing import Any, Iterator, Mapping, NamedTuple

from ..net.addresses import FAMILIES, IPAddress, family_of
from .declaration.high_availability import HighAvailability, Sync
from .paths.facts import Node
from .topology import Topology, vip_device

MOST = 2
_IPV6_GROUP = "ff02::81"

# The first packet of a connection that is established is told of, and again one of every ten
# seconds (ip_vs_sync_conn_needed() in net/netfilter/ipvs/ip_vs_sync.c). By the kernel's defaults it
# is the third packet, and every 50th: who has said nothing yet would be reset.
_SYNC_SETTINGS: Mapping[str, int | str] = {"sync_threshold": "0 1", "sync_refresh_period": 10}


class Member(NamedTuple):
    """A director of the pair."""

    node: Node
    interface: str  # on which it talks to the other one; "" = none is known
    sources: Mapping[int, IPAddress]  # its own address there, by IP version


def members(topology: Topology) -> tuple[Member, ...]:
    """The directors that stay, in the order of their group; none without a pair."""
    declared = topology.options.high_availability
    if declared is None:
        return ()
    shared = shared_addresses(topology)
    return tuple(
        _member(topology, declared, director, shared)
        for director in topology.directors
        if director.name not in topology.torn_down
    )


def shared_addresses(topology: Topology) -> frozenset[IPAddress]:
    """VIPs, and what directors share beside them: the DIP of NAT, LIPs."""
    if topology.options.high_availability is None:
        return frozenset()
    lips = {
        lip for pools in topology.options.lips.values() for pool in pools for lip in pool.addresses
    }
    return topology.vips.union(floating_dips(topology), lips)


def floating_dips(topology: Topology) -> frozenset[IPAddress]:
    """The DIPs that are declared for every director alike.

    A director that is alone may have its own one declared.
    """
    options, directors = topology.options, topology.all_directors
    if options.high_availability is None or not directors:
        return frozenset()
    alike = set.intersection(*({*options.dips.get(one.name, ())} for one in directors))
    own = {
        interface.address
        for director in directors
        for dip in alike
        for interface in director.own_interfaces(dip.version)
    }
    return frozenset(alike if len(directors) > 1 else alike - own)


def router_id(topology: Topology) -> int:
    """The virtual router's number: as declared, as it is already, or made from names."""
    declared = topology.options.high_availability
    if declared and declared.router_id:
        return declared.router_id
    for director in topology.directors:
        if director.router_id:
            return director.router_id
    names = ",".join(sorted(topology.inventory.directors))
    # An odd one: what the two directors synchronise has this number and the next one.
    return zlib.crc32(names.encode()) % 127 * 2 + 1


def versions(pair: tuple[Member, ...]) -> list[int]:
    """The IP versions in which all of them can talk."""
    return [version for version in FAMILIES if all(version in one.sources for one in pair)]


def settings(topology: Topology) -> Mapping[str, int | str]:
    """What the kernel of each director needs for it, by IPVS's sysctls."""
    declared = topology.options.high_availability
    return _SYNC_SETTINGS if declared and declared.sync and topology.services else {}


def standby(topology: Topology) -> str:
    """The director that has no traffic; "" = there is none, or it is unknown.

    One that joins, or a pair whose number changes, has none yet: it would hear nothing of the
    master, and be one itself. There both change at once.
    """
    number = router_id(topology)
    if any(one.node.router_id != number for one in members(topology)):
        return ""
    shared = shared_addresses(topology)
    has_traffic = {
        one.node.name: any(map(one.node.interface_of, shared)) for one in members(topology)
    }
    if sorted(has_traffic.values()) != [False, True]:
        return ""
    return min(has_traffic, key=lambda name: has_traffic[name])


def arguments(
    topology: Topology, floating: Mapping[str, list[dict[str, Any]]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the module of each director is told of the pair.

    :param floating: the addresses that each would have as master, with their interfaces
    """
    declared, pair = topology.options.high_availability, members(topology)
    if declared is None:
        return
    number = router_id(topology)
    for index, member in enumerate(pair):
        addresses = floating[member.node.name]
        if not addresses:
            continue
        devices = dict.fromkeys(one["interface"] for one in addresses)
        yield (
            member.node.name,
            {
                "router_id": number,
                "interval": declared.interval,
                "interface": member.interface,
                "track": [device for device in devices if device != member.interface],
                **_talk(pair, member, addresses),
                "addresses": addresses,
                "health": any(service.health for service in topology.services),
                "sync": _sync(declared.sync, member, number, index),
            },
        )


def _talk(
    pair: tuple[Member, ...], member: Member, addresses: list[dict[str, Any]]
) -> dict[str, str]:
    """From where to where advertisements go: in a family that has an address which they can name.

    One instance has the addresses of both. With two, of two masters that meet the one might stay
    master over IPv4, and the other one over IPv6.
    """
    named = {family_of(one["address"]) for one in addresses}
    version = next(one for one in versions(pair) if FAMILIES[one] in named)
    peers = [str(one.sources[version]) for one in pair if one is not member]
    return {"source": str(member.sources[version]), "peer": "".join(peers)}


def _sync(sync: Sync | None, member: Member, number: int, index: int) -> dict[str, Any] | None:
    if sync is None:
        return None
    first = number if sync.first_id is None else sync.first_id
    ids = (first, (first + 1) % 256)
    interface = sync.interface or member.interface
    has_ipv4 = any(one.device == interface for one in member.node.own_interfaces(4))
    found = {
        "interface": interface,
        "send_id": ids[index],
        "receive_id": ids[1 - index],
        "port": sync.port,
    }
    group = sync.group or ("" if has_ipv4 else _IPV6_GROUP)
    return {**found, "group": group} if group else found


def _member(
    topology: Topology, declared: HighAvailability, director: Node, shared: frozenset[IPAddress]
) -> Member:
    interface = declared.interface or _interface(topology, director)
    sources: dict[int, IPAddress] = {}
    for version in FAMILIES:
        for one in director.own_interfaces(version):
            if one.device == interface and one.address not in shared:
                sources.setdefault(version, one.address)
    return Member(director, interface, sources)


def _interface(topology: Topology, director: Node) -> str:
    """That of the DIP; without one, that of a VIP."""
    for path in topology.paths:
        for dip in path.dips:
            if dip.director is director:
                return dip.device or dip.interface.device
    devices = (vip_device(topology, director, vip) for vip in sorted(topology.vips, key=str))
    return next(filter(None, devices), "")
