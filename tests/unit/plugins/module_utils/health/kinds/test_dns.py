# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS: queries and answers."""

from __future__ import annotations

import struct

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.health.kinds import dns
from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.kind import Answer, Asked
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.health.kinds.test_kinds import (  # noqa: E501 - a name
    options,
)

ASKED = Asked("192.0.2.1", 53, 0x1234)
QUESTION = b"\3www\7Example\0"
TO_QUESTION = b"\xc0\x0c"


def record(kind: str, data: bytes, name: bytes = TO_QUESTION) -> bytes:
    return name + struct.pack("!HHIH", dns.TYPES[kind], 1, 60, len(data)) + data


def message(kind: str, *records: bytes, flags: int = 0x8180, number: int = 0x1234) -> bytes:
    head = struct.pack("!6H", number, flags, 1, len(records), 0, 0)
    return head + QUESTION + struct.pack("!HH", dns.TYPES[kind], 1) + b"".join(records)


def judged(data: bytes, kind: str = "A", answers: tuple[str, ...] = ()) -> str | None:
    own = options(dns.KIND, query_name="WWW.example.", query_type=kind, answers=answers)
    return dns.judge(own, ASKED, Answer(data, is_closed=False))


def test_request() -> None:
    own = options(dns.KIND, query_name="www.example", query_type="MX")
    assert dns.request(own, ASKED) == (
        b"\x12\x34\x01\x00\x00\x01\0\0\0\0\0\0\3www\7example\0\x00\x0f\x00\x01"
    )
    own = options(dns.KIND, query_name=".", query_type="NS")
    assert dns.request(own, ASKED)[12:] == b"\0\0\2\0\1"


@pytest.mark.parametrize(
    ("kind", "data", "answer"),
    [
        ("A", b"\xc0\0\2\7", "192.0.2.7"),
        ("AAAA", b"\x20\1\x0d\xb8" + bytes(11) + b"\7", "2001:DB8:0::7"),
        ("NS", b"\2ns" + TO_QUESTION, "NS.www.example."),
        ("PTR", b"\1a\1b\0", "a.b"),
        ("CNAME", b"\xc0\x10", "example"),
        ("SOA", b"\2ns\0\0" + bytes(20), "ns"),
        ("MX", b"\0\x0a\2mx\0", "mx."),
        ("TXT", b"\2v=\1X", "v=X"),
    ],
)
def test_answers(kind: str, data: bytes, answer: str) -> None:
    good = message(kind, record(kind, b"\0" * 20), record(kind, data))
    assert judged(message(kind, record(kind, data)), kind, (answer,)) == ""
    if kind in ("A", "AAAA", "TXT"):
        assert judged(good, kind, (answer,)) == ""
    missing = judged(message(kind, record("TXT", b"")), kind, (answer,))
    assert missing is not None
    assert missing.endswith(" in the DNS answer")


@pytest.mark.parametrize(
    ("data", "result"),
    [
        (message("A"), ""),
        (message("A", flags=0x8380), ""),
        (message("A", b"damaged"), ""),
        (message("A", flags=0x8182), "DNS error SERVFAIL"),
        (message("A", flags=0x818A), "DNS error 10"),
        (message("A", flags=0x0100), None),
        (message("A", number=0x1235), None),
        (message("AAAA"), None),
        (message("A")[:-1], None),
        (b"", None),
    ],
)
def test_without_expected_answers(data: bytes, result: str | None) -> None:
    assert judged(data) == result


@pytest.mark.parametrize(
    ("records", "flags", "result"),
    [
        ([], 0x8180, "no 192.0.2.7 in the DNS answer"),
        ([], 0x8380, "no 192.0.2.7 in the DNS answer, which is truncated"),
        ([record("A", b"\xc0\0\2\7")], 0x8380, ""),
        ([record("A", b"\xc0\0\2\7"), b"\0"], 0x8180, "the DNS answer is damaged"),
        ([record("A", b"\xc0\0\2\7")[:-1]], 0x8180, "the DNS answer is damaged"),
        # A name that leads to itself, and one that leads on.
        ([record("A", b"\xc0\0\2\7", b"\xc0\x1d")], 0x8180, "the DNS answer is damaged"),
        ([record("A", b"\xc0\0\2\7", b"\xff\xff")], 0x8180, "the DNS answer is damaged"),
        ([record("A", b"\xc0\0\2\7", b"\x40" + b"x" * 64 + b"\0")], 0x8180, "the DNS answer is"),
        ([record("A", b"\xc0\0\2\7", b"\1x" * 128 + b"\0")], 0x8180, "the DNS answer is damaged"),
    ],
)
def test_with_an_expected_answer(records: list[bytes], flags: int, result: str) -> None:
    found = judged(message("A", *records, flags=flags), answers=("192.0.2.7",))
    assert found is not None
    assert found[: len(result) or None] == result


def test_pointers_are_few() -> None:
    chain = b"".join(struct.pack("!H", 0xC000 | at) for at in range(29, 29 + 2 * 400, 2))
    data = message("TXT", record("TXT", b"\0" + chain), record("TXT", b"", b"\xc3\x40"))
    assert judged(data, "TXT", ("x",)) == "the DNS answer is damaged"
