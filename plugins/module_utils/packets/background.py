# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A capture in the background, which runs on after its module has returned.

It is a separate process with an abstract socket, so that it leaves no file. It ends once its result
was collected, or some time after the capture.

Every user of the host can see such a socket, connect to it, and take its name first. So each side
asks the kernel for the other's user before it does anything else.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import time
from typing import Any, NoReturn

from .capture import Capture
from .errors import PacketError
from .requests import CaptureSpec

_KEPT_SECONDS = 120  # how long the result stays after the capture has ended
_MEETING_SECONDS = 10  # for others who queue
_ANSWER_SECONDS = 60  # for each step of handing over: a large capture on a slow host takes long
_LARGEST_RESULT = 64 * 1024 * 1024  # more than all packets of the largest capture
_CREDENTIALS = struct.Struct("@iII")  # struct ucred: process, user, group
_TIME = struct.Struct("@ll")  # struct timeval


def start(name: str, spec: CaptureSpec) -> None:
    """Start a capture; it listens when this returns."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        try:
            listening.bind(_address(name))
        except OSError as error:
            raise PacketError(
                f"a capture named {name} is already running, or another program has taken this"
                " name: collect it, or use another name"
            ) from error
        listening.listen(1)
        with Capture(spec) as capture:
            if os.fork() == 0:
                _go_on(_Meeting(listening), capture)


def collect(name: str) -> dict[str, Any]:
    """Stop a capture and return its frames."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as meeting:
        _limit(meeting, _MEETING_SECONDS)
        try:
            meeting.connect(_address(name))
        except OSError as error:
            raise PacketError(
                f"no capture named {name} is running: it was never started, or not collected within"
                f" {_KEPT_SECONDS} s after its end"
            ) from error
        if not _is_ours(meeting):
            raise PacketError(f"the capture named {name} belongs to another user")
        _limit(meeting, _ANSWER_SECONDS)
        try:
            result: dict[str, Any] = json.loads(_receive(meeting))
        except (OSError, ValueError) as error:
            raise PacketError(f"the capture named {name} died") from error
    return result


class _Meeting:
    """Where a capture in the background waits for the one who collects it."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._visitor: socket.socket | None = None

    def fileno(self) -> int:
        return self._listening.fileno()

    def is_called(self) -> bool:
        """Let the one who waits in; false for another user, who is sent away."""
        visitor, _address_of_it = self._listening.accept()
        if _is_ours(visitor):
            self._listening.close()  # later clients get an error
            self._visitor = visitor
            return True
        visitor.close()
        return False

    def hand_over(self, result: dict[str, Any]) -> None:
        """Give the result to the first client of the same user, if one comes in time."""
        until = time.monotonic() + _KEPT_SECONDS
        while self._visitor is None:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self], [], [], left)[0]:
                return
            self.is_called()
        with self._visitor:
            _limit(self._visitor, _ANSWER_SECONDS)
            self._visitor.sendall(json.dumps(result).encode())


def _is_ours(peer: socket.socket) -> bool:
    """Whether a process of this user is (or was, as it began to listen) at the other end."""
    asked = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return bool(_CREDENTIALS.unpack(asked)[1] == os.geteuid())


def _limit(meeting: socket.socket, seconds: int) -> None:
    """Let no call wait for long; that of ``settimeout`` would not wait where others queue."""
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        meeting.setsockopt(socket.SOL_SOCKET, option, _TIME.pack(seconds, 0))


def _receive(meeting: socket.socket) -> bytes:
    received = bytearray()
    while len(received) <= _LARGEST_RESULT:
        part = meeting.recv(65536)
        if not part:
            return bytes(received)
        received += part
    raise ValueError("this is no result")


def _address(name: str) -> str:
    return f"\0lvs-topology-capture/{name}"


def _go_on(meeting: _Meeting, capture: Capture) -> NoReturn:
    """Run the process in the background."""
    try:
        _leave()
        result = capture.watch(meeting)
        capture.close()
        meeting.hand_over(result)
    finally:
        os._exit(0)


def _leave() -> None:
    """Leave the session, and close everything that the module's caller waits for."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.chdir("/")
