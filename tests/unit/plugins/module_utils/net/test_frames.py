# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of ARP and neighbour discovery messages."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.net import frames

MAC = bytes.fromhex("525400000001")


def test_arp_announcement() -> None:
    assert frames.arp_request(MAC, "10.0.0.100", "10.0.0.100").hex() == (
        "ffffffffffff" + "525400000001" + "0806"
        "0001" + "0800" + "06" + "04" + "0001"
        "525400000001" + "0a000064"
        "000000000000" + "0a000064"
    )  # fmt: skip


def test_neighbour_advertisement() -> None:
    assert frames.advertisement(MAC, "2001:db8::100").hex() == (
        "88" + "00" + "0000" + "20000000"
        "20010db8000000000000000000000100"
        "02" + "01" + "525400000001"
    )  # fmt: skip


def test_arp_request() -> None:
    assert frames.arp_request(MAC, "10.0.0.1", "10.0.0.100").hex() == (
        "ffffffffffff" + "525400000001" + "0806"
        "0001" + "0800" + "06" + "04" + "0001"
        "525400000001" + "0a000001"
        "000000000000" + "0a000064"
    )  # fmt: skip


def test_neighbour_solicitation() -> None:
    assert frames.solicitation(MAC, "2001:db8::100").hex() == (
        "87" + "00" + "0000" + "00000000"
        "20010db8000000000000000000000100"
        "01" + "01" + "525400000001"
    )  # fmt: skip
    assert frames.solicited_node("2001:db8::12:3456") == "ff02::1:ff12:3456"


REPLY = bytes.fromhex(
    "525400000001" + "525400000005" + "0806"
    "0001" + "0800" + "06" + "04" + "0002"
    "525400000005" + "0a000064"
    "525400000001" + "0a000001"
    "0000"
)  # fmt: skip


def test_arp_reply() -> None:
    assert frames.is_arp_reply(REPLY, "10.0.0.100")
    assert not frames.is_arp_reply(REPLY, "10.0.0.1")
    assert not frames.is_arp_reply(frames.arp_request(MAC, "10.0.0.100", "10.0.0.1"), "10.0.0.100")


def test_answer_to_a_solicitation() -> None:
    answer = frames.advertisement(MAC, "2001:db8::100")
    assert frames.is_advertisement(answer, "2001:db8::100")
    assert not frames.is_advertisement(answer, "2001:db8::101")
    assert not frames.is_advertisement(frames.solicitation(MAC, "2001:db8::100"), "2001:db8::100")


@pytest.mark.fuzz
@given(st.binary(max_size=60), st.integers(0, 44))
def test_an_odd_answer_is_none(odd: bytes, length: int) -> None:
    assert not frames.is_arp_reply(odd, "10.0.0.100")
    assert not frames.is_advertisement(odd, "2001:db8::100")
    assert frames.is_arp_reply(REPLY[:length], "10.0.0.100") == (length >= 32)
