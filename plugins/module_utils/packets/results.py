# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What became of requests and questions."""

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
    """What became of one request."""

    target: int  # its number
    source: str
    port: int
    result: str
    seconds: float
    status: str  # the first line of an HTTP answer


class Claim(NamedTuple):
    """An answer."""

    address: str
    interface: str
    mac: str
