# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Self

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.packets import arp_nd
from ansible_collections.lvs.topology.plugins.module_utils.packets.capture import Wish
from ansible_collections.lvs.topology.plugins.module_utils.packets.errors import PacketError

MAC = bytes.fromhex("525400000001")


def test_arp_request() -> None:
    assert arp_nd.arp_request(MAC, "10.0.0.1", "10.0.0.100").hex() == (
        "ffffffffffff" + "525400000001" + "0806"
        "0001" + "0800" + "06" + "04" + "0001"
        "525400000001" + "0a000001"
        "000000000000" + "0a000064"
    )  # fmt: skip


def test_neighbour_solicitation() -> None:
    assert arp_nd.solicitation(MAC, "2001:db8::100").hex() == (
        "87" + "00" + "0000" + "00000000"
        "20010db8000000000000000000000100"
        "01" + "01" + "525400000001"
    )  # fmt: skip
    assert arp_nd.solicited_node("2001:db8::12:3456") == "ff02::1:ff12:3456"


class Heard:
    """A capture that saw some answers, and other things."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    def watch(self, *, after: float) -> dict[str, object]:
        assert after < self.wish.seconds
        own = {"address": "10.0.0.100", "interface": "eth1", "direction": "in"}
        answers = {"is_answer": True, "mac": "52:54:00:00:00:05", **own}
        return {
            "neighbours": [
                answers,
                answers,
                {**answers, "mac": "52:54:00:00:00:11"},
                {**answers, "interface": "eth0"},
                {**answers, "direction": "out"},
                {**answers, "is_answer": False},
            ]
        }


def test_every_different_answer_where_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[arp_nd.Question] = []
    monkeypatch.setattr(arp_nd, "Capture", Heard)
    monkeypatch.setattr(arp_nd, "_send", sent.append)
    monkeypatch.setattr(arp_nd, "_PAUSE_SECONDS", 0.0)
    question = arp_nd.Question("10.0.0.100", "eth1", "10.0.0.1")
    claims = arp_nd.ask([question], 0.5)
    assert sent == [question, question]
    assert claims == [
        arp_nd.Claim("10.0.0.100", "eth1", "52:54:00:00:00:05"),
        arp_nd.Claim("10.0.0.100", "eth1", "52:54:00:00:00:11"),
    ]


@pytest.mark.parametrize("address", ["10.0.0.100", "2001:db8::100"])
def test_an_interface_that_is_not_there(address: str) -> None:
    with pytest.raises(PacketError, match=r"no-such-device|not allowed"):
        arp_nd._send(arp_nd.Question(address, "no-such-device", "10.0.0.1"))
