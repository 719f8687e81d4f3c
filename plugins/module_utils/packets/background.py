# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A capture in the background, which runs on after its module has returned.

It is a separate process with an abstract socket, so that it leaves no file. It ends once its result
was collected, or some time after the capture.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
from typing import Any, NoReturn

from .capture import Capture
from .errors import PacketError
from .requests import CaptureSpec

_KEPT_SECONDS = 120  # how long the result stays after the capture has ended
_CREDENTIALS = struct.Struct("@iII")  # struct ucred: process, user, group


def start(name: str, spec: CaptureSpec) -> None:
    """Start a capture; it listens when this returns."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as meeting:
        try:
            meeting.bind(_address(name))
        except OSError as error:
            raise PacketError(f"a capture named {name} is already running") from error
        meeting.listen(1)
        with Capture(spec) as capture:
            if os.fork() == 0:
                _go_on(meeting, capture)


def collect(name: str) -> dict[str, Any]:
    """Stop a capture and return its frames."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as meeting:
        try:
            meeting.connect(_address(name))
        except OSError as error:
            raise PacketError(
                f"no capture named {name} is running: it was never started, or not collected within"
                f" {_KEPT_SECONDS} s after its end"
            ) from error
        text = _receive(meeting)
    if not text:
        raise PacketError(f"the capture named {name} belongs to another user, or died")
    result: dict[str, Any] = json.loads(text)
    return result


def _receive(meeting: socket.socket) -> bytes:
    parts: list[bytes] = []
    try:
        while True:
            part = meeting.recv(65536)
            if not part:
                return b"".join(parts)
            parts.append(part)
    except ConnectionError:
        return b""


def _address(name: str) -> str:
    return f"\0lvs-topology-capture/{name}"


def _go_on(meeting: socket.socket, capture: Capture) -> NoReturn:
    """Run the process in the background."""
    try:
        _leave()
        result = capture.watch([meeting])
        capture.close()
        _hand_over(meeting, result)
    finally:
        os._exit(0)


def _leave() -> None:
    """Leave the session, and close everything that the module's caller waits for."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.chdir("/")


def _hand_over(meeting: socket.socket, result: dict[str, Any]) -> None:
    """Give the result to the first client of the same user."""
    while select.select([meeting], [], [], _KEPT_SECONDS)[0]:
        visitor, _address_of_it = meeting.accept()
        with visitor:
            asked = visitor.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            if _CREDENTIALS.unpack(asked)[1] == os.geteuid():
                meeting.close()  # later clients get an error
                visitor.sendall(json.dumps(result).encode())
                return
