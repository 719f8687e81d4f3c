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
    "server_name": "The name that the handshake asks for (SNI), and that a certificate is compared "
    "with; by default that of C(host), or else the address that is asked.",
    "verify_certificate": "Whether the certificate must be valid: by the authorities that the "
    "director's system trusts, and for the name. By default any certificate will do.",
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
