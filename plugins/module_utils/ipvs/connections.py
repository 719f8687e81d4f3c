# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Connections that were there at one time, and how many of them are there still.

A destination counts its connections, but does not tell those that came before a change of it from
those that came after. The kernel's list of connections does (net/netfilter/ipvs/ip_vs_conn.c,
ip_vs_conn_seq_show of Linux 6.1). Of each that was there a hash is kept in a file.

Health probes are in that list as well, those of another director by synchronisation. Each comes
from the port of its mark, again and again, so that it would never end: they are passed over.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from bisect import bisect
from collections import Counter
from itertools import groupby
from typing import Any, Collection, Iterable, Iterator, NamedTuple, Sequence

from ..net.ports import EVERY
from ..net.probe_marks import PORTS
from ..state import files, paths
from .model import Endpoint, endpoint
from .wait import COUNTED

_TABLE = "proc/net/ip_vs_conn"
_ADDRESSES = {"ipv4": "proc/net/fib_trie", "ipv6": "proc/net/if_inet6"}
_DIGEST = 8  # bytes: one of 10^13 new connections is taken for one of a million older ones
_LOCAL = re.compile(r"\|-- ([0-9.]+)\n *(?:/[0-9]+ (?!host LOCAL).*\n *)*/32 host LOCAL")
# tcp_state_active_table and sctp_state_active of the kernel
_ACTIVE = frozenset(("ESTABLISHED", "SYN_SENT", "SYN_RECV", "SYNACK"))


class Seen(NamedTuple):
    """A line of the kernel's list."""

    digest: bytes
    endpoint: Endpoint  # the one that was asked for
    destination: str
    kind: str  # of COUNTED


class _Ports:
    """The endpoints of one address, in the order of their ports."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = endpoints
        self._firsts = [one.ports.first for one in endpoints]

    def at(self, port: int) -> Endpoint | None:
        """The one that has a port."""
        number = bisect(self._firsts, port)
        if number and port <= self._endpoints[number - 1].ports.last:
            return self._endpoints[number - 1]
        return self._endpoints[0] if self._endpoints[0].ports == EVERY else None


class ConnectionSnapshot:
    """Those that were there, in a file: there may be a million, and a later run waits on for them.

    It belongs to a purpose and its endpoints; with other ones it starts again.
    """

    def __init__(self, purpose: str, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = endpoints
        name = f"{purpose} {sorted(endpoints)}"
        self._name = hashlib.blake2b(name.encode(), digest_size=_DIGEST).digest()

    def left(self) -> list[dict[str, Any]]:
        """How many of them are there still; all, where it begins."""
        name, *before = self._read()
        if name != self._name:
            found = [*look(self._endpoints)]
            digests = [self._name, *(one.digest for one in found)]
            files.write(paths.connections_file(), b"".join(digests), 0o600)
            return counted(found)
        known = {*before}
        return counted(one for one in look(self._endpoints) if one.digest in known)

    @staticmethod
    def forget() -> None:
        """Remove the file."""
        files.remove(paths.connections_file())

    @staticmethod
    def _read() -> list[bytes]:
        content = files.read(paths.connections_file()) or bytes(_DIGEST)
        return [content[at : at + _DIGEST] for at in range(0, len(content), _DIGEST)]


def look(endpoints: Sequence[Endpoint]) -> Iterator[Seen]:
    """The connections of these endpoints, one after the other as the kernel lists them."""
    try:
        with (paths.ROOT / _TABLE).open(encoding="ascii") as lines:
            yield from parse(lines, endpoints, _own())
    except FileNotFoundError:
        return  # the kernel has no IPVS loaded


def parse(
    lines: Iterable[str], endpoints: Sequence[Endpoint], own: Collection[str] = ()
) -> Iterator[Seen]:
    """Read the kernel's list; pass over probes from own addresses, which are as shown there."""
    wanted = {
        (protocol.upper(), _shown(address)): _Ports([*group])
        for (protocol, address), group in groupby(
            sorted(endpoints), key=lambda one: (one.protocol, one.address)
        )
    }
    for line in lines:
        words = line.replace("[", "").replace("]", "").split()
        protocol, client, client_port, address, port = words[:5]
        if protocol == "Pro" or client_port == "0000":
            continue  # the heading; a template of a persistent service
        # Another director's are in state CLOSE, in which no client's connection stays for long.
        if int(client_port, 16) in PORTS and (client in own or words[7] == "CLOSE"):
            continue
        place = wanted.get((protocol, address))
        found = place.at(int(port, 16)) if place else None
        if found:
            digest = hashlib.blake2b(" ".join(words[:7]).encode(), digest_size=_DIGEST).digest()
            kind = COUNTED[words[7] not in _ACTIVE]
            yield Seen(digest, found, endpoint(_read(words[5]), int(words[6], 16)), kind)


def counted(found: Iterable[Seen]) -> list[dict[str, Any]]:
    """How many there are, by service and destination."""
    counts = Counter((one.endpoint, one.destination, one.kind) for one in found)
    return [
        {
            "service": str(each),
            "protocol": each.protocol,
            "destination": destination,
            **{kind: counts[each, destination, kind] for kind in COUNTED},
            "persistent": 0,
        }
        for each, destination in sorted(
            {(each, destination) for each, destination, _kind in counts}
        )
    ]


def _own() -> set[str]:
    """The addresses of this host as the kernel lists them (fib_trie_seq_show, if6_seq_show)."""
    found = set()
    for family, name in _ADDRESSES.items():
        file = paths.ROOT / name
        if not file.exists():
            continue  # a host without IPv6
        if family == "ipv6":
            shown = (line.split()[0] for line in file.read_text(encoding="ascii").splitlines())
            found |= {str(ipaddress.IPv6Address(int(one, 16)).exploded) for one in shown}
        else:
            found |= {_shown(one) for one in _LOCAL.findall(file.read_text(encoding="ascii"))}
    return found


def _shown(address: str) -> str:
    """An address as the kernel lists it."""
    parsed = ipaddress.ip_address(address)
    return parsed.exploded if ":" in address else f"{int(parsed):08X}"


def _read(shown: str) -> str:
    """An address from the kernel's list."""
    if ":" in shown:
        return str(ipaddress.ip_address(shown))
    return str(ipaddress.IPv4Address(int(shown, 16)))
