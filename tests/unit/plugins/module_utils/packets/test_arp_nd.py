# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Self

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.packets import arp_nd
from ansible_collections.lvs.topology.plugins.module_utils.packets.errors import PacketError
from ansible_collections.lvs.topology.plugins.module_utils.packets.requests import (
    CaptureSpec,
    NeighbourQuery,
)
from ansible_collections.lvs.topology.plugins.module_utils.packets.results import NeighbourReply


class Heard:
    """A capture with some replies, and other messages."""

    def __init__(self, spec: CaptureSpec) -> None:
        self.spec = spec

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    def watch(self, *, after: float) -> dict[str, object]:
        assert after < self.spec.seconds
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
    sent: list[NeighbourQuery] = []
    monkeypatch.setattr(arp_nd, "Capture", Heard)
    monkeypatch.setattr(arp_nd, "_send", sent.append)
    monkeypatch.setattr(arp_nd, "_PAUSE_SECONDS", 0.0)
    query = NeighbourQuery("10.0.0.100", "eth1", "10.0.0.1")
    replies = arp_nd.ask([query], 0.5)
    assert sent == [query, query]
    assert replies == [
        NeighbourReply("10.0.0.100", "eth1", "52:54:00:00:00:05"),
        NeighbourReply("10.0.0.100", "eth1", "52:54:00:00:00:11"),
    ]


@pytest.mark.parametrize("address", ["10.0.0.100", "2001:db8::100"])
def test_an_interface_that_is_not_there(address: str) -> None:
    with pytest.raises(PacketError, match=r"no-such-device|not allowed"):
        arp_nd._send(NeighbourQuery(address, "no-such-device", "10.0.0.1"))
