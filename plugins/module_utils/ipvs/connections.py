# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Connections that were there at one time, and how many of them are there still.

A destination counts its connections, but does not tell those that came before a change of it from
those that came after. The kernel's list of connections does (net/netfilter/ipvs/ip_vs_conn.c,
ip_vs_conn_seq_show of Linux 6.1). Of each that was there a hash is kept in a file.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Sequence

from ..errors import UserError
from ..net.addresses import MAX_PORT, is_address
from ..state import paths
from .model import endpoint
from .wait import ON_TIMEOUT, WAIT_SPEC

KINDS = ("active", "inactive")

SNAPSHOT_SPEC: dict[str, Any] = {
    "wait_for": {**WAIT_SPEC["wait_for"], "choices": [*KINDS]},
    "timeout": WAIT_SPEC["timeout"],
    "poll_interval": WAIT_SPEC["poll_interval"],
    "on_timeout": {"type": "str", "default": "fail", "choices": [*ON_TIMEOUT]},
}

_TABLE = "proc/net/ip_vs_conn"
_PREFIX = "lvs-topology-connections-"
_DIGEST = 8  # bytes: one of 10^13 new connections is taken for one of a million older ones
# tcp_state_active_table and sctp_state_active of the kernel
_ACTIVE = frozenset(("ESTABLISHED", "SYN_SENT", "SYN_RECV", "SYNACK"))


class Endpoint(NamedTuple):
    """Where clients connect to."""

    protocol: str
    address: str
    port: int  # 0 = every port

    def __str__(self) -> str:
        return f"{self.protocol} {endpoint(self.address, self.port)}"


class Seen(NamedTuple):
    """A line of the kernel's list."""

    digest: bytes
    endpoint: Endpoint  # the one that was asked for
    destination: str
    kind: str  # of KINDS


class ConnectionSnapshot:
    """The file of those that were there: on the host, because there may be a million."""

    def __init__(self, name: str) -> None:
        self._path = _folder() / f"{_PREFIX}{name}"

    @classmethod
    def begin(cls, endpoints: Sequence[Endpoint]) -> tuple[str, list[dict[str, Any]]]:
        """Remember those that are there now; gives a name for the file, and how many there are."""
        found = [*look(endpoints)]
        descriptor, path = tempfile.mkstemp(prefix=_PREFIX, dir=str(_folder()))
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(b"".join(one.digest for one in found))
        return Path(path).name[len(_PREFIX) :], counted(found)

    def left(self, endpoints: Sequence[Endpoint]) -> list[dict[str, Any]]:
        """How many of them are there still."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError as missing:
            raise UserError(
                f"{self._path} is gone: nothing is known of what was there"
            ) from missing
        before = {content[at : at + _DIGEST] for at in range(0, len(content), _DIGEST)}
        return counted(one for one in look(endpoints) if one.digest in before)

    def forget(self) -> None:
        """Remove the file."""
        self._path.unlink(missing_ok=True)


def look(endpoints: Sequence[Endpoint]) -> Iterator[Seen]:
    """The connections of these endpoints, one after the other as the kernel lists them."""
    try:
        with (paths.ROOT / _TABLE).open(encoding="ascii") as lines:
            yield from parse(lines, endpoints)
    except FileNotFoundError:
        return  # the kernel has no IPVS loaded


def parse(lines: Iterable[str], endpoints: Sequence[Endpoint]) -> Iterator[Seen]:
    """Read the kernel's list."""
    wanted = {(one.protocol.upper(), _shown(one.address), one.port): one for one in endpoints}
    for line in lines:
        words = line.replace("[", "").replace("]", "").split()
        protocol, _client, client_port, address, port = words[:5]
        if protocol == "Pro" or client_port == "0000":
            continue  # the heading; a template of a persistent service
        number = int(port, 16)
        found = wanted.get((protocol, address, number)) or wanted.get((protocol, address, 0))
        if found:
            digest = hashlib.blake2b(" ".join(words[:7]).encode(), digest_size=_DIGEST).digest()
            kind = KINDS[words[7] not in _ACTIVE]
            yield Seen(digest, found, endpoint(_read(words[5]), int(words[6], 16)), kind)


def counted(found: Iterable[Seen]) -> list[dict[str, Any]]:
    """How many there are, by service and destination."""
    counts = Counter((one.endpoint, one.destination, one.kind) for one in found)
    return [
        {
            "service": str(each),
            "protocol": each.protocol,
            "destination": destination,
            **{kind: counts[each, destination, kind] for kind in KINDS},
            "persistent": 0,
        }
        for each, destination in sorted(
            {(each, destination) for each, destination, _kind in counts}
        )
    ]


def wrong_endpoints(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with endpoints."""
    found = []
    for index, item in enumerate(items):
        if not is_address(item["address"]):
            found.append(
                f"endpoints[{index}].address: found {item['address']!r}, "
                "wanted an IPv4 or IPv6 address"
            )
        if not 0 <= item["port"] <= MAX_PORT:
            found.append(f"endpoints[{index}].port: found {item['port']}, wanted 0 to {MAX_PORT}")
    return found


def _folder() -> Path:
    return paths.ROOT / "run"


def _shown(address: str) -> str:
    """An address as the kernel lists it."""
    parsed = ipaddress.ip_address(address)
    return parsed.exploded if ":" in address else f"{int(parsed):08X}"


def _read(shown: str) -> str:
    """An address from the kernel's list."""
    if ":" in shown:
        return str(ipaddress.ip_address(shown))
    return str(ipaddress.IPv4Address(int(shown, 16)))
