# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture keeps its limits, whatever arrives. The packet socket is a fake one: no root."""

from __future__ import annotations

import itertools
import os
import select
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.packets import bpf
from ansible_collections.lvs.topology.plugins.module_utils.packets.capture import Capture
from ansible_collections.lvs.topology.plugins.module_utils.packets.requests import CaptureSpec

from .build import ethernet, ip, tcp

VIP, CLIENT = "2001:db8:10::100", "2001:db8::66"
SPEC = CaptureSpec((VIP,), (80,), (), (), seconds=2, max_packets=5)
WANTED = ethernet(ip(CLIENT, VIP, 6, tcp(40000, 80)), bpf.IPV6)
# The kernel's filter compares the last 32 bits alone.
ALIKE = ethernet(ip(CLIENT, "2001:db8:99::100", 6, tcp(40000, 80)), bpf.IPV6)
MORE_THAN_ANY_LIMIT = 100_000


class FakeSocket:
    """A packet socket on which frames wait; the order of calls is kept."""

    def __init__(self, frames: Iterator[bytes]) -> None:
        self.frames, self.calls, self.read = frames, [""], 0
        self.readable, self._writable = os.pipe()
        os.write(self._writable, b"x")

    def fileno(self) -> int:
        return self.readable

    def setsockopt(self, _level: int, option: int, _value: object) -> None:
        self.calls.append({26: "filter"}.get(option, ""))

    def getsockopt(self, *_option: int) -> bytes:
        return bytes(8)

    def settimeout(self, _seconds: float) -> None:
        pass

    def recvmsg(self, *_sizes: int) -> tuple[bytes, list[object], int, tuple[object, ...]]:
        self.read += 1
        assert self.read < MORE_THAN_ANY_LIMIT, "whoever sends frames decides when this ends"
        frame = next(self.frames, None)
        if frame is None:
            raise BlockingIOError
        return frame, [], 0, ("eth0", bpf.IPV6, 0, 1, b"")

    def close(self) -> None:
        os.close(self.readable)
        os.close(self._writable)


Listen = Callable[[Iterator[bytes]], FakeSocket]


@pytest.fixture
def listen(monkeypatch: pytest.MonkeyPatch) -> Listen:
    """Make the next capture's socket one on which these frames wait. Its clock runs by looks."""
    ticks = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks) / 10)

    def prepare(frames: Iterator[bytes]) -> FakeSocket:
        fake = FakeSocket(frames)

        def make(_family: int, _kind: int, protocol: int) -> FakeSocket:
            fake.calls.append(f"socket {protocol}")
            return fake

        monkeypatch.setattr(socket, "socket", make)
        monkeypatch.setattr(Capture, "_bind", lambda _self: fake.calls.append("bind"))
        return fake

    return prepare


@pytest.mark.parametrize("after", [None, 0.5])
def test_a_flood_does_not_prolong_a_capture(listen: Listen, after: float | None) -> None:
    listen(itertools.repeat(ALIKE))
    with Capture(SPEC) as capturing:
        result = capturing.watch(after=after)
    assert (result["packets"], result["complete"]) == ([], False)


def test_a_flood_does_not_hide_the_one_who_collects(listen: Listen) -> None:
    mine, other = socket.socketpair()
    listen(itertools.repeat(ALIKE))

    class Called:
        def fileno(self) -> int:
            return mine.fileno()

        def is_called(self) -> bool:
            return True

    with mine, other, Capture(SPEC._replace(seconds=300)) as capturing:
        other.send(b"x")
        capturing.watch(Called())


def test_what_waits_at_the_end_is_read(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    listen(iter([ALIKE] * 600 + [WANTED] * 2))
    monkeypatch.setattr(select, "select", lambda *_what: ([], [], []))
    with Capture(SPEC) as capturing:
        result = capturing.watch(after=0)
    assert (len(result["packets"]), result["complete"]) == (2, True)


def test_the_packet_after_the_last_ends_it(listen: Listen) -> None:
    fake = listen(itertools.repeat(WANTED))
    with Capture(SPEC) as capturing:
        result = capturing.watch()
    assert (len(result["packets"]), result["complete"], fake.read) == (5, False, 6)


def test_nothing_arrives_before_the_filter_is_set(listen: Listen) -> None:
    fake = listen(iter(()))
    Capture(SPEC).close()
    assert [*filter(None, fake.calls)] == ["socket 0", "filter", "bind"]


def test_an_interface_whose_name_is_not_utf_8(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = listen(iter([WANTED] * 3))
    receive, number = fake.recvmsg, itertools.count()

    def of_odd_interface(*sizes: int) -> object:
        found = receive(*sizes)
        if next(number) == 1:
            b"\xff".decode()
        return found

    monkeypatch.setattr(fake, "recvmsg", of_odd_interface)
    with Capture(SPEC) as capturing:
        assert len(capturing.watch()["packets"]) == 2
