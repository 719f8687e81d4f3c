# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Listens to what the kernel tells of a host's network, until something may be lost."""

from __future__ import annotations

import errno
import select
import socket
import time

from .losses import GROUPS, NETLINK_NETFILTER, may_concern_us

_RECEIVE_BYTES = 32768


class Listener:
    """The sockets; close it, or use it in a with statement."""

    def __init__(self) -> None:
        self._sockets: dict[int, tuple[int, socket.socket]] = {}
        self._poll = select.poll()
        for protocol, groups in GROUPS.items():
            kind = socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
            try:
                one = socket.socket(socket.AF_NETLINK, kind, protocol)
                one.bind((0, sum(1 << (group - 1) for group in groups)))
            except OSError:
                if protocol == NETLINK_NETFILTER:  # a kernel or a container without nftables
                    continue
                raise
            self._sockets[one.fileno()] = protocol, one
            self._poll.register(one, select.POLLIN)

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the sockets."""
        for _protocol, one in self._sockets.values():
            one.close()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until something may be lost, or so long; tell whether it is."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            ready = self._poll.poll(None if left is None else left * 1000)
            if any(self._is_loss(descriptor) for descriptor, _event in ready):
                return True
            if end is not None and time.monotonic() >= end:
                return False

    def wait_for_quiet(self, quiet: float, limit: float) -> None:
        """Wait until nothing more has been lost for so long, but for a limited time."""
        end = time.monotonic() + limit
        while time.monotonic() < end and self.wait(quiet):
            pass

    def _is_loss(self, descriptor: int) -> bool:
        protocol, one = self._sockets[descriptor]
        try:
            return may_concern_us(protocol, one.recv(_RECEIVE_BYTES))
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return False
            if error.errno == errno.ENOBUFS:  # there was more than we could hear
                return True
            raise
