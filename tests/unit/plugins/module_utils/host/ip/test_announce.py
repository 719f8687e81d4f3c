# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Announcements, byte by byte."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.host.ip.announce import (
    advertisement,
    announce,
    arp_announcement,
)

MAC = bytes.fromhex("525400000001")


def test_arp_announcement() -> None:
    assert arp_announcement(MAC, "10.0.0.100").hex() == (
        "ffffffffffff" + "525400000001" + "0806"
        "0001" + "0800" + "06" + "04" + "0001"
        "525400000001" + "0a000064"
        "000000000000" + "0a000064"
    )  # fmt: skip


def test_neighbour_advertisement() -> None:
    assert advertisement(MAC, "2001:db8::100").hex() == (
        "88" + "00" + "0000" + "20000000"
        "20010db8000000000000000000000100"
        "02" + "01" + "525400000001"
    )  # fmt: skip


def test_device_that_is_not_there_is_a_reason_and_no_error() -> None:
    assert len(announce("no-such-device", "10.0.0.100")) == 1
    assert len(announce("no-such-device", "2001:db8::100")) == 1
