# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether a TLS handshake succeeds; and what https shares with that."""

from __future__ import annotations

import re
from typing import Iterator

from ...fields import Field
from .kind import TLS, Asked, Kind, Misfit, Options

FIELDS = {"server_name": Field("str"), "verify_certificate": Field("bool", default=False)}
TEXTS = {
    "server_name": "The server name for the handshake (SNI) and for the certificate. The default "
    "is the name in C(host), or the checked address.",
    "verify_certificate": "Whether the certificate must be valid for the name, and signed by an "
    "authority that the director's system trusts. By default, any "
    "certificate is accepted.",
}
_LABEL = "(?!-)[A-Za-z0-9_-]{1,63}(?<!-)"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
_AN_ADDRESS = re.compile("[0-9A-Fa-f:.]+")


def misfits(options: Options) -> Iterator[Misfit]:
    """Yield what cannot be a name."""
    name = options["server_name"]
    if name is not None and not _NAME.fullmatch(name) and not _AN_ADDRESS.fullmatch(name):
        yield "server_name", "the name of a host, as certificates have it"


def name_of(options: Options, asked: Asked) -> str:
    """Return the name that the handshake asks for; of an address it is only compared."""
    host = options.get("host") or asked.address
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    return str(options["server_name"] or host)


def words(reason: str | None, verdict: str) -> str:
    """Return an error of OpenSSL in words."""
    return verdict or (reason or "no handshake").lower().replace("_", " ")


KIND = Kind("tls", TLS, "A TLS handshake succeeds.", FIELDS, TEXTS, misfits)
