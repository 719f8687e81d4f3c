# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A classic BPF program that drops unwanted packets in the kernel.

All loads are relative to the network header (SKF_NET_OFF), so that one program fits every kind of
device. It may accept a few packets too many: it compares only the last 32 bits of an IPv6 address,
to stay small. The exact test is ``frames.ExactFilter``.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import Iterable, NamedTuple, Sequence

from ..tunnels.gue import GUE
from ..tunnels.kind import Header
from ..tunnels.table import KINDS

# include/uapi/linux/filter.h: where loads begin that are not relative to the frame's start
NETWORK = 0xFFF00000  # SKF_NET_OFF
ANCILLARY = 0xFFFFF000  # SKF_AD_OFF; at 0: the packet's ethertype

ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86DD
ICMP, TCP, UDP, ICMPV6, VRRP, SCTP = 1, 6, 17, 58, 112, 132
NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT = 135, 136
V4, V6 = 4, 6
# By IP version. Unreachable, redirect, time exceeded; unreachable, too big, time exceeded.
ICMP_ERRORS = {4: (3, 5, 11), 6: (1, 2, 3)}
_LAST_WORDS = {4: (12, 16), 6: (20, 36)}  # of source and target in an IP header

# include/uapi/linux/bpf_common.h. Loads are BPF_IND: relative to X.
_LOAD_WORD, _LOAD_HALF, _LOAD_BYTE, _LOAD_ETHERTYPE = 0x40, 0x48, 0x50, 0x20
_SET_X, _GET, _GET_X, _PUT, _PUT_X, _A_TO_X, _X_TO_A = 0x01, 0x60, 0x61, 0x02, 0x03, 0x07, 0x87
_ADD, _ADD_X, _AND, _LEFT, _RIGHT = 0x04, 0x0C, 0x54, 0x64, 0x74
_GO, _IF_EQUAL, _RETURN = 0x05, 0x15, 0x06

# Scratch memory: where the current IP header begins, where the next header does, and one more.
_HEADER, _NEXT, _SUM = 0, 1, 2

_ACCEPT = "accept"
_QUOTED = 8  # bytes of an ICMP error before the packet that it is about


class Instruction(NamedTuple):
    """struct sock_filter."""

    code: int
    if_true: int
    if_false: int
    value: int


class _Assembler:
    """Jumps only go forward, conditional ones at most 255 instructions: ours skip just one."""

    def __init__(self, accepted: int) -> None:
        self._lines: list[tuple[Instruction, str]] = []
        self._labels: dict[str, int] = {}
        self._accepted = accepted

    def do(self, code: int, value: int = 0) -> None:
        self._lines.append((Instruction(code, 0, 0, value), ""))

    def load(self, code: int, offset: int) -> None:
        """Load from the network header + X + offset."""
        self.do(code, NETWORK + offset)

    def label(self, name: str) -> None:
        self._labels[name] = len(self._lines)

    def go(self, label: str) -> None:
        self._lines.append((Instruction(_GO, 0, 0, 0), label))

    def go_if(self, value: int, label: str) -> None:
        self._lines.append((Instruction(_IF_EQUAL, 0, 1, value), ""))
        self.go(label)

    def accept_if_any(self, values: Iterable[int]) -> None:
        for value in values:
            self.go_if(value, _ACCEPT)

    def drop(self) -> None:
        self.do(_RETURN, 0)

    def program(self) -> tuple[Instruction, ...]:
        self.label(_ACCEPT)
        self.do(_RETURN, self._accepted)
        return tuple(
            line._replace(value=self._labels[label] - number - 1) if label else line
            for number, (line, label) in enumerate(self._lines)
        )


def program(
    hosts: Iterable[str],
    ports: Iterable[int],
    neighbours: Iterable[str],
    tunnel_ports: Iterable[int],
    accepted: int,
) -> tuple[Instruction, ...]:
    """Return the program that accepts these packets only, up to so many bytes.

    IP packets from or to a host and one of the ports (no ports: all), plain or in IPIP, GRE, SIT or
    (to a tunnel port) GUE; ICMP errors about such packets; ARP and ND about a neighbour; VRRP.
    """
    of_hosts, of_neighbours = _words(hosts), _words(neighbours)
    out = _Assembler(accepted)
    out.do(_LOAD_ETHERTYPE, ANCILLARY)
    out.do(_SET_X, 0)
    out.go_if(ARP, "arp")
    out.go_if(IPV4, "outer 4")
    out.go_if(IPV6, "outer 6")
    out.drop()
    out.label("arp")
    for offset in (14, 24):  # the sender's and the target's IPv4 address
        out.load(_LOAD_WORD, offset)
        out.accept_if_any(of_neighbours[4])
    out.drop()

    _headers(out, "outer", tuple(sorted(set(tunnel_ports))))
    _tunnels(out)
    _headers(out, "inner", None)
    for version in (4, 6):
        _icmp(out, version, of_neighbours[6])
        _ports(out, version, sorted(set(ports)))
        words = of_hosts[version]
        _addresses(out, f"hosts {version}", version, words)
        quoted = sorted({*words, *of_neighbours[version]})
        _addresses(out, f"quoted {version}", version, quoted)
    return out.program()


def packed(instructions: Iterable[Instruction]) -> bytes:
    """Return the program in the kernel's format: an array of struct sock_filter."""
    return b"".join(struct.pack("=HBBI", *one) for one in instructions)


def _words(addresses: Iterable[str]) -> dict[int, list[int]]:
    """Return the last 32 bits of each address, by IP version."""
    words: dict[int, set[int]] = {4: set(), 6: set()}
    for one in addresses:
        address = ipaddress.ip_address(one)
        words[address.version].add(int(address) & 0xFFFFFFFF)
    return {version: sorted(found) for version, found in words.items()}


def _headers(out: _Assembler, place: str, tunnel_ports: tuple[int, ...] | None) -> None:
    """Match an IP header of either version at X; None: do not look into tunnels."""
    out.label(f"{place} 4")
    out.do(_PUT_X, _HEADER)
    out.load(_LOAD_HALF, 6)
    out.do(_AND, 0x1FFF)  # only the first fragment of a packet has ports
    out.go_if(0, f"{place} whole")
    out.drop()
    out.label(f"{place} whole")
    out.load(_LOAD_BYTE, 0)
    out.do(_AND, 0x0F)
    out.do(_LEFT, 2)
    out.do(_ADD_X)
    out.do(_PUT, _NEXT)
    out.load(_LOAD_BYTE, 9)
    _protocols(out, place, 4, tunnel_ports)

    out.label(f"{place} 6")
    out.do(_PUT_X, _HEADER)
    out.do(_X_TO_A)
    out.do(_ADD, 40)
    out.do(_PUT, _NEXT)
    out.load(_LOAD_BYTE, 6)
    _protocols(out, place, 6, tunnel_ports)


def _protocols(
    out: _Assembler, place: str, version: int, tunnel_ports: tuple[int, ...] | None
) -> None:
    """Branch on the protocol in A."""
    out.go_if(TCP, f"ports {version}")
    out.go_if(SCTP, f"ports {version}")
    out.go_if(ICMP if version == V4 else ICMPV6, f"icmp {version}")
    if tunnel_ports is None:
        out.go_if(UDP, f"ports {version}")
        out.drop()
        return
    out.go_if(VRRP, _ACCEPT)
    for kind in KINDS.values():
        for protocol in sorted({inside.protocol for inside in kind.inside.values()} - {UDP}):
            out.go_if(protocol, kind.name)
    out.go_if(UDP, f"{place} udp {version}")
    out.drop()
    out.label(f"{place} udp {version}")
    out.do(_GET_X, _NEXT)
    out.load(_LOAD_HALF, 2)
    for port in tunnel_ports:
        out.go_if(port, GUE.name)
    out.go(f"ports {version}")


def _tunnels(out: _Assembler) -> None:
    """Go on with the packet inside."""
    for kind in KINDS.values():
        out.label(kind.name)
        _skip(out, kind.header)
        out.go("tunnel")

    out.label("tunnel")
    out.do(_GET_X, _NEXT)
    out.load(_LOAD_BYTE, 0)
    out.do(_RIGHT, 4)
    out.go_if(4, "inner 4")
    out.go_if(6, "inner 6")
    out.drop()


def _skip(out: _Assembler, header: Header) -> None:
    """Move NEXT behind a tunnel's header."""
    out.do(_GET, _NEXT)
    out.do(_ADD, header.size)
    out.do(_PUT, _SUM)
    for words in header.optional:
        out.do(_GET_X, _NEXT)
        out.load(_LOAD_BYTE, words.byte)
        out.do(_RIGHT, words.shift)
        out.do(_AND, words.mask)
        out.do(_LEFT, 2)
        out.do(_GET_X, _SUM)
        out.do(_ADD_X)
        out.do(_PUT, _SUM)
    out.do(_GET, _SUM)
    out.do(_PUT, _NEXT)


def _icmp(out: _Assembler, version: int, neighbours: Iterable[int]) -> None:
    """Errors, by the packet that they quote; and neighbour discovery."""
    out.label(f"icmp {version}")
    out.do(_GET_X, _NEXT)
    out.load(_LOAD_BYTE, 0)
    for kind in ICMP_ERRORS[version]:
        out.go_if(kind, f"error {version}")
    if version == V6:
        for kind in (NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT):
            out.go_if(kind, "neighbour")
        out.drop()
        out.label("neighbour")
        out.load(_LOAD_WORD, 8 + 12)  # of the target's address
        out.accept_if_any(neighbours)
    out.drop()
    out.label(f"error {version}")
    out.do(_X_TO_A)
    out.do(_ADD, _QUOTED)
    out.do(_PUT, _HEADER)
    out.go(f"quoted {version}")


def _ports(out: _Assembler, version: int, ports: Sequence[int]) -> None:
    out.label(f"ports {version}")
    out.do(_GET_X, _NEXT)
    for offset in (0, 2):
        out.load(_LOAD_HALF, offset)
        for port in ports:
            out.go_if(port, f"hosts {version}")
    if ports:
        out.drop()


def _addresses(out: _Assembler, label: str, version: int, words: Iterable[int]) -> None:
    """Accept a packet from or to one of these addresses."""
    out.label(label)
    out.do(_GET_X, _HEADER)
    for offset in _LAST_WORDS[version]:
        out.load(_LOAD_WORD, offset)
        out.accept_if_any(words)
    out.drop()
