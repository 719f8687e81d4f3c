# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The socket of a capture in the background, which every user of the host can reach."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import socket
import time
from collections.abc import Iterator

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.packets import background
from ansible_collections.lvs.topology.plugins.module_utils.packets.errors import PacketError
from ansible_collections.lvs.topology.plugins.module_utils.packets.requests import CaptureSpec

NAME = f"unit-test-{secrets.token_hex(8)}"
RESULT = {"packets": [], "complete": True}


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listens:
        listens.bind(background._address(NAME))
        listens.listen(2)
        yield listens


def visit() -> socket.socket:
    visitor = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    visitor.connect(background._address(NAME))
    return visitor


def as_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process of this user is another user's, as far as the capture can tell."""
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)


def test_another_user_ends_no_capture(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = background._Meeting(listening)
    with monkeypatch.context() as strange, visit() as stranger:
        as_strangers(strange)
        assert not meeting.is_called()
        assert stranger.recv(1) == b""
    with visit() as visitor:
        assert meeting.is_called()
        meeting.hand_over(RESULT)
        assert json.loads(visitor.recv(1000)) == RESULT


def test_another_users_visits_do_not_prolong_a_capture(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_strangers(monkeypatch)
    ticks = itertools.count(step=background._KEPT_SECONDS // 10)
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    meeting, visits = background._Meeting(listening), itertools.count()

    def is_called() -> bool:
        assert next(visits) < 100, "strangers decide how long a capture stays"
        with visit():
            return background._Meeting.is_called(meeting)

    monkeypatch.setattr(meeting, "is_called", is_called)
    with visit():
        meeting.hand_over(RESULT)


def test_what_another_user_tells_is_not_taken(
    listening: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    del listening
    as_strangers(monkeypatch)
    with pytest.raises(PacketError, match="belongs to another user"):
        background.collect(NAME)


@pytest.mark.parametrize("told", [b"", b"[1", b"\xff"])
def test_a_capture_that_dies(listening: socket.socket, told: bytes) -> None:
    if os.fork() == 0:
        visitor, _address = listening.accept()
        visitor.sendall(told)
        os._exit(0)
    with pytest.raises(PacketError, match="died"):
        background.collect(NAME)
    os.wait()


def test_a_name_that_is_taken(listening: socket.socket) -> None:
    del listening
    spec = CaptureSpec((), (), (), (), 1, 1)
    with pytest.raises(PacketError, match="already running, or another program"):
        background.start(NAME, spec)
