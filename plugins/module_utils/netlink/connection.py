# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A netlink socket: dumps, and pipelined requests."""

from __future__ import annotations

import os
import socket
from typing import Iterator, NamedTuple, Sequence

from .message import (
    NLM_F_ACK,
    NLM_F_DUMP,
    NLM_F_REQUEST,
    NLMSG_DONE,
    NLMSG_ERROR,
    Refusal,
    message,
    messages,
    refusal,
)

# include/uapi/linux/netlink.h, include/linux/socket.h: not among Python's constants
_SOL_NETLINK = 270
_NETLINK_CAP_ACK = 10
_NETLINK_EXT_ACK = 11

# The kernel fills as much of a reader's buffer as 32 KiB in one go (net/netlink/af_netlink.c,
# netlink_recvmsg), so that a larger buffer would not save a call.
_RECEIVE_BYTES = 32768

# Requests sent in one write. The kernel answers them all before the write returns, so that a
# batch costs two system calls; it must fit the socket's send buffer (net.core.wmem_default).
BATCH = 200


class Request(NamedTuple):
    """A message before it has a sequence number."""

    kind: int
    payload: bytes


class NetlinkError(OSError):
    """A read that the kernel refused."""

    def __init__(self, refused: Refusal) -> None:
        super().__init__(refused.errno, refused.message or os.strerror(refused.errno))


class Connection:
    """One netlink socket; close it, or use it in a with statement."""

    def __init__(self, protocol: int) -> None:
        self._sequence = 0
        self._socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol
        )
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_CAP_ACK, 1)
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_EXT_ACK, 1)
        self._socket.bind((0, 0))

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the socket back to the kernel."""
        self._socket.close()

    def dump(self, request: Request) -> Iterator[tuple[bytes, int, int]]:
        """Every reply to a dump request, as (datagram, payload start, payload end).

        Raises NetlinkError when the kernel refuses.
        """
        sequence = self._next()
        self._socket.send(
            message(request.kind, NLM_F_REQUEST | NLM_F_DUMP, sequence, request.payload)
        )
        while True:
            data = self._socket.recv(_RECEIVE_BYTES)
            for kind, flags, answers, start, end in messages(data):
                if answers != sequence:
                    continue
                if kind in (NLMSG_DONE, NLMSG_ERROR):
                    refused = refusal(data, flags, start, end)
                    if refused:
                        raise NetlinkError(refused)
                    return
                yield data, start, end

    def ask(self, request: Request) -> list[tuple[bytes, int, int]]:
        """The replies to one request that is not a dump; raises NetlinkError when refused."""
        replies, refused = self._exchange([request])
        if refused[0]:
            raise NetlinkError(refused[0])
        return replies

    def submit(self, requests: Sequence[Request]) -> list[Refusal | None]:
        """Send every request, in order, in batches; one answer each: None, or why it was refused.

        The kernel reports an error whether or not an ACK was asked for, so that only the last
        request of each batch asks for one. A refused request does not stop those behind it.
        """
        answers: list[Refusal | None] = []
        for start in range(0, len(requests), BATCH):
            answers += self._exchange(requests[start : start + BATCH])[1]
        return answers

    def _exchange(
        self, requests: Sequence[Request]
    ) -> tuple[list[tuple[bytes, int, int]], list[Refusal | None]]:
        first = self._sequence + 1
        last = len(requests) - 1
        self._socket.send(
            b"".join(
                message(
                    request.kind,
                    NLM_F_REQUEST | (NLM_F_ACK if index == last else 0),
                    self._next(),
                    request.payload,
                )
                for index, request in enumerate(requests)
            )
        )
        replies: list[tuple[bytes, int, int]] = []
        answers: list[Refusal | None] = [None] * len(requests)
        while True:
            data = self._socket.recv(_RECEIVE_BYTES)
            for kind, flags, sequence, start, end in messages(data):
                index = sequence - first
                if not 0 <= index <= last:
                    continue
                if kind != NLMSG_ERROR:
                    replies.append((data, start, end))
                    continue
                answers[index] = refusal(data, flags, start, end)
                if index == last:
                    return replies, answers

    def _next(self) -> int:
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF
        return self._sequence
