# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether an HTTP/1.1 request gets the status, and the text, that it should."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from ...fields import Field
from .kind import TCP, Answer, Asked, Kind, Misfit, Options

PORT = 80
DEFAULT_STATUSES = ("200-299",)
MAX_STATUS = 599

FIELDS = {
    "url": Field("str", "/"),
    "host": Field("str"),
    "statuses": Field("list", DEFAULT_STATUSES),
    "pattern": Field("str"),
}
TEXTS = {
    "url": "The path to request, with its query.",
    "host": "The header C(Host). The default is the checked address with its port.",
    "statuses": "The good statuses, each a number or a range such as V(200-299). Redirects are "
    "not followed.",
    "pattern": "A regular expression of Python that must match in the first 64 KiB of the body. "
    "Without it, the check does not wait for the body.",
}
_TOKENS = re.compile("/[!-~]{0,2000}")  # what a request line can have; no space, nothing else
_HOST = re.compile(r"[A-Za-z0-9_.\-]{1,253}(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_STATUSES = re.compile("([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?")
_STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([1-5][0-9]{2})(?: [^\r\n]*)?\r?\n")
_BEGIN = b"HTTP/1."
_LENGTH = re.compile(rb"\n(?i:content-length):[ \t]*([0-9]{1,15})[ \t]*\r?\n")
_CHUNKED = re.compile(rb"\n(?i:transfer-encoding):[^\n]*(?i:chunked)[ \t]*\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_MAX_CHUNK_HEAD = 1000
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r?\n")
_INTERIM, _NO_BODY = range(100, 200), (204, 304)


def misfits(options: Options) -> Iterator[Misfit]:
    """Yield what cannot be sent, or understood."""
    if not _TOKENS.fullmatch(options["url"]):
        yield "url", "a path that begins with /, without spaces and in ASCII"
    if options["host"] is not None and not _HOST.fullmatch(options["host"]):
        yield "host", "a name, or an address, perhaps with a port"
    if not options["statuses"] or not all(map(_range, options["statuses"])):
        yield "statuses", "numbers from 100 to 599, or ranges such as 200-299"
    if options["pattern"] is not None:
        try:
            re.compile(options["pattern"])
        except (re.error, OverflowError, RecursionError) as error:
            yield "pattern", f"a regular expression of Python: {error}"


def request(options: Options, asked: Asked) -> bytes:
    """Return the request; a server closes the connection behind its answer."""
    host = options["host"] or host_of(asked, PORT)
    return request_for(options["url"], host)


def request_for(url: str, host: str) -> bytes:
    """Return the request for a path of a host."""
    lines = [
        f"GET {url} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: lvs-topology-health",
        "Accept: */*",
        "Connection: close",
        "\r\n",
    ]
    return "\r\n".join(lines).encode("ascii", "replace")


def host_of(asked: Asked, usual: int) -> str:
    """Return an address as the header Host has it."""
    address = f"[{asked.address}]" if ":" in asked.address else asked.address
    return address if asked.port == usual else f"{address}:{asked.port}"


def judge(options: Options, _asked: Asked, answer: Answer) -> str | None:
    """Judge by the status; with a pattern, by the body too."""
    final = _final(answer.data)
    if final is None:
        return "connection closed before an HTTP status" if answer.is_closed else None
    if isinstance(final, str):
        return final
    if not any(final.status in (_range(one) or ()) for one in options["statuses"]):
        return f"HTTP status {final.status}"
    return _search(options["pattern"], answer, final) if options["pattern"] else ""


def _search(pattern: str, answer: Answer, final: _Status) -> str | None:
    body = _body(answer.data, final)
    if body is None:
        return "the HTTP chunks are damaged"
    if not (body.is_whole or answer.is_closed):
        return None
    found = re.search(pattern, body.data.decode("utf-8", "replace"))
    return "" if found else "the pattern is not in the body"


class _Status(NamedTuple):
    status: int
    at: int  # where its line begins


class _Body(NamedTuple):
    data: bytes
    is_whole: bool


def _final(data: bytes) -> _Status | str | None:
    """Return the status behind interim answers; None = more is needed; a text = what is wrong."""
    at = 0
    while True:
        line = _STATUS_LINE.match(data, at)
        if not line:
            begun = data[at : at + len(_BEGIN)]
            is_possible = _BEGIN.startswith(begun) and b"\n" not in data[at:]
            return None if is_possible else "no answer in HTTP/1"
        status = int(line[1])
        if status not in _INTERIM:
            return _Status(status, at)
        end = _HEAD_END.search(data, line.end() - 2)
        if not end:
            return None
        at = end.end()


def _body(data: bytes, final: _Status) -> _Body | None:
    """Return the body as far as it is there; None = it is damaged."""
    end = _HEAD_END.search(data, final.at)
    if not end:
        return _Body(b"", is_whole=False)
    head, body = data[final.at : end.end()], data[end.end() :]
    if final.status in _NO_BODY:
        return _Body(b"", is_whole=True)
    if _CHUNKED.search(head):
        return _joined(body)
    length = _LENGTH.search(head)
    if length:
        return _Body(body[: int(length[1])], is_whole=len(body) >= int(length[1]))
    return _Body(body, is_whole=False)


def _joined(data: bytes) -> _Body | None:
    """Return the content of chunks."""
    pieces: list[bytes] = []
    at = 0
    while True:
        head = _CHUNK.match(data, at)
        if not head:
            is_possible = len(data) - at < _MAX_CHUNK_HEAD and b"\n" not in data[at:]
            return _Body(b"".join(pieces), is_whole=False) if is_possible else None
        size = int(head[1], 16)
        if not size:
            return _Body(b"".join(pieces), is_whole=True)
        at = head.end()
        pieces.append(data[at : at + size])
        at += size
        if len(data) < at + 2:
            return _Body(b"".join(pieces), is_whole=False)
        at += 2 if data[at : at + 2] == b"\r\n" else 1


def _range(text: str) -> range | None:
    found = _STATUSES.fullmatch(text)
    if not found:
        return None
    low, high = int(found[1]), int(found[2] or found[1])
    return range(low, high + 1) if low <= high <= MAX_STATUS else None


KIND = Kind(
    "http",
    TCP,
    "An HTTP/1.1 request is answered with a good status, and if declared with a text.",
    FIELDS,
    TEXTS,
    misfits,
    request,
    judge,
)
