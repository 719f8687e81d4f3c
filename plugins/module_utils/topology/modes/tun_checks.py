# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What TUN demands: the real server unwraps requests for the VIP, and they fit."""

from __future__ import annotations

from functools import lru_cache
from typing import Iterator

from ...net.addresses import family
from ..declaration.model import Service
from ..paths.path import Path
from ..topology import Topology
from ..violation import Finding
from .addresses import routed
from .check import PathCheck
from .real_server_vip import EVERY_INTERFACE, real_server_vip
from .tunnel import CHECKSUMS, GRE, GUE, room, tunnel_of

# What every IPv4 host takes (RFC 791), and what every IPv6 link carries (RFC 8200).
_SMALLEST = {4: 576, 6: 1280}


def _vip_is_dip(path: Path, _topology: Topology) -> Iterator[Finding]:
    for dip in path.dips if path.virtual.text in path.leg.dip_of.values() else ():
        if dip.interface.address == path.vip:
            yield Finding(
                f"the VIP {path.vip}, which is the only address of {dip.director.name} on the way "
                "to the real server, and so the DIP",
                "a VIP of its own: packets that come with an address of the real server's own as "
                "their source are dropped there",
            )


def _arp_suppressed(path: Path, topology: Topology) -> Iterator[Finding]:
    covered = topology.options.arp_interfaces
    if path.node is None or not covered or EVERY_INTERFACE in covered:
        return
    for one in path.node.own_interfaces(4):
        if path.vip in one.network and one.device not in covered:
            yield Finding(
                f"topology_arp_interfaces: {', '.join(covered)}",
                f"{one.device} among them, in the VIP's subnet: the real server would answer for "
                "the VIP (an empty list leaves ARP to you)",
            )


def _gue_port(path: Path, topology: Topology) -> Iterator[Finding]:
    tunnel = tunnel_of(path.service)
    if tunnel.type != GUE:
        if tunnel.port:
            yield Finding(f"tunnel_port: {tunnel.port} for {tunnel.type}", "no port: only gue has")
        return
    if not tunnel.port:
        yield Finding("no tunnel_port", "1 to 65535, the UDP port to which gue is sent")
        return
    other = _of_udp_port(topology).get((path.server.host, tunnel.port))
    if other:
        yield Finding(
            f"tunnel_port: {tunnel.port}, at which this host serves {other.name}",
            "a UDP port that nothing else on the real server has",
        )


@lru_cache(maxsize=1)
def _of_udp_port(topology: Topology) -> dict[tuple[str, int], Service]:
    """The first service at each host's UDP ports."""
    first: dict[tuple[str, int], Service] = {}
    for path in topology.paths:
        if path.node and path.service.protocol == "udp":
            for port in path.ports:
                first.setdefault((path.node.name, port), path.service)
    return first


def _checksum(path: Path, _topology: Topology) -> Iterator[Finding]:
    tunnel = tunnel_of(path.service)
    allowed = CHECKSUMS[tunnel.type]
    if tunnel.checksum not in allowed:
        yield Finding(
            f"tunnel_checksum: {tunnel.checksum} for {tunnel.type}",
            f"{' or '.join(allowed)}: it has no room for another",
        )


def _one_gre_checksum(path: Path, topology: Topology) -> Iterator[Finding]:
    mine = tunnel_of(path.service)
    if mine.type != GRE:
        return
    # The first one is taken to be right, so that only the others are wrong.
    other = _first_by_gre(topology)[path.rip.text]
    theirs = tunnel_of(other)
    if mine.checksum != theirs.checksum:
        yield Finding(
            f"tunnel_checksum: {mine.checksum}, and {theirs.checksum} in the service "
            f"{other.name}, to the same RIP {path.rip.text}",
            "the same for both: a device takes GRE with checksums, or without",
        )


@lru_cache(maxsize=1)
def _first_by_gre(topology: Topology) -> dict[str, Service]:
    """The first service that reaches each RIP by GRE."""
    first: dict[str, Service] = {}
    for path in topology.paths:
        if path.rips and path.service.extra.get("tunnel") == GRE:
            first.setdefault(path.rip.text, path.service)
    return first


def _mtu(path: Path, _topology: Topology) -> Iterator[Finding]:
    fits, needed = room(path), _SMALLEST[path.vip.version]
    if fits < needed:
        size = tunnel_of(path.service).overhead(path.rip.address.version)
        yield Finding(
            f"room for packets of {fits} bytes between director and real server, beside {size} "
            f"for the tunnel {path.service.extra['tunnel']}",
            f"an MTU of {needed + size} or more: {family(path.vip)} needs {needed}",
        )


def _pmtu_disc(_path: Path, topology: Topology) -> Iterator[Finding]:
    declared = topology.options.settings.get("sysctls", {}).get("pmtu_disc")
    if declared is not None and str(declared) != "1":
        yield Finding(
            f"topology_settings.sysctls.pmtu_disc: {declared}",
            "1, or nothing: clients are not told of packets that are too large otherwise",
        )


CHECKS = (
    *routed("tun"),
    *real_server_vip(
        "tun",
        reason="TUN leaves the packet inside as it is",
        by_hand="VIP, tunnel and rp_filter",
    ),
    PathCheck("tun.vip-is-dip", "a VIP is not the DIP", _vip_is_dip),
    PathCheck("tun.arp-suppressed", "nobody but the director answers for a VIP", _arp_suppressed),
    PathCheck("tun.gue-port", "gue has a UDP port to itself, and nothing else has", _gue_port),
    PathCheck("tun.checksum", "the tunnel can carry the checksum", _checksum),
    PathCheck("tun.gre-checksum", "GRE to one RIP is of one kind", _one_gre_checksum),
    PathCheck("tun.mtu", "packets of a usable size fit into the tunnel", _mtu),
    PathCheck("tun.pmtu-disc", "clients are told of packets that are too large", _pmtu_disc),
)
