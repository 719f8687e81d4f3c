# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Send requests to services: few, at a low rate, each from a port that is known beforehand.

Applications need not cooperate. A TCP or SCTP connection shows that packets pass both ways. Sent
bytes have arrived once the other kernel has acknowledged them.
"""

from __future__ import annotations

import fcntl
import socket
import struct
import termios
import threading
import time

from .requests import Target
from .results import ANSWERED, REFUSED, SILENT, STALLED, TIMED_OUT, UNREACHABLE, Result

GIVE_UP_AFTER = 3  # failures in a row of one target

_SCTP = getattr(socket, "IPPROTO_SCTP", 132)
_STREAMS = {"tcp": 0, "sctp": _SCTP}
_DATAGRAM = b"?"
_POLL_SECONDS = 0.05


def send(targets: list[Target], rate: float, timeout: float) -> list[Result]:
    """Send the requests of each target in sequence, and several targets in parallel.

    Schedulers count connections, so that requests of one target must not overlap.
    """
    results: list[Result] = []
    pace = _Pace(rate)
    threads = [
        threading.Thread(target=_ask, args=(number, target, pace, timeout, results))
        for number, target in enumerate(targets)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results, key=lambda result: result.target)


class _Pace:
    """Limits the rate of requests over all targets."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate
        self._lock = threading.Lock()
        self._next = time.monotonic()

    def wait(self) -> None:
        with self._lock:
            at = max(self._next, time.monotonic())
            self._next = at + self._gap
        time.sleep(max(0.0, at - time.monotonic()))


def _ask(number: int, target: Target, pace: _Pace, timeout: float, results: list[Result]) -> None:
    failures = 0
    for _request in range(target.requests):
        pace.wait()
        result = _request_of(number, target, timeout)
        results.append(result)
        failures = 0 if result.result in (ANSWERED, SILENT) else failures + 1
        if failures == GIVE_UP_AFTER:
            return


def _request_of(number: int, target: Target, timeout: float) -> Result:
    stream = target.protocol in _STREAMS
    kind = socket.SOCK_STREAM if stream else socket.SOCK_DGRAM
    began = time.monotonic()
    family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
    source, port, result, status = "", 0, UNREACHABLE, ""
    try:
        with socket.socket(family, kind, _STREAMS.get(target.protocol, 0)) as connection:
            connection.settimeout(timeout)
            connection.bind(("", 0))
            port = connection.getsockname()[1]
            try:
                connection.connect((target.address, target.port))
                source = connection.getsockname()[0]
                result, status = (_stream if stream else _datagram)(connection, target, timeout)
            except socket.timeout:
                result = TIMED_OUT if stream else SILENT
            except ConnectionError:
                result = REFUSED
    except OSError as error:
        result, status = UNREACHABLE, error.strerror or str(error)
    return Result(number, source, port, result, round(time.monotonic() - began, 4), status)


def _stream(connection: socket.socket, target: Target, timeout: float) -> tuple[str, str]:
    request = _request_bytes(target)
    if not request or target.protocol != "tcp":
        return ANSWERED, ""
    connection.sendall(request)
    if not _acknowledged(connection, timeout):
        return STALLED, ""
    status = b""
    if target.http:
        status = connection.recv(256).split(b"\r\n")[0]
    return ANSWERED, status.decode("latin-1")


def _request_bytes(target: Target) -> bytes:
    if not target.http:
        return b"\n" * target.size
    head = b"GET / HTTP/1.1\r\nHost: lvs\r\nConnection: close\r\n"
    padding = target.size - len(head) - len(b"X-Padding: \r\n\r\n")
    return head + (b"X-Padding: " + b"." * padding + b"\r\n" if padding > 0 else b"") + b"\r\n"


def _acknowledged(connection: socket.socket, timeout: float) -> bool:
    """Tell whether the other kernel has acknowledged all bytes (SIOCOUTQ counts the rest)."""
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        left = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
        if struct.unpack("@i", left)[0] == 0:
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _datagram(connection: socket.socket, target: Target, _timeout: float) -> tuple[str, str]:
    connection.send(_DATAGRAM * max(1, target.size))
    connection.recv(65536)
    return ANSWERED, ""
