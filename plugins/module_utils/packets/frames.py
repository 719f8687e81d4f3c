# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Parsed frames: the headers that show a packet's path, without payload."""

from __future__ import annotations

import ipaddress
import struct
from typing import Any, Collection, Iterable, Iterator, Mapping, NamedTuple, Union

from ..tunnels.kind import Header
from ..tunnels.table import KINDS
from .bpf import (
    ARP,
    ICMP,
    ICMP_ERRORS,
    ICMPV6,
    IPV4,
    IPV6,
    NEIGHBOUR_ADVERTISEMENT,
    NEIGHBOUR_SOLICITATION,
    SCTP,
    TCP,
    UDP,
    V4,
    V6,
    VRRP,
)

PROTOCOLS = {TCP: "tcp", UDP: "udp", SCTP: "sctp"}
_VERSIONS = {"ipv4": V4, "ipv6": V6}
_OUTERMOST = {IPV4: V4, IPV6: V6}  # ethertype → IP version
_ICMP = {V4: ICMP, V6: ICMPV6}
_TCP_FLAGS = ((0x02, "S"), (0x10, "A"), (0x01, "F"), (0x04, "R"), (0x08, "P"))
_ARP_REPLY = 2
_ADVERTISEMENT = 1  # the one type of VRRP's messages
# include/uapi/linux/if_arp.h: devices whose frames begin with an Ethernet header
_ARPHRD_ETHER, _ARPHRD_LOOPBACK = 1, 772
_ETHERNET = 14
_TOO_BIG = {4: (3, 4), 6: (2, 0)}  # ICMP type and code, by IP version
PORT_UNREACHABLE = "port unreachable"
_REASONS = {
    4: {
        (3, 0): "network unreachable",
        (3, 1): "host unreachable",
        (3, 2): "protocol unreachable",
        (3, 3): PORT_UNREACHABLE,
        (3, 4): "packet too big",
        (3, 10): "prohibited",
        (3, 13): "prohibited",
        (5, 0): "redirected",
        (5, 1): "redirected",
        (11, 0): "hop limit exceeded",
    },
    6: {
        (1, 0): "network unreachable",
        (1, 1): "prohibited",
        (1, 3): "host unreachable",
        (1, 4): PORT_UNREACHABLE,
        (2, 0): "packet too big",
        (3, 0): "hop limit exceeded",
    },
}
# linux/if_packet.h, PACKET_HOST and so on: direction of a frame as its host saw it
_DIRECTIONS = {0: "in", 1: "in", 2: "in", 4: "out"}
OTHER = "other"


class Seen(NamedTuple):
    """Place and time of a frame."""

    time: float
    interface: str
    direction: str  # in, out, or other: a frame for another host
    source_mac: str  # "" if the device has no such addresses
    target_mac: str


class Packet(NamedTuple):
    """A packet with ports; in a tunnel, the inner packet with the outer addresses."""

    seen: Seen
    protocol: str
    source: str
    source_port: int
    target: str
    target_port: int
    flags: str  # of TCP: some of SAFRP
    sequence: int  # of TCP; else 0
    hops: int  # TTL or hop limit
    length: int  # of the outermost IP packet
    encapsulation: str  # the tunnel's name (``tunnels/kind.py``), or ""
    outer_source: str
    outer_target: str


class Neighbour(NamedTuple):
    """An ARP or ND message about an address."""

    seen: Seen
    is_answer: bool
    address: str
    mac: str  # of the reply's sender


class Error(NamedTuple):
    """An ICMP error, and addresses and ports of the packet that it quotes."""

    seen: Seen
    sender: str
    reason: str
    mtu: int  # if a packet was too big; else 0
    source: str
    target: str
    source_port: int  # 0 = it has no ports
    target_port: int


class Advertisement(NamedTuple):
    """What a VRRP master says of itself."""

    seen: Seen
    source: str
    target: str  # the other one of a pair, or a multicast group
    router_id: int
    priority: int  # 0 = it gives its addresses away


Frame = Union[Packet, Neighbour, Error, Advertisement]


class ExactFilter(NamedTuple):
    """The exact selection of frames; the kernel's filter accepts a few more."""

    hosts: Collection[str]
    neighbours: Collection[str]

    def wants(self, frame: Frame) -> bool:
        """Tell whether a frame matches."""
        if isinstance(frame, Advertisement):
            return True
        if isinstance(frame, Neighbour):
            return frame.address in self.neighbours
        known = {frame.source, frame.target}
        if isinstance(frame, Error):
            return bool(known & {*self.hosts, *self.neighbours})
        return bool(known & {*self.hosts})


class _Ip(NamedTuple):
    """An IP header, with the bytes after it."""

    version: int
    protocol: int
    source: str
    target: str
    hops: int
    length: int
    rest: bytes


class _Tunnel(NamedTuple):
    kind: str
    outer: _Ip


class _Format(NamedTuple):
    """What follows an outer header."""

    name: str
    header: Header
    versions: Collection[int]  # of the packet inside


def _formats(*, has_port: bool) -> Iterator[tuple[int, _Format]]:
    """Each IP protocol that is a tunnel; of a tunnel with a port, UDP."""
    for kind in KINDS.values():
        if kind.has_port is has_port:
            for one in kind.inside.values():
                alike = [
                    family for family, it in kind.inside.items() if it.protocol == one.protocol
                ]
                versions = [_VERSIONS[family] for family in alike]
                yield one.protocol, _Format(one.name, kind.header, versions)


_TUNNELS = dict(_formats(has_port=False))
_PORT_TUNNELS = dict(_formats(has_port=True))


def direction(packet_type: int) -> str:
    """Return a frame's direction from the kernel's packet type."""
    return _DIRECTIONS.get(packet_type, OTHER)


def parse(
    data: bytes, *, ethertype: int, hardware: int, seen: Seen, tunnel_ports: Collection[int] = ()
) -> Frame | None:
    """Parse a frame; return None for another kind, or one that is too short or contradicts itself.

    Its bytes may be anything: this returns.
    """
    if hardware in (_ARPHRD_ETHER, _ARPHRD_LOOPBACK):
        seen = seen._replace(target_mac=_mac(data, 0), source_mac=_mac(data, 6))
        data = data[_ETHERNET:]
    try:
        if ethertype == ARP:
            return _arp(data, seen)
        if ethertype in _OUTERMOST:
            return _above_ip(_ip(data, [_OUTERMOST[ethertype]]), seen, tunnel_ports)
    except (LookupError, struct.error, ValueError):
        pass
    return None


def _mac(frame: bytes, start: int) -> str:
    return ":".join(f"{byte:02x}" for byte in frame[start : start + 6])


def _arp(data: bytes, seen: Seen) -> Neighbour:
    (operation,) = struct.unpack_from("!H", data, 6)
    answers = operation == _ARP_REPLY
    about = 14 if answers else 24  # the subject of a reply is its sender
    return Neighbour(seen, answers, str(ipaddress.IPv4Address(data[about : about + 4])),
                     _mac(data, 8) if answers else "")  # fmt: skip


def _ip(data: bytes, versions: Collection[int]) -> _Ip:
    version = data[0] >> 4
    if version not in versions:
        raise ValueError("not the IP version that the header before it announces")
    if version == V4:
        (length, _identity, fragment) = struct.unpack_from("!HHH", data, 2)
        if fragment & 0x1FFF:
            raise ValueError("not a first fragment")
        return _Ip(
            version=version,
            protocol=data[9],
            source=str(ipaddress.IPv4Address(data[12:16])),
            target=str(ipaddress.IPv4Address(data[16:20])),
            hops=data[8],
            length=length,
            rest=data[(data[0] & 0x0F) * 4 :],
        )
    (length,) = struct.unpack_from("!H", data, 4)
    return _Ip(
        version=version,
        protocol=data[6],
        source=str(ipaddress.IPv6Address(data[8:24])),
        target=str(ipaddress.IPv6Address(data[24:40])),
        hops=data[7],
        length=length + 40,
        rest=data[40:],
    )


def _above_ip(header: _Ip, seen: Seen, tunnel_ports: Collection[int]) -> Frame | None:
    tunnel, inside = _inside(header, tunnel_ports)
    if inside.protocol in PROTOCOLS:
        return _packet(inside, tunnel, seen)
    if inside.protocol == _ICMP[inside.version]:
        return _icmp(inside, seen)
    if inside.protocol == VRRP and tunnel is None:
        return _vrrp(inside, seen)
    return None


def _inside(header: _Ip, tunnel_ports: Collection[int]) -> tuple[_Tunnel | None, _Ip]:
    rest = header.rest
    found = _TUNNELS.get(header.protocol)
    if header.protocol == UDP and struct.unpack_from("!H", rest, 2)[0] in tunnel_ports:
        found = _PORT_TUNNELS[UDP]
    if found is None:
        return None, header
    return _Tunnel(found.name, header), _ip(rest[found.header.length(rest) :], found.versions)


def _packet(inside: _Ip, tunnel: _Tunnel | None, seen: Seen) -> Packet:
    source_port, target_port = struct.unpack_from("!HH", inside.rest, 0)
    flags, sequence = "", 0
    if inside.protocol == TCP:
        (sequence,) = struct.unpack_from("!I", inside.rest, 4)
        flags = "".join(letter for bit, letter in _TCP_FLAGS if inside.rest[13] & bit)
    return Packet(
        seen=seen,
        protocol=PROTOCOLS[inside.protocol],
        source=inside.source,
        source_port=source_port,
        target=inside.target,
        target_port=target_port,
        flags=flags,
        sequence=sequence,
        hops=inside.hops,
        length=tunnel.outer.length if tunnel else inside.length,
        encapsulation=tunnel.kind if tunnel else "",
        outer_source=tunnel.outer.source if tunnel else "",
        outer_target=tunnel.outer.target if tunnel else "",
    )


def _vrrp(header: _Ip, seen: Seen) -> Advertisement | None:
    """Versions 2 and 3 begin alike: RFC 3768 and RFC 5798, 5.1."""
    version_and_type, router_id, priority = header.rest[:3]
    if version_and_type & 0x0F != _ADVERTISEMENT:
        return None
    return Advertisement(seen, header.source, header.target, router_id, priority)


def _icmp(inside: _Ip, seen: Seen) -> Neighbour | Error | None:
    kind, code = inside.rest[0], inside.rest[1]
    if inside.version == V6 and kind in (NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT):
        answers = kind == NEIGHBOUR_ADVERTISEMENT
        target = str(ipaddress.IPv6Address(inside.rest[8:24]))
        return Neighbour(seen, answers, target, seen.source_mac if answers else "")
    if kind not in ICMP_ERRORS[inside.version]:
        return None
    quoted = _ip(inside.rest[8:], [inside.version])
    mtu = 0
    if (kind, code) == _TOO_BIG[inside.version]:
        (mtu,) = struct.unpack_from("!I", inside.rest, 4)
    ports = quoted.rest[:4] if quoted.protocol in PROTOCOLS else bytes(4)
    source_port, target_port = struct.unpack("!HH", ports)
    return Error(
        seen=seen,
        sender=inside.source,
        reason=_REASONS[inside.version].get((kind, code), f"ICMP {kind}/{code}"),
        mtu=mtu & 0xFFFF if inside.version == V4 else mtu,
        source=quoted.source,
        target=quoted.target,
        source_port=source_port,
        target_port=target_port,
    )


NAMES: dict[Any, str] = {
    Packet: "packets",
    Neighbour: "neighbours",
    Error: "errors",
    Advertisement: "advertisements",
}
"""Under which name each kind of frame is in plain data."""


def dump(frames: Iterable[Frame]) -> dict[str, list[dict[str, Any]]]:
    """Return frames as plain data, by their kind."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in NAMES.values()}
    for frame in frames:
        plain = frame._asdict()
        found[NAMES[type(frame)]].append({**plain.pop("seen")._asdict(), **plain})
    return found


def load(found: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[Frame]:
    """Return the frames from the plain data of ``dump``."""
    for kind, name in NAMES.items():
        for one in found[name]:
            seen = Seen(*(one[field] for field in Seen._fields))
            yield kind(seen, *(one[field] for field in kind._fields[1:]))
