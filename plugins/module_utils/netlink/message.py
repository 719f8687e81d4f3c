# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Netlink messages and attributes as bytes: pure encoding and decoding.

Layouts: include/uapi/linux/netlink.h (RFC 3549, section 2.2). Everything is in host byte order
unless an attribute's own definition says otherwise.
"""

from __future__ import annotations

import struct
from typing import Iterator, NamedTuple

NLM_F_REQUEST = 0x001
NLM_F_ACK = 0x004
NLM_F_DUMP = 0x300
NLM_F_CAPPED = 0x100
NLM_F_ACK_TLVS = 0x200

NLMSG_ERROR = 2
NLMSG_DONE = 3

_NLMSGERR_ATTR_MSG = 1
_NLA_TYPE_MASK = 0x3FFF
_NLA_F_NESTED = 0x8000

HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port id
GENERIC_HEADER = struct.Struct("=BBH")  # command, version, reserved
_ATTRIBUTE = struct.Struct("=HH")
_ERRNO = struct.Struct("=i")


class Refusal(NamedTuple):
    """The kernel's answer to a request that it refused."""

    errno: int  # positive
    message: str  # the kernel's own sentence (extended ACK), mostly empty


def message(kind: int, flags: int, sequence: int, payload: bytes) -> bytes:
    """One netlink message; the kernel fills in the port id of a bound socket."""
    return HEADER.pack(HEADER.size + len(payload), kind, flags, sequence, 0) + payload


def attribute(kind: int, payload: bytes) -> bytes:
    """One attribute, padded to four bytes."""
    return _ATTRIBUTE.pack(4 + len(payload), kind) + payload + bytes(-len(payload) % 4)


def nested(kind: int, payload: bytes) -> bytes:
    """One attribute that holds others."""
    return _ATTRIBUTE.pack(4 + len(payload), kind | _NLA_F_NESTED) + payload


def text(kind: int, value: str) -> bytes:
    """A NUL-terminated string attribute."""
    return attribute(kind, value.encode("ascii") + b"\0")


def attributes(data: bytes, start: int, end: int) -> dict[int, tuple[int, int]]:
    """Where each payload lies in data: (start, end) by type; the last of a type wins."""
    found = {}
    unpack = _ATTRIBUTE.unpack_from
    while start + _ATTRIBUTE.size <= end:
        length, kind = unpack(data, start)
        if length < _ATTRIBUTE.size or start + length > end:
            msg = f"truncated netlink attribute of {length} bytes at offset {start}"
            raise ValueError(msg)
        found[kind & _NLA_TYPE_MASK] = (start + _ATTRIBUTE.size, start + length)
        start += (length + 3) & ~3
    return found


def messages(data: bytes) -> Iterator[tuple[int, int, int, int, int]]:
    """The messages of one datagram: (type, flags, sequence, payload start, payload end)."""
    start = 0
    while start + HEADER.size <= len(data):
        length, kind, flags, sequence, _port = HEADER.unpack_from(data, start)
        if length < HEADER.size or start + length > len(data):
            msg = f"truncated netlink message of {length} bytes at offset {start}"
            raise ValueError(msg)
        yield kind, flags, sequence, start + HEADER.size, start + length
        start += (length + 3) & ~3


def refusal(data: bytes, flags: int, start: int, end: int) -> Refusal | None:
    """What an NLMSG_ERROR payload says; None for an ACK. Also reads the status in NLMSG_DONE."""
    errno = -_ERRNO.unpack_from(data, start)[0]
    if errno == 0:
        return None
    said = ""
    if flags & NLM_F_ACK_TLVS:
        start += _ERRNO.size
        # The request is echoed behind the status, whole unless the kernel was asked to cap it.
        start += HEADER.size if flags & NLM_F_CAPPED else HEADER.unpack_from(data, start)[0]
        where = attributes(data, (start + 3) & ~3, end).get(_NLMSGERR_ATTR_MSG)
        if where:
            said = data[where[0] : where[1]].rstrip(b"\0").decode("utf-8", "replace")
    return Refusal(errno, said)
