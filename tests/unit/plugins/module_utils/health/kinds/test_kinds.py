# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every kind of check."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.health import schema
from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.kind import (
    PROCESS,
    TCP,
    TLS,
    Answer,
    Asked,
    Kind,
)
from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.table import KINDS
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import SERVICE_KEY_FIELDS

ASKED = Asked("192.0.2.1", 80, 0x1234)
# Options with which a kind has most to read.
OPTIONS: dict[str, dict[str, Any]] = {
    "http": {"pattern": "ok", "statuses": ("200-299", "404")},
    "https": {"pattern": "ok"},
    "dns": {"query_name": "example.org", "answers": ("192.0.2.1",)},
    "udp": {"send": r"\x00ping", "expect": "pong"},
    "script": {"script": "/bin/true"},
}
BODIES = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
    b"HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    b"\x12\x34\x81\x80\0\1\0\3\0\0\0\0\7example\3org\0\0\1\0\1",
    b"",
)
BYTES = st.tuples(
    st.sampled_from(BODIES),
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(
                [b"\r\n", b"\n", b"0", b"a", b"5\r\n", b" ", b"ok", b"\xc0\x0c", b"\0\1\0\1", b":"]
            )
        ).map(b"".join),
    ),
).map(b"".join)


def options(kind: Kind, **given: object) -> dict[str, Any]:
    """All options of a kind, as a check has them."""
    return {**{name: field.default for name, field in kind.fields.items()}, **given}


@pytest.mark.fuzz
@pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS.values() if kind.transport != PROCESS],
    ids=lambda kind: kind.name,
)
@given(data=BYTES, is_closed=st.booleans())
@example(data=b"HTTP/1.1 200 \r\n\r\n", is_closed=True)
def test_no_answer_is_an_exception(kind: Kind, data: bytes, is_closed: bool) -> None:  # noqa: FBT001 - given
    own = options(kind, **OPTIONS.get(kind.name, {}))
    result = kind.judge(own, ASKED, Answer(data, is_closed))
    if is_closed and kind.transport in (TCP, TLS):
        assert result is not None
    assert result is None or result.isprintable()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_sound_options_have_no_misfit_and_make_a_request(kind: Kind) -> None:
    own = options(kind, **OPTIONS.get(kind.name, {}))
    assert [*kind.misfits(own)] == []
    assert isinstance(kind.request(own, ASKED), bytes)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_each_option_has_a_text_and_a_name_of_its_own(kind: Kind) -> None:
    assert {*kind.texts} == {*kind.fields}
    others = {*SERVICE_KEY_FIELDS, *schema.CHECK_FIELDS, *schema.POLICY_FIELDS, "name", "fallback"}
    assert not {*kind.fields} & {*others, "ask_address", "ask_port", "source"}


def test_an_option_of_several_kinds_is_one() -> None:
    pairs = [(name, field) for kind in KINDS.values() for name, field in kind.fields.items()]
    assert all(schema.KIND_FIELDS[name] == field for name, field in pairs)


@pytest.mark.parametrize(
    ("name", "given_options", "where"),
    [
        ("http", {"url": "index.html"}, "url"),
        ("http", {"url": "/a b"}, "url"),
        ("http", {"url": "/\r\nX: y"}, "url"),
        ("http", {"host": "a\nb"}, "host"),
        ("http", {"statuses": ()}, "statuses"),
        ("http", {"statuses": ("2xx",)}, "statuses"),
        ("http", {"statuses": ("299-200",)}, "statuses"),
        ("http", {"pattern": "("}, "pattern"),
        ("https", {"server_name": "a b"}, "server_name"),
        ("https", {"server_name": ".example"}, "server_name"),
        ("tls", {"server_name": "x" * 64}, "server_name"),
        ("dns", {}, "query_name"),
        ("dns", {"query_name": "a..b"}, "query_name"),
        ("dns", {"query_name": "ä.example"}, "query_name"),
        ("dns", {"query_name": "a.example", "answers": ("b.example",)}, "answers"),
        ("udp", {"send": r"\xf"}, "send"),
        ("udp", {"expect": "x" * 1401}, "expect"),
        ("script", {}, "script"),
        ("script", {"script": "bin/true"}, "script"),
        ("script", {"script": "/bin/\0"}, "script"),
    ],
)
def test_misfits(name: str, given_options: dict[str, Any], where: str) -> None:
    kind = KINDS[name]
    assert [one for one, _expected in kind.misfits(options(kind, **given_options))] == [where]
