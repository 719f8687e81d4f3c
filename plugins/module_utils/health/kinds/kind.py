# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What sets a kind of check apart. To add one: a file like ``dns.py``, a line in ``table.py``.

A kind says what is sent and what an answer means; ``transports.py`` sends and receives. What a real
server answers is anything at all: a kind reads it without an exception, and in bounded time.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Tuple

from ...fields import Field

TCP, TLS, UDP, PROCESS = "tcp", "tls", "udp", "process"
# The protocol of a transport; a process has none.
PROTOCOLS = {TCP: "tcp", TLS: "tcp", UDP: "udp"}

Options = Mapping[str, Any]
# What an option should have been, by the option's name.
Misfit = Tuple[str, str]


class Asked(NamedTuple):
    """Whom one probe asks."""

    address: str
    port: int
    number: int  # 16 bits by chance, so that a late answer to an earlier probe is none to this one


class Answer(NamedTuple):
    """What has come so far: of a connection all bytes, of a datagram this one."""

    data: bytes
    is_closed: bool  # whether no more will come, or will be read


def _nothing(_options: Options, _asked: Asked) -> bytes:
    return b""


def _is_enough(_options: Options, _asked: Asked, _answer: Answer) -> str | None:
    return ""


def _never(_options: Options) -> bool:
    return False


def _no_misfits(_options: Options) -> Iterator[Misfit]:
    return iter(())


class Kind(NamedTuple):
    """A kind of check: what is sent over which transport, and what is a good answer."""

    name: str
    transport: str
    text: str  # what it tries, for the reference
    fields: Mapping[str, Field] = MappingProxyType({})  # its own options
    texts: Mapping[str, str] = MappingProxyType({})  # what these mean, for the reference
    misfits: Callable[[Options], Iterator[Misfit]] = _no_misfits  # beside those of the fields
    # What is sent; of a process, the program's path.
    request: Callable[[Options, Asked], bytes] = _nothing
    # "" = good, None = more of the answer is needed (never once it is closed), else what is wrong.
    # A connection is judged as soon as it is there, a process by its exit status as text.
    judge: Callable[[Options, Asked, Answer], str | None] = _is_enough
    takes_silence: Callable[[Options], bool] = _never  # whether no answer in time is a good one
