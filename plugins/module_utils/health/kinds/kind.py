# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What sets a kind of check apart. To add one: a file like ``tcp.py``, a line in ``table.py``."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Callable, Iterator, Mapping, NamedTuple, Tuple

from ...fields import Field

TCP, TLS, UDP, PROCESS = "tcp", "tls", "udp", "process"
# The protocol of a transport; none of a process: nobody knows what that asks.
PROTOCOLS = {TCP: "tcp", TLS: "tcp", UDP: "udp"}

Options = Mapping[str, Any]
# What an option should have been, by the option's name.
Misfit = Tuple[str, str]


class Answer(NamedTuple):
    """What has come so far."""

    data: bytes
    is_closed: bool  # whether no more will come


def _nothing(_options: Options) -> bytes:
    return b""


def _is_enough(_options: Options, _answer: Answer) -> str | None:
    return ""


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
    request: Callable[[Options], bytes] = _nothing  # b"" = nothing is sent
    # "" = good, None = more of the answer is needed, else what is wrong with it.
    judge: Callable[[Options, Answer], str | None] = _is_enough
