# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on a host that is no director: says for ever that it is master, before all others.

Its arguments are the number of the virtual router, the address that advertisements name, the host's
own one, and where this goes to: directors, and the group. Needs the standard library alone.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from ipaddress import ip_address

VRRP, TTL, EVERY_SECONDS = 112, 255, 1.0


def advertisement(router_id: int, vip: str, source: str, target: str) -> bytes:
    """VRRP version 3 (RFC 5798, 5.1), with the best of priorities."""
    address = ip_address(vip).packed
    begin = struct.pack("!BBBBH", 3 << 4 | 1, router_id, 255, 1, 100)
    ends = ip_address(source).packed + ip_address(target).packed
    length = len(begin) + 2 + len(address)
    words = ends + struct.pack("!HH", VRRP, length) + begin + address
    total = sum(struct.unpack(f"!{len(words) // 2}H", words))
    folded = (total & 0xFFFF) + (total >> 16)
    return begin + struct.pack("!H", ~folded & 0xFFFF) + address


def main() -> None:
    """Send to each of them, once a second."""
    router_id, vip, source, *targets = sys.argv[1:]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, VRRP) as sender:
        for option in (socket.IP_TTL, socket.IP_MULTICAST_TTL):
            sender.setsockopt(socket.IPPROTO_IP, option, TTL)
        sender.bind((source, 0))
        while True:
            for target in targets:
                sender.sendto(advertisement(int(router_id), vip, source, target), (target, 0))
            time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    main()
