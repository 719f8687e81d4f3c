# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Asks whether a neighbour is there, by ARP or neighbour discovery.

A packet filter does not see ARP, and one that drops neighbour discovery leaves nothing of IPv6. The
kernel's own table would tell the same, but of an old entry not before 8 seconds: it waits
(``delay_first_probe_time``), and then asks three times.
"""

from __future__ import annotations

import errno
import socket
import struct
import time
from contextlib import suppress
from typing import Callable

from .frames import (
    ADVERTISEMENT,
    arp_request,
    is_advertisement,
    is_arp_reply,
    solicitation,
    solicited_node,
)
from .send import send_frame, send_icmpv6

_TIMES, _PAUSE_SECONDS = 3, 0.33  # a question may be lost
_ETH_P_ARP, _ARPHRD_ETHER = 0x0806, 1
_ICMP6_FILTER = 1  # include/uapi/linux/icmpv6.h
_ENOUGH = 128  # bytes of either answer


def is_silent(device: str, source: str, address: str) -> bool:
    """Whether a neighbour does not answer within a second; not where nobody can ask."""
    with suppress(OSError):
        is_heard = _by_nd(device, address) if ":" in address else _by_arp(device, source, address)
        return not is_heard
    return False


def _by_arp(device: str, source: str, address: str) -> bool:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC) as link:
        link.bind((device, _ETH_P_ARP))
        if link.getsockname()[3] != _ARPHRD_ETHER:
            raise OSError(errno.EOPNOTSUPP, "no ARP there")
        return _hears(
            link,
            lambda: send_frame(device, lambda mac: arp_request(mac, source, address)),
            lambda frame: is_arp_reply(frame, address),
        )


def _by_nd(device: str, address: str) -> bool:
    kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC
    with socket.socket(socket.AF_INET6, kind, socket.IPPROTO_ICMPV6) as raw:
        # A bit for each type that does not come.
        others = (1 << 256) - 1 ^ (1 << ADVERTISEMENT)
        words = struct.pack("=8I", *(others >> shift & 0xFFFFFFFF for shift in range(0, 256, 32)))
        raw.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, words)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
        target = solicited_node(address)
        return _hears(
            raw,
            lambda: send_icmpv6(device, lambda mac: solicitation(mac, address), target),
            lambda message: is_advertisement(message, address),
        )


def _hears(
    listening: socket.socket, ask: Callable[[], None], is_answer: Callable[[bytes], bool]
) -> bool:
    """Whether an answer comes; others' messages cost no time."""
    for _time in range(_TIMES):
        with suppress(OSError):  # ENOBUFS at a cable without an end: a question that is lost
            ask()
        until = time.monotonic() + _PAUSE_SECONDS
        while time.monotonic() < until:
            listening.settimeout(max(0.001, until - time.monotonic()))
            with suppress(socket.timeout):
                if is_answer(listening.recv(_ENOUGH)):
                    return True
    return False
