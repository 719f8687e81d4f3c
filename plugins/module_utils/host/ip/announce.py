# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Tells the neighbours which host has an address now, so that their caches need not time out."""

from __future__ import annotations

import socket
import struct

_TIMES = 3  # nobody confirms an announcement, and one packet may be lost
_BROADCAST = b"\xff" * 6
_ARPHRD_ETHER, _ETH_P_IP, _ETH_P_ARP, _ARPOP_REQUEST = 1, 0x0800, 0x0806, 1
_ETHERNET_LENGTHS = (6, 4)  # of a hardware address and of an IPv4 address

_NEIGHBOUR_ADVERTISEMENT, _OVERRIDE = 136, 0x20000000
_TARGET_LINK_LAYER_ADDRESS, _EIGHT_OCTETS = 2, 1
_ALL_NODES = "ff02::1"
_HOP_LIMIT = 255  # RFC 4861: with any other the packet came through a router, and is dropped


def announce(device: str, address: str) -> list[str]:
    """Announce an address of a device; gives the reason when that could not be done."""
    try:
        if ":" in address:
            _advertise(device, address)
        else:
            _announce_arp(device, address)
    except OSError as error:
        return [error.strerror or str(error)]
    return []


def arp_announcement(mac: bytes, address: str) -> bytes:
    """An ARP announcement as an Ethernet frame (RFC 5227: sender and target are the address)."""
    packed = socket.inet_pton(socket.AF_INET, address)
    head = struct.pack("!HHBBH", _ARPHRD_ETHER, _ETH_P_IP, *_ETHERNET_LENGTHS, _ARPOP_REQUEST)
    body = head + mac + packed + bytes(6) + packed
    return _BROADCAST + mac + struct.pack("!H", _ETH_P_ARP) + body


def advertisement(mac: bytes, address: str) -> bytes:
    """An unsolicited neighbour advertisement (RFC 4861, 7.2.6); the kernel adds the checksum."""
    head = struct.pack("!BBHI", _NEIGHBOUR_ADVERTISEMENT, 0, 0, _OVERRIDE)
    option = bytes((_TARGET_LINK_LAYER_ADDRESS, _EIGHT_OCTETS)) + mac
    return head + socket.inet_pton(socket.AF_INET6, address) + option


def _announce_arp(device: str, address: str) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((device, 0))
        frame = arp_announcement(raw.getsockname()[4], address)
        for _time in range(_TIMES):
            raw.send(frame)


def _advertise(device: str, address: str) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((device, 0))
        mac = link.getsockname()[4]
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as raw:
        index = socket.if_nametoindex(device)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, _HOP_LIMIT)
        for _time in range(_TIMES):
            raw.sendto(advertisement(mac, address), (_ALL_NODES, 0, 0, index))
