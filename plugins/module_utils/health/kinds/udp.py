# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether a datagram is answered, or at least not refused."""

from __future__ import annotations

import re
from typing import Iterator

from ...fields import Field
from .kind import UDP, Answer, Asked, Kind, Misfit, Options

FIELDS = {"send": Field("str", ""), "expect": Field("str")}
TEXTS = {
    "send": "The datagram to send: text in UTF-8, in which C(\\\\xHH) is the byte HH.",
    "expect": 'What the answer must contain, written the same way. V("") accepts every answer. '
    "Without it, no answer is good too, and only an ICMP error is bad: a host that is "
    "switched off, or that drops the datagram, counts as good.",
}
_MAX_BYTES = 1400
_BYTE = re.compile(rb"\\x([0-9A-Fa-f]{2})")
_DAMAGED = re.compile(r"\\x(?![0-9A-Fa-f]{2})")


def misfits(options: Options) -> Iterator[Misfit]:
    """Yield what cannot be sent."""
    for name in FIELDS:
        text = options[name] or ""
        if _DAMAGED.search(text):
            yield name, "two hexadecimal digits behind each \\x"
        elif len(_bytes(text)) > _MAX_BYTES:
            yield name, f"at most {_MAX_BYTES} bytes"


def request(options: Options, _asked: Asked) -> bytes:
    """Return the datagram."""
    return _bytes(options["send"])


def judge(options: Options, _asked: Asked, answer: Answer) -> str | None:
    """Judge the first answer."""
    is_there = _bytes(options["expect"] or "") in answer.data
    return "" if is_there else "another answer than expected"


def takes_silence(options: Options) -> bool:
    """Whether nothing is expected."""
    return options["expect"] is None


def _bytes(text: str) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    return _BYTE.sub(lambda found: bytes([int(found[1], 16)]), encoded)


KIND = Kind(
    "udp",
    UDP,
    "A datagram is answered, or at least not refused.",
    FIELDS,
    TEXTS,
    misfits,
    request,
    judge,
    takes_silence,
)
