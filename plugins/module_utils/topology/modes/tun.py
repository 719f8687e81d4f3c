# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Tunnels: the director wraps the request; the real server has the VIP, and unwraps it.

Requests have to fit into the tunnel.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any, Iterator

from ...ipvs.model import TUNNEL
from ...net.addresses import MAX_PORT, family
from ...net.ports import PortRange
from ...tunnels.kind import CHECKSUMS, NO_CHECKSUM
from ...tunnels.table import DEFAULT, KINDS
from ..declaration.key import Key
from ..declaration.model import Service, Shape
from ..paths.path import Path, once_per_leg
from ..paths.routed import Routed
from ..routing.flow import Flow
from ..topology import Topology
from ..violation import Finding
from . import real_server_vip
from .addresses import routed
from .check import PathCheck
from .mode import ONE_WAY_REUSE, Additions, Demand, Mode
from .tunnel import Tunnel, effective_mtu, ingress_mtu, mss_limit, tunnel_of

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
    if path.node is None or not covered or real_server_vip.EVERY_INTERFACE in covered:
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
    if not tunnel.kind.has_port:
        if tunnel.port:
            having = " and ".join(kind.name for kind in KINDS.values() if kind.has_port)
            got = f"tunnel_port: {tunnel.port} for {tunnel.type}"
            yield Finding(got, f"no port: only {having} has")
        return
    if not tunnel.port:
        expected = f"1 to {MAX_PORT}, the UDP port to which {tunnel.type} is sent"
        yield Finding("no tunnel_port", expected)
        return
    for ports, other in _of_udp_ports(topology).get(path.server.host, {}).items():
        if ports.first <= tunnel.port <= ports.last:
            yield Finding(
                f"tunnel_port: {tunnel.port}, at which this host serves {other.name}",
                "a UDP port that nothing else on the real server has",
            )
            return


@lru_cache(maxsize=1)
def _of_udp_ports(topology: Topology) -> dict[str, dict[PortRange, Service]]:
    """The first service at each host's UDP ports."""
    first: dict[str, dict[PortRange, Service]] = {}
    for path in topology.paths:
        if path.node and "udp" in path.service.protocols:
            own = first.setdefault(path.node.name, {})
            for ports in path.ports:
                own.setdefault(ports, path.service)
    return first


def _checksum(path: Path, _topology: Topology) -> Iterator[Finding]:
    tunnel = tunnel_of(path.service)
    allowed = tunnel.kind.checksums
    if tunnel.checksum not in allowed:
        yield Finding(
            f"tunnel_checksum: {tunnel.checksum} for {tunnel.type}",
            f"{' or '.join(allowed)}: it has no room for another",
        )


def _one_gre_checksum(path: Path, topology: Topology) -> Iterator[Finding]:
    mine = tunnel_of(path.service)
    if not mine.kind.checks_per_device:
        return
    # The first one is taken to be right, so that only the others are wrong.
    other = _first_with_checksums(topology)[mine.type, path.rip.text]
    theirs = tunnel_of(other)
    if mine.checksum != theirs.checksum:
        yield Finding(
            f"tunnel_checksum: {mine.checksum}, and {theirs.checksum} in the service "
            f"{other.name}, to the same RIP {path.rip.text}",
            f"the same for both: a device takes {mine.type.upper()} with checksums, or without",
        )


@lru_cache(maxsize=1)
def _first_with_checksums(topology: Topology) -> dict[tuple[str, str], Service]:
    """The first service that reaches each RIP by each kind whose devices check or do not."""
    first: dict[tuple[str, str], Service] = {}
    for path in topology.paths:
        if path.rips and path.mode == TUN.name:
            kind = tunnel_of(path.service).kind
            if kind.checks_per_device:
                first.setdefault((kind.name, path.rip.text), path.service)
    return first


def _mtu(path: Path, _topology: Topology) -> Iterator[Finding]:
    fits, needed = effective_mtu(path), _SMALLEST[path.vip.version]
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
            "1, or no value: otherwise clients do not learn of packets that are too large",
        )


_CHECKS = (
    *routed("tun"),
    *real_server_vip.checks(
        "tun",
        reason="TUN leaves the packet inside as it is",
        by_hand="VIP, tunnel and rp_filter",
    ),
    PathCheck("tun.vip-is-dip", "a VIP is not the DIP", _vip_is_dip),
    PathCheck(
        "tun.arp-suppressed",
        "only the director answers ARP for a VIP",
        _arp_suppressed,
        is_acceptable=True,
    ),
    PathCheck("tun.gue-port", "gue has a UDP port to itself, and nothing else has", _gue_port),
    PathCheck("tun.checksum", "the tunnel can carry the checksum", _checksum),
    PathCheck("tun.gre-checksum", "GRE to one RIP is of one kind", _one_gre_checksum),
    PathCheck("tun.mtu", "packets of a usable size fit into the tunnel", _mtu),
    PathCheck(
        "tun.pmtu-disc",
        "clients learn of packets that are too large",
        _pmtu_disc,
        is_acceptable=True,
    ),
)


def _real_server(path: Path) -> Additions:
    tunnel, limit = tunnel_of(path.service), mss_limit(path)
    return {
        "vips": [path.virtual.text],
        "tunnels": _tunnels(path, tunnel),
        "mss_limits": [{"address": path.virtual.text, "size": limit}] if limit else [],
        "loose_rp_filter": _asymmetric_devices(path),
    }


@once_per_leg
def _tunnels(path: Path, tunnel: Tunnel) -> list[dict[str, Any]]:
    return [
        {
            "type": tunnel.type,
            "local": path.rip.text,
            "family": family(path.vip),
            "port": tunnel.port or None,
            "checksum": tunnel.kind.checks_per_device and tunnel.checksum != NO_CHECKSUM,
        }
    ]


@once_per_leg
def _asymmetric_devices(path: Path) -> list[str]:
    """The RIP's device, if a director is not behind it for the host's main routes (IPv4)."""
    if path.node is None or family(path.rip.address) != "ipv4":
        return []
    devices = {
        route.device
        for dip in path.dips
        for route in path.node.ways(
            Flow(dip.interface.alone, path.rip.address, vrf=path.node.vrfs.get(path.rip.device, ""))
        ).routes
    }
    return [] if devices == {path.rip.device} else [path.rip.device]


def _destination(path: Path) -> dict[str, Any]:
    tunnel = tunnel_of(path.service)
    return {
        "tunnel_type": tunnel.type,
        "tunnel_port": tunnel.port,
        "tunnel_checksum": tunnel.checksum,
    }


def _warnings(path: Path) -> Iterator[str]:
    service, fits = path.service, effective_mtu(path)
    if path.rip.address.version != path.vip.version:
        yield (
            f"service {service.name} reaches {path.server} by {family(path.rip.address)}: the "
            "kernel runs no synchronisation daemon beside destinations of another family"
        )
    if ingress_mtu(path) <= fits:
        return
    if {*service.protocols} != {"tcp"}:
        yield (
            f"service {service.name}: packets for {path.vip} of more than {fits} bytes do not fit "
            "into the tunnel; those that must not be fragmented are answered with ICMP"
        )
    elif path.node is None:
        yield (
            f"service {service.name}: packets for {path.vip} of more than {fits} bytes do not fit "
            f"into the tunnel to {path.server}; limit its TCP segments by hand"
        )


_WITH_PORT = " and ".join(f"V({kind.name})" for kind in KINDS.values() if kind.has_port)
_WITH_CHECKSUM = ", ".join(
    f"V({checksum}) with {' and '.join(kinds) if len(kinds) < len(KINDS) else 'every kind'}"
    for checksum in CHECKSUMS
    for kinds in [[f"V({kind.name})" for kind in KINDS.values() if checksum in kind.checksums]]
)
_KEYS = {
    "tunnel": Key("The kind of tunnel.", default=DEFAULT.name, choices=tuple(KINDS)),
    "tunnel_port": Key(
        f"The UDP port. It is required with {_WITH_PORT}; V(0) means none.",
        "int",
        default=0,
        high=MAX_PORT,
    ),
    "tunnel_checksum": Key(
        f"The checksum of the outer packet: {_WITH_CHECKSUM}.",
        default=NO_CHECKSUM,
        choices=CHECKSUMS,
    ),
}

TUN = Mode(
    name="tun",
    shape=Shape(service_keys=_KEYS, server_keys=real_server_vip.KEYS),
    forwarding=TUNNEL,
    demand=Demand(through_director=False, rewritten=False, wrapped=True, local_source=False),
    resolver=partial(Routed, mixed=True),
    checks=_CHECKS,
    real_server=_real_server,
    destination=_destination,
    tunnel=tunnel_of,
    warnings=_warnings,
    doubts=real_server_vip.doubts_of_replies,
    settings={**ONE_WAY_REUSE, "pmtu_disc": 1},
)
