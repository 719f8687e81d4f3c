# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Encoding of ARP and neighbour discovery messages."""

from __future__ import annotations

import struct
from ipaddress import IPv6Address
from socket import AF_INET, AF_INET6, inet_pton

ALL_NODES = "ff02::1"
HOP_LIMIT = 255  # RFC 4861: receivers drop any other, because a router forwarded the packet

ADVERTISEMENT = 136

_BROADCAST = b"\xff" * 6
_ARPHRD_ETHER, _ETH_P_IP, _ETH_P_ARP, _ARPOP_REQUEST = 1, 0x0800, 0x0806, 1
_ARPOP_REPLY = 2
_ETHERNET_HEADER = 14
_ETHERNET_LENGTHS = (6, 4)  # of a hardware address and of an IPv4 address

_SOLICITATION, _OVERRIDE = 135, 0x20000000
_SOURCE_LINK_LAYER_ADDRESS, _TARGET_LINK_LAYER_ADDRESS, _EIGHT_OCTETS = 1, 2, 1


def arp_request(mac: bytes, source: str, address: str) -> bytes:
    """Return an ARP request as an Ethernet frame; source == address announces it (RFC 5227)."""
    head = struct.pack("!HHBBH", _ARPHRD_ETHER, _ETH_P_IP, *_ETHERNET_LENGTHS, _ARPOP_REQUEST)
    own, wanted = (inet_pton(AF_INET, one) for one in (source, address))
    body = head + mac + own + bytes(6) + wanted
    return _BROADCAST + mac + struct.pack("!H", _ETH_P_ARP) + body


def solicitation(mac: bytes, address: str) -> bytes:
    """Return a neighbour solicitation (RFC 4861, 4.3); the kernel adds the checksum."""
    return _message(_SOLICITATION, 0, address, _SOURCE_LINK_LAYER_ADDRESS, mac)


def advertisement(mac: bytes, address: str) -> bytes:
    """Return an unsolicited advertisement (RFC 4861, 7.2.6); the kernel adds the checksum."""
    return _message(ADVERTISEMENT, _OVERRIDE, address, _TARGET_LINK_LAYER_ADDRESS, mac)


def is_arp_reply(frame: bytes, address: str) -> bool:
    """Whether an Ethernet frame is the answer of whoever has an IPv4 address."""
    arp = frame[_ETHERNET_HEADER:]
    head = struct.pack("!HHBBH", _ARPHRD_ETHER, _ETH_P_IP, *_ETHERNET_LENGTHS, _ARPOP_REPLY)
    return arp.startswith(head) and arp[14:18] == inet_pton(AF_INET, address)


def is_advertisement(message: bytes, address: str) -> bool:
    """Whether an ICMPv6 message is the answer of whoever has an IPv6 address."""
    return message[:1] == bytes([ADVERTISEMENT]) and message[8:24] == inet_pton(AF_INET6, address)


def solicited_node(address: str) -> str:
    """Return the solicited-node multicast address of an address (RFC 4291, 2.7.1)."""
    base = int(IPv6Address("ff02::1:ff00:0"))
    return str(IPv6Address(base | int(IPv6Address(address)) & 0xFFFFFF))


def _message(kind: int, flags: int, address: str, option: int, mac: bytes) -> bytes:
    head = struct.pack("!BBHI", kind, 0, 0, flags)
    return head + inet_pton(AF_INET6, address) + bytes((option, _EIGHT_OCTETS)) + mac
