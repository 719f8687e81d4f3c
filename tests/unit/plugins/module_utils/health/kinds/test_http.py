# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP: statuses and bodies."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.health.kinds import http, https, tls
from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.kind import Answer, Asked
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.health.kinds.test_kinds import (  # noqa: E501 - a name
    options,
)

ASKED = Asked("2001:db8::1", 8080, 0)
HEAD = b"HTTP/1.1 200 OK\r\nServer: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: gzip, Chunked\r\n\r\n"
SIZED = HEAD + b"content-length: 5\r\n\r\n"
MISSING = "the pattern is not in the body"
DAMAGED = "the HTTP chunks are damaged"
NO_HTTP = "no answer in HTTP/1"


def judged(data: bytes, *, is_closed: bool = False, **given: object) -> str | None:
    return http.judge(options(http.KIND, **given), ASKED, Answer(data, is_closed))


@pytest.mark.parametrize(
    ("data", "result"),
    [
        (b"", None),
        (b"HTTP", None),
        (b"HTTP/1.1 200 O", None),
        (b"HTTP/1.1 200 OK\r\n", ""),
        (b"HTTP/1.0 204\n", ""),
        (b"HTTP/1.1 503 Service Unavailable\r\n", "HTTP status 503"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", None),
        (b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n", ""),
        (b"HTTP/1.1 103\r\nLink: a", None),
        (b"HTTP/2 200\r\n", NO_HTTP),
        (b"SSH-2.0-OpenSSH", NO_HTTP),
        (b"HTTP/1.1 999 OK\r\n", NO_HTTP),
        (b"\x15\x03\x01\x00\x02\x02\x46", NO_HTTP),
    ],
)
def test_status(data: bytes, result: str | None) -> None:
    assert judged(data) == result


def test_a_connection_that_ends_early() -> None:
    assert judged(b"HTTP/1.1 20", is_closed=True) == "connection closed before an HTTP status"


@pytest.mark.parametrize("status", [200, 301, 404])
def test_statuses(status: int) -> None:
    data = f"HTTP/1.1 {status} x\r\n".encode()
    assert judged(data, statuses=("301", "400-404")) == ("" if status != 200 else "HTTP status 200")


@pytest.mark.parametrize(
    ("data", "result"),
    [
        (HEAD, None),
        (SIZED + b"all", None),
        (SIZED + b"all ok", MISSING),
        (SIZED + b"1 ok!", ""),
        (HEAD + b"Content-Length: 0\r\n\r\n", MISSING),
        (HEAD + b"\r\nall ok", None),
        (CHUNKED + b"5\r\n1 ok!\r\n", None),
        (CHUNKED + b"5\r\n1 ok!\r\n0\r\n", ""),
        (CHUNKED + b"2;x=y\r\n o\r\n1\r\nk\r\n0\r\n\r\n", ""),
        (CHUNKED + b"2\r\nno\r\n0\r\n\r\n", MISSING),
        (CHUNKED + b"FF", None),
        (CHUNKED + b"x\r\n", DAMAGED),
        (CHUNKED + b"-1\r\n", DAMAGED),
        (CHUNKED + b"1" * 2000, DAMAGED),
        (b"HTTP/1.1 204 No Content\r\n\r\n", MISSING),
    ],
)
def test_bodies(data: bytes, result: str | None) -> None:
    assert judged(data, pattern=r"\bok\b") == result


def test_what_is_there_at_the_end_counts() -> None:
    assert judged(HEAD + b"\r\nall ok", is_closed=True, pattern="ok") == ""
    assert judged(SIZED + b"ok", is_closed=True, pattern="ok") == ""
    assert judged(HEAD, is_closed=True, pattern="ok") == MISSING


def test_request() -> None:
    request = http.request(options(http.KIND, url="/health?full"), ASKED).split(b"\r\n")
    assert request[:2] == [b"GET /health?full HTTP/1.1", b"Host: [2001:db8::1]:8080"]
    assert b"Connection: close" in request
    assert request[-2:] == [b"", b""]
    assert http.host_of(Asked("192.0.2.1", 80, 0), 80) == "192.0.2.1"


def test_https_asks_for_the_name_of_the_handshake() -> None:
    own = options(https.KIND, server_name="www.example")
    assert b"Host: www.example\r\n" in https.request(own, ASKED)


@pytest.mark.parametrize(
    ("host", "server_name", "name"),
    [
        (None, None, "2001:db8::1"),
        ("www.example:8443", None, "www.example"),
        ("[2001:db8::2]:443", None, "2001:db8::2"),
        ("www.example", "other.example", "other.example"),
    ],
)
def test_the_name_of_a_handshake(host: str | None, server_name: str | None, name: str) -> None:
    own = options(https.KIND, host=host, server_name=server_name)
    assert tls.name_of(own, ASKED) == name
