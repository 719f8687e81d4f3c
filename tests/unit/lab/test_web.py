# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real servers' application, on loopback."""

from __future__ import annotations

import http.client
import json
import socket
import threading

import pytest
from web import web


@pytest.fixture
def http_port() -> int:
    listener = web.dual_stack(socket.SOCK_STREAM, socket.IPPROTO_TCP, 0)
    listener.listen()
    threading.Thread(target=web.accept, args=(listener, web.serve_http), daemon=True).start()
    return int(listener.getsockname()[1])


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_http_tells_both_ends_of_a_connection_that_stays(
    http_port: int, host: str, shown: str
) -> None:
    connection = http.client.HTTPConnection(host, http_port, timeout=5)
    try:
        for method in ("GET", "POST"):
            connection.request(method, "/", body="text" if method == "POST" else None)
            told = json.loads(connection.getresponse().read())
            mine = connection.sock.getsockname()[1]
            assert told["client"] == f"{shown}:{mine}"
            assert told["local"] == f"{shown}:{http_port}"
            assert told["server"] == socket.gethostname()
    finally:
        connection.close()


def test_http_closes_when_asked_to(http_port: int) -> None:
    with socket.create_connection(("127.0.0.1", http_port), 5) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.2"), (socket.AF_INET6, "::1")]
)
def test_udp_answers_from_the_address_that_was_asked(family: int, host: str) -> None:
    listener = web.dual_stack(socket.SOCK_DGRAM, socket.IPPROTO_UDP, 0)
    listener.setsockopt(socket.IPPROTO_IPV6, web.PKTINFO, 1)
    port = int(listener.getsockname()[1])
    threading.Thread(target=web.echo_udp, args=(listener, port), daemon=True).start()
    with socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.sendto(b"x", (host, port))
        data, sender = client.recvfrom(4096)
    assert sender[:2] == (host, port)
    assert json.loads(data)["local"] == web.endpoint(host, port)
