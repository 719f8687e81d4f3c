# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages and attributes as bytes."""

from __future__ import annotations

import errno
import struct

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.netlink import message as netlink

_KINDS = st.integers(1, 0x3FFF)


@given(st.dictionaries(_KINDS, st.binary(max_size=40), max_size=8))
def test_attributes_are_found_again(values: dict[int, bytes]) -> None:
    data = b"".join(netlink.attribute(kind, payload) for kind, payload in values.items())
    found = netlink.attributes(data, 0, len(data))
    assert {kind: data[start:end] for kind, (start, end) in found.items()} == values


@given(st.lists(st.tuples(st.integers(16, 99), st.binary(max_size=40)), max_size=5))
def test_messages_are_found_again(sent: list[tuple[int, bytes]]) -> None:
    padded = [(kind, payload + bytes(-len(payload) % 4)) for kind, payload in sent]
    data = b"".join(
        netlink.message(kind, netlink.NLM_F_REQUEST, number, payload)
        for number, (kind, payload) in enumerate(padded)
    )
    assert [
        (kind, sequence, data[start:end])
        for kind, _flags, sequence, start, end in netlink.messages(data)
    ] == [(kind, number, payload) for number, (kind, payload) in enumerate(padded)]


def test_a_nested_attribute_says_so() -> None:
    data = netlink.nested(2, netlink.text(1, "wlc"))
    assert struct.unpack_from("=HH", data) == (12, 0x8002)
    start, end = netlink.attributes(data, 0, len(data))[2]
    start, end = netlink.attributes(data, start, end)[1]
    assert data[start:end] == b"wlc\0"


@pytest.mark.parametrize("length", [0, 3, 9])
def test_a_bad_attribute_length_is_an_error(length: int) -> None:
    data = struct.pack("=HHI", length, 1, 0)
    with pytest.raises(ValueError, match="truncated netlink attribute"):
        netlink.attributes(data, 0, len(data))


@pytest.mark.parametrize("length", [0, 15, 17])
def test_a_bad_message_length_is_an_error(length: int) -> None:
    data = netlink.HEADER.pack(length, 16, 0, 1, 0)
    with pytest.raises(ValueError, match="truncated netlink message"):
        list(netlink.messages(data))


def _error(status: int, flags: int, behind: bytes) -> netlink.Refusal | None:
    data = struct.pack("=i", status) + behind
    return netlink.refusal(data, flags, 0, len(data))


def test_status_0_is_an_ack() -> None:
    assert _error(0, netlink.NLM_F_CAPPED, netlink.HEADER.pack(40, 16, 0, 1, 0)) is None


@pytest.mark.parametrize("capped", [True, False])
def test_the_kernels_own_sentence_is_read(*, capped: bool) -> None:
    request = netlink.HEADER.pack(24, 16, 0, 1, 0) + (b"" if capped else bytes(8))
    flags = netlink.NLM_F_ACK_TLVS | (netlink.NLM_F_CAPPED if capped else 0)
    refused = _error(-errno.EINVAL, flags, request + netlink.text(1, "bad attribute"))
    assert refused == netlink.Refusal(errno.EINVAL, "bad attribute")


def test_without_a_sentence_there_is_the_number() -> None:
    refused = _error(-errno.EPERM, netlink.NLM_F_CAPPED, netlink.HEADER.pack(24, 16, 0, 1, 0))
    assert refused == netlink.Refusal(errno.EPERM, "")
