# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Send ARP and neighbour discovery messages. Both functions raise OSError."""

from __future__ import annotations

import socket
from typing import Callable

from .frames import HOP_LIMIT

OfMac = Callable[[bytes], bytes]  # builds a message from the interface's hardware address


def send_frame(device: str, frame: OfMac, times: int = 1) -> None:
    """Send an Ethernet frame."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((device, 0))
        content = frame(raw.getsockname()[4])
        for _time in range(times):
            raw.send(content)


def send_icmpv6(device: str, message: OfMac, target: str, times: int = 1) -> None:
    """Send an ICMPv6 message to a multicast address of the link."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((device, 0))
        content = message(link.getsockname()[4])
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as raw:
        index = socket.if_nametoindex(device)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, HOP_LIMIT)
        for _time in range(times):
            raw.sendto(content, (target, 0, 0, index))
