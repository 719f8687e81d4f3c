# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether a DNS query over UDP is answered without an error, and with what it should."""

from __future__ import annotations

import re
import struct
from typing import Callable, Iterator, NamedTuple

from ...fields import Field
from ...net.addresses import normal_address
from .kind import UDP, Answer, Asked, Kind, Misfit, Options

TYPES = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
}
_ADDRESSES = ("A", "AAAA")
_NAMES = ("NS", "CNAME", "SOA", "PTR")
FIELDS = {
    "query_name": Field("str"),
    "query_type": Field("str", "A", tuple(TYPES)),
    "answers": Field("list", ()),
}
TEXTS = {
    "query_name": "The name to query; V(.) is the root.",
    "query_type": "The record type to query.",
    "answers": "What the answers must include: addresses, names or texts; of MX only the names, "
    "of SOA the primary server. Without it, every answer without an error is good, "
    "even an empty or truncated one.",
}
_LABEL = re.compile("[!-~]{1,63}")
_MAX_NAME, _MAX_LABEL = 253, 63
_MAX_PARTS = 200  # labels and pointers
_HEADER = struct.Struct("!6H")
_QUESTION = struct.Struct("!HH")
_RECORD = struct.Struct("!HHIH")
_INTERNET = 1
_RECURSE, _RESPONSE, _TRUNCATED, _CODE = 0x0100, 0x8000, 0x0200, 0x000F
_CODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_POINTER = 0xC0


def misfits(options: Options) -> Iterator[Misfit]:
    """Yield what is no name, or no answer of this type."""
    kind, labels = options["query_type"], _labels(options["query_name"])
    if (
        not options["query_name"]
        or not all(map(_LABEL.fullmatch, labels))
        or len(".".join(labels)) > _MAX_NAME
    ):
        yield "query_name", "a name of DNS in ASCII, whose labels have 1 to 63 characters"
    if kind in _ADDRESSES and not all(map(normal_address, options["answers"])):
        yield "answers", f"addresses, as {kind} records have them"


def request(options: Options, asked: Asked) -> bytes:
    """Return the query."""
    labels = [label.encode("ascii", "replace")[:63] for label in _labels(options["query_name"])]
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    header = _HEADER.pack(asked.number, _RECURSE, 1, 0, 0, 0)
    return header + name + _QUESTION.pack(TYPES[options["query_type"]], _INTERNET)


def judge(options: Options, asked: Asked, answer: Answer) -> str | None:
    """Judge one datagram; one that is no answer to this query is passed over."""
    message, query = answer.data, request(options, asked)
    if not _is_answer(message, query):
        return None
    _number, flags, _questions, records, *_more = _HEADER.unpack_from(message)
    code = flags & _CODE
    if code:
        return f"DNS error {_CODES.get(code, code)}"
    missing = {_normal(options["query_type"], one) for one in options["answers"]}
    if missing:
        try:
            missing -= {*_answers(message, len(query), records, options["query_type"])}
        except (IndexError, ValueError, struct.error):
            return "the DNS answer is damaged"
    cut = ", which is truncated" if flags & _TRUNCATED else ""
    return f"no {', '.join(sorted(missing))} in the DNS answer{cut}" if missing else ""


def _is_answer(message: bytes, query: bytes) -> bool:
    """Tell whether a datagram answers this query and no other."""
    if len(message) < len(query):
        return False
    number, flags, questions, *_more = _HEADER.unpack_from(message)
    # Names are the same in every case. The numbers between them are no letters, or alike.
    return (
        number == _HEADER.unpack_from(query)[0]
        and bool(flags & _RESPONSE)
        and questions == 1
        and message[_HEADER.size : len(query)].lower() == query[_HEADER.size :].lower()
    )


def _labels(name: str | None) -> list[str]:
    return (name[:-1] if name.endswith(".") else name).split(".") if name not in (None, ".") else []


def _normal(kind: str, text: str) -> str:
    if kind in _ADDRESSES:
        return normal_address(text) or text
    return text if kind == "TXT" else text.rstrip(".").lower()


class _Place(NamedTuple):
    """The data of a record in its message, in which other names may begin."""

    message: bytes
    start: int
    end: int


def _answers(message: bytes, at: int, records: int, kind: str) -> Iterator[str]:
    """Yield the data of each answer of a type."""
    for _each in range(records):
        if at >= len(message):
            return  # truncated
        _name, at = _read_name(message, at)
        number, class_, _ttl, length = _RECORD.unpack_from(message, at)
        at += _RECORD.size
        if at + length > len(message):
            raise ValueError
        if number == TYPES[kind] and class_ == _INTERNET:
            yield _READERS[kind](_Place(message, at, at + length))
        at += length


def _read_name(message: bytes, at: int) -> tuple[str, int]:
    """Return a name, and where it ends.

    Each pointer must lead to before the last one, so that none leads around, and there are few.
    """
    labels: list[bytes] = []
    end, size, first = 0, 0, at
    for _part in range(_MAX_PARTS):
        length = message[at]
        if length >= _POINTER:
            end = end or at + 2
            at = (length - _POINTER) << 8 | message[at + 1]
            if at >= first:
                break
            first = at
            continue
        at += 1
        if not length:
            return b".".join(labels).decode("latin-1").lower(), end or at
        labels.append(message[at : at + length])
        at += length
        size += length + 1
        if length > _MAX_LABEL or size > _MAX_NAME + 1:
            break
    raise ValueError


def _address(place: _Place) -> str:
    data = place.message[place.start : place.end]
    if len(data) == 4:  # noqa: PLR2004 - an IPv4 address
        return ".".join(map(str, data))
    return normal_address(":".join(f"{high << 8 | low:x}" for high, low in _pairs(data))) or ""


def _pairs(data: bytes) -> Iterator[tuple[int, int]]:
    return zip(data[::2], data[1::2])


def _name(place: _Place) -> str:
    return _read_name(place.message, place.start)[0]


def _mail(place: _Place) -> str:
    return _read_name(place.message, place.start + 2)[0]


def _text(place: _Place) -> str:
    at, parts = place.start, []
    while at < place.end:
        length = place.message[at]
        parts.append(place.message[at + 1 : at + 1 + length])
        at += 1 + length
    return b"".join(parts).decode("utf-8", "replace")


_READERS: dict[str, Callable[[_Place], str]] = {
    **dict.fromkeys(_ADDRESSES, _address),
    **dict.fromkeys(_NAMES, _name),
    "MX": _mail,
    "TXT": _text,
}

KIND = Kind(
    "dns",
    UDP,
    "A DNS query over UDP is answered without an error.",
    FIELDS,
    TEXTS,
    misfits,
    request,
    judge,
)
