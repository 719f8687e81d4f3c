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

# include/uapi/linux/netlink.h, include/linux/socket.h; Python lacks these constants.
_SOL_NETLINK = 270
_NETLINK_CAP_ACK = 10
_NETLINK_EXT_ACK = 11

# The kernel fills at most 32 KiB of a reader's buffer at once (net/netlink/af_netlink.c,
# netlink_recvmsg), so that a larger buffer saves no call.
_RECEIVE_BYTES = 32768

# Requests in one write. The kernel answers all of them before the write returns, so that a batch
# costs two system calls. It must fit into the socket's send buffer (net.core.wmem_default).
BATCH = 200


class Request(NamedTuple):
    """A message without its sequence number."""

    kind: int
    payload: bytes


class NetlinkError(OSError):
    """The kernel refused a read."""

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
        """Close the socket."""
        self._socket.close()

    def dump(self, request: Request) -> Iterator[tuple[bytes, int, int]]:
        """Yield each reply to a dump request as (datagram, payload start, payload end).

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
        """Return the replies to one request that is not a dump; raise NetlinkError if refused."""
        replies, refused = self._exchange([request])
        if refused[0]:
            raise NetlinkError(refused[0])
        return replies

    def submit(self, requests: Sequence[Request]) -> list[Refusal | None]:
        """Send all requests in order, in batches; return None or the refusal for each.

        The kernel reports errors even without an ACK, so that only the last request of a batch
        asks for one. A refused request does not stop those behind it.
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
