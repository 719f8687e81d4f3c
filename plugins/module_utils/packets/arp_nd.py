# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Asks a network who has an address, by ARP or neighbour discovery, and hears all who claim it.

The kernel's own neighbour table keeps one answer only, and is neither asked nor changed.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import time
from typing import NamedTuple

from .capture import Capture, Wish
from .errors import PacketError

TIMES = 2  # a question may be lost
NOBODY = str(ipaddress.IPv4Address(0))  # asks by ARP without having an address
_PAUSE_SECONDS = 0.3
_BROADCAST = b"\xff" * 6
_ARPHRD_ETHER, _ETH_P_IP, _ETH_P_ARP, _ARPOP_REQUEST = 1, 0x0800, 0x0806, 1
_SOLICITATION, _SOURCE_LINK_LAYER_ADDRESS, _EIGHT_OCTETS = 135, 1, 1
_HOP_LIMIT = 255  # RFC 4861: with any other the packet came through a router, and is dropped


class Question(NamedTuple):
    """Asks who has this address in the network behind an interface."""

    address: str
    interface: str
    source: str  # this host's own IPv4 address there, for ARP; NOBODY where it has none


class Claim(NamedTuple):
    """An answer."""

    address: str
    interface: str
    mac: str


def ask(questions: list[Question], seconds: float) -> list[Claim]:
    """Ask all questions at once; gives every different answer."""
    wish = Wish(
        hosts=(),
        ports=(),
        neighbours=tuple(sorted({question.address for question in questions})),
        tunnel_ports=(),
        seconds=int(seconds + TIMES * _PAUSE_SECONDS) + 1,
        max_packets=1000,
    )
    with Capture(wish) as capture:
        for _time in range(TIMES):
            for question in questions:
                _send(question)
            time.sleep(_PAUSE_SECONDS)
        seen = capture.watch(after=seconds)
    asked = {(question.address, question.interface) for question in questions}
    claims = {
        Claim(one["address"], one["interface"], one["mac"])
        for one in seen["neighbours"]
        if one["is_answer"]
        and one["direction"] != "out"
        and (one["address"], one["interface"]) in asked
    }
    return sorted(claims)


def arp_request(mac: bytes, source: str, address: str) -> bytes:
    """An ARP request as an Ethernet frame."""
    head = struct.pack("!HHBBH", _ARPHRD_ETHER, _ETH_P_IP, 6, 4, _ARPOP_REQUEST)
    own, wanted = (socket.inet_pton(socket.AF_INET, one) for one in (source, address))
    body = head + mac + own + bytes(6) + wanted
    return _BROADCAST + mac + struct.pack("!H", _ETH_P_ARP) + body


def solicitation(mac: bytes, address: str) -> bytes:
    """A neighbour solicitation (RFC 4861, 4.3); the kernel adds the checksum."""
    option = bytes((_SOURCE_LINK_LAYER_ADDRESS, _EIGHT_OCTETS)) + mac
    head = struct.pack("!BBHI", _SOLICITATION, 0, 0, 0)
    return head + socket.inet_pton(socket.AF_INET6, address) + option


def solicited_node(address: str) -> str:
    """The multicast address that a host with an address listens to (RFC 4291, 2.7.1)."""
    base = int(ipaddress.IPv6Address("ff02::1:ff00:0"))
    return str(ipaddress.IPv6Address(base | int(ipaddress.IPv6Address(address)) & 0xFFFFFF))


def _send(question: Question) -> None:
    try:
        if ":" in question.address:
            _solicit(question.interface, question.address)
        else:
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
                raw.bind((question.interface, 0))
                mac = raw.getsockname()[4]
                raw.send(arp_request(mac, question.source, question.address))
    except OSError as error:
        raise PacketError(f"cannot ask on {question.interface}: {error.strerror}") from error


def _solicit(interface: str, address: str) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((interface, 0))
        mac = link.getsockname()[4]
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as raw:
        index = socket.if_nametoindex(interface)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, _HOP_LIMIT)
        raw.sendto(solicitation(mac, address), (solicited_node(address), 0, 0, index))
