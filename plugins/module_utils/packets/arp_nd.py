# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Query an address by ARP or neighbour discovery, and collect every reply.

The kernel's neighbour table keeps only one reply. This code neither reads nor changes it.
"""

from __future__ import annotations

import time

from ..net.frames import arp_request, solicitation, solicited_node
from ..net.send import send_frame, send_icmpv6
from .capture import Capture
from .errors import PacketError
from .requests import CaptureSpec, NeighbourQuery
from .results import NeighbourReply

TIMES = 2  # a query may be lost
_PAUSE_SECONDS = 0.3


def ask(queries: list[NeighbourQuery], seconds: float) -> list[NeighbourReply]:
    """Send all queries at once; return every distinct reply."""
    spec = CaptureSpec(
        hosts=(),
        ports=(),
        neighbours=tuple(sorted({query.address for query in queries})),
        tunnel_ports=(),
        seconds=int(seconds + TIMES * _PAUSE_SECONDS) + 1,
        max_packets=1000,
    )
    with Capture(spec) as capture:
        for _time in range(TIMES):
            for query in queries:
                _send(query)
            time.sleep(_PAUSE_SECONDS)
        seen = capture.watch(after=seconds)
    asked = {(query.address, query.interface) for query in queries}
    replies = {
        NeighbourReply(neighbour["address"], neighbour["interface"], neighbour["mac"])
        for neighbour in seen["neighbours"]
        if neighbour["is_answer"]
        and neighbour["direction"] != "out"
        and (neighbour["address"], neighbour["interface"]) in asked
    }
    return sorted(replies)


def _send(query: NeighbourQuery) -> None:
    address, interface = query.address, query.interface
    try:
        if ":" in address:
            send_icmpv6(interface, lambda mac: solicitation(mac, address), solicited_node(address))
        else:
            send_frame(interface, lambda mac: arp_request(mac, query.source, address))
    except OSError as error:
        raise PacketError(f"cannot send queries on {interface}: {error.strerror}") from error
