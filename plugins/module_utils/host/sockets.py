# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Sockets of ``/proc/net`` that take requests; see proc_pid_net(5)."""

from __future__ import annotations

import ipaddress
import struct
from typing import Any, Iterator

# include/net/tcp_states.h: TCP_LISTEN; a UDP socket that is not connected has TCP_CLOSE.
STATES = {"tcp": "0A", "udp": "07"}


def listening(protocol: str, text: str) -> Iterator[dict[str, Any]]:
    """Yield address and port of each socket of a file such as ``/proc/net/tcp6``."""
    for line in text.splitlines()[1:]:
        _number, local, _remote, state, *_rest = line.split()
        if state == STATES[protocol]:
            address, _colon, port = local.partition(":")
            yield {"protocol": protocol, "address": _address(address), "port": int(port, 16)}


def _address(text: str) -> str:
    """Words of four bytes, each in the order of this machine."""
    words = [int(text[start : start + 8], 16) for start in range(0, len(text), 8)]
    address = ipaddress.ip_address(struct.pack(f"={len(words)}I", *words))
    # A socket of both families that is bound to an IPv4 address (Java's) has ::ffff:a.b.c.d.
    return str(getattr(address, "ipv4_mapped", None) or address)
