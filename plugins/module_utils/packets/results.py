# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Results of requests and neighbour queries."""

from __future__ import annotations

from typing import NamedTuple

ANSWERED, REFUSED, TIMED_OUT, UNREACHABLE, SILENT, STALLED = (
    "answered",
    "refused",
    "timed out",
    "unreachable",
    "no answer",
    "stalled",
)
RESULTS = (ANSWERED, REFUSED, TIMED_OUT, UNREACHABLE, SILENT, STALLED)


class Result(NamedTuple):
    """The result of one request."""

    target: int  # its number
    source: str
    port: int
    result: str
    seconds: float
    status: str  # the first line of an HTTP answer


class NeighbourReply(NamedTuple):
    """A reply to a neighbour query."""

    address: str
    interface: str
    mac: str
