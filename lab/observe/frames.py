# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ethernet frames in a pcap stream, reduced to what tells the path of a packet."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_ARP, _IPV4, _IPV6 = 0x0806, 0x0800, 0x86DD
_ARP_REPLY = 2
_ICMPV6, _NEIGHBOUR_ADVERTISEMENT = 58, 136
_WITH_PORTS = {6: "tcp", 17: "udp", 132: "sctp"}
_MAGIC = 0xA1B2C3D4


@dataclass(frozen=True)
class Packet:
    """A packet with ports, and between whom it travelled on this link."""

    protocol: str
    source_mac: str
    target_mac: str
    source: str
    source_port: int
    target: str
    target_port: int


@dataclass(frozen=True)
class Advertisement:
    """An ARP reply or a neighbour advertisement: this MAC address has that address."""

    mac: str
    address: str


def read(stream: bytes) -> Iterator[Packet | Advertisement]:
    """Read a pcap stream; one that was cut off ends with its last whole frame."""
    if len(stream) < 24:  # noqa: PLR2004  (the file header)
        return
    order = "<" if struct.unpack_from("<I", stream)[0] == _MAGIC else ">"
    position = 24
    while position + 16 <= len(stream):
        (length,) = struct.unpack_from(f"{order}I", stream, position + 8)
        position += 16
        frame = decode(stream[position : position + length])
        position += length
        if frame is not None:
            yield frame


def decode(frame: bytes) -> Packet | Advertisement | None:
    """Decode a frame; one of another kind, or too short for its kind, is none of ours."""
    try:
        (kind,) = struct.unpack_from("!H", frame, 12)
        if kind == _ARP:
            return _arp(frame)
        if kind == _IPV4:
            # Of a packet in fragments only the first one has ports.
            fragment = struct.unpack_from("!H", frame, 20)[0] & 0x1FFF
            header = (frame[14] & 0x0F) * 4
            return None if fragment else _packet(frame, frame[23], 26, 4, 14 + header)
        if kind == _IPV6:
            if frame[20] == _ICMPV6:
                return _advertisement(frame)
            return _packet(frame, frame[20], 22, 16, 54)
    except (IndexError, struct.error):
        pass
    return None


def _mac(frame: bytes, start: int) -> str:
    return frame[start : start + 6].hex(":")


def _address(frame: bytes, start: int, size: int) -> str:
    packed = frame[start : start + size]
    if len(packed) < size:
        raise IndexError
    return str(ipaddress.ip_address(packed))


def _arp(frame: bytes) -> Advertisement | None:
    (operation,) = struct.unpack_from("!H", frame, 20)
    return (
        Advertisement(_mac(frame, 6), _address(frame, 28, 4)) if operation == _ARP_REPLY else None
    )


def _advertisement(frame: bytes) -> Advertisement | None:
    if frame[54] != _NEIGHBOUR_ADVERTISEMENT:
        return None
    return Advertisement(_mac(frame, 6), _address(frame, 62, 16))


def _packet(frame: bytes, number: int, addresses: int, size: int, ports: int) -> Packet | None:
    if number not in _WITH_PORTS:
        return None
    source_port, target_port = struct.unpack_from("!HH", frame, ports)
    return Packet(
        protocol=_WITH_PORTS[number],
        source_mac=_mac(frame, 6),
        target_mac=_mac(frame, 0),
        source=_address(frame, addresses, size),
        source_port=source_port,
        target=_address(frame, addresses + size, size),
        target_port=target_port,
    )
