# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Marks that lead a probe through the director's own datapath to one real server.

Each is a service of IPVS with one destination. These services are the health daemon's: no table
that is declared, read or purged has them.
"""

from __future__ import annotations

MARK_MASK = 0xFFFF0000
MARK_BASE = 0x4C560000  # "LV"
MARKS = range(MARK_BASE, MARK_BASE + 0x10000)


def is_probe_mark(fwmark: int) -> bool:
    """Whether a mark is one of those."""
    return fwmark & MARK_MASK == MARK_BASE
