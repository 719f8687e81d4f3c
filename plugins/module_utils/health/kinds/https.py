# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The same as http, in TLS."""

from __future__ import annotations

from typing import Iterator

from . import http, tls
from .kind import TLS, Asked, Kind, Misfit, Options

PORT = 443


def misfits(options: Options) -> Iterator[Misfit]:
    """Yield what does not fit in either."""
    yield from http.misfits(options)
    yield from tls.misfits(options)


def request(options: Options, asked: Asked) -> bytes:
    """Return the request, with the host that this port has by default."""
    host = options["host"] or options["server_name"] or http.host_of(asked, PORT)
    return http.request_for(options["url"], host)


KIND = Kind(
    "https",
    TLS,
    "The same as V(http), in TLS.",
    {**http.FIELDS, **tls.FIELDS},
    {**http.TEXTS, **tls.TEXTS},
    misfits,
    request,
    http.judge,
)
