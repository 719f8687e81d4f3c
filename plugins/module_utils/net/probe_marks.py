# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Marks that lead a probe through the director's own datapath to one real server.

Each is a service of IPVS with one destination. These services are the health daemon's: no table
that is declared, read or purged has them. A probe asks from a port that belongs to its mark.
"""

from __future__ import annotations

MARK_MASK = 0xFFFF0000
MARK_BASE = 0x4C560000  # "LV"
MARKS = range(MARK_BASE, MARK_BASE + 0x10000)
PORTS = range(61000, 65536)  # what net.ipv4.ip_local_port_range leaves free by default
# What the mark of a service has to be.
EXPECTED = f"another mark: {MARKS[0]} to {MARKS[-1]} lead health probes"


def is_probe_mark(fwmark: int) -> bool:
    """Whether a mark is one of those."""
    return fwmark & MARK_MASK == MARK_BASE


def probe_port(fwmark: int) -> int:
    """Return the port that probes with a mark come from.

    IPVS knows a connection by addresses and ports before it looks at the mark (ip_vs_in_hook() in
    net/netfilter/ipvs/ip_vs_core.c). From a port that another mark has used, a probe would go to
    the real server of that one as long as IPVS remembers the connection.
    """
    return PORTS[(fwmark - MARK_BASE) % len(PORTS)]
