# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Encoding and decoding of netlink messages and attributes.

Layouts: include/uapi/linux/netlink.h (RFC 3549, section 2.2). Values are in host byte
order, unless the definition of an attribute says otherwise.
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
    """The kernel's refusal of a request."""

    errno: int  # positive
    message: str  # from the kernel (extended ACK), mostly empty


def message(kind: int, flags: int, sequence: int, payload: bytes) -> bytes:
    """Return a netlink message; the kernel fills in the port id of a bound socket."""
    return HEADER.pack(HEADER.size + len(payload), kind, flags, sequence, 0) + payload


def attribute(kind: int, payload: bytes) -> bytes:
    """Return an attribute, padded to four bytes."""
    return _ATTRIBUTE.pack(4 + len(payload), kind) + payload + bytes(-len(payload) % 4)


def nested(kind: int, payload: bytes) -> bytes:
    """Return an attribute that contains others."""
    return _ATTRIBUTE.pack(4 + len(payload), kind | _NLA_F_NESTED) + payload


def text(kind: int, value: str) -> bytes:
    """Return a NUL-terminated string attribute."""
    return attribute(kind, value.encode("ascii") + b"\0")


def attributes(data: bytes, start: int, end: int) -> dict[int, tuple[int, int]]:
    """Return each payload's place in data: type → (start, end); the last of a type wins."""
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
    """Yield a datagram's messages: (type, flags, sequence, payload start, payload end)."""
    start = 0
    while start + HEADER.size <= len(data):
        length, kind, flags, sequence, _port = HEADER.unpack_from(data, start)
        if length < HEADER.size or start + length > len(data):
            msg = f"truncated netlink message of {length} bytes at offset {start}"
            raise ValueError(msg)
        yield kind, flags, sequence, start + HEADER.size, start + length
        start += (length + 3) & ~3


def refusal(data: bytes, flags: int, start: int, end: int) -> Refusal | None:
    """Return the refusal in an NLMSG_ERROR or NLMSG_DONE payload, or None for an ACK."""
    errno = -_ERRNO.unpack_from(data, start)[0]
    if errno == 0:
        return None
    said = ""
    if flags & NLM_F_ACK_TLVS:
        start += _ERRNO.size
        # The kernel echoes the whole request behind the status, unless asked to cap it.
        start += HEADER.size if flags & NLM_F_CAPPED else HEADER.unpack_from(data, start)[0]
        where = attributes(data, (start + 3) & ~3, end).get(_NLMSGERR_ATTR_MSG)
        if where:
            said = data[where[0] : where[1]].rstrip(b"\0").decode("utf-8", "replace")
    return Refusal(errno, said)
