# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of ARP and neighbour discovery messages."""

from __future__ import annotations

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
