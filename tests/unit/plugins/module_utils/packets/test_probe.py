# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests over the loopback device."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.packets import probe
from ansible_collections.lvs.topology.plugins.module_utils.packets.probe import send
from ansible_collections.lvs.topology.plugins.module_utils.packets.requests import Target
from ansible_collections.lvs.topology.plugins.module_utils.packets.results import (
    ANSWERED,
    REFUSED,
    SILENT,
    UNREACHABLE,
)

HOST = "127.0.0.1"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((HOST, 0)) as server:
        yield server


def port_of(server: socket.socket) -> int:
    port: int = server.getsockname()[1]
    return port


def unused_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        return port_of(server)


def test_a_connection_needs_no_help_of_the_application(listener: socket.socket) -> None:
    results = send([Target(HOST, port_of(listener), requests=3)], rate=100, timeout=1)
    assert [one.result for one in results] == [ANSWERED] * 3
    peers = set()
    for _time in range(3):
        connection, peer = listener.accept()
        connection.close()
        peers.add(peer)
    assert {(one.source, one.port) for one in results} == peers


def test_it_gives_up() -> None:
    results = send([Target(HOST, unused_port(), requests=10)], rate=100, timeout=1)
    assert [one.result for one in results] == [REFUSED] * probe.GIVE_UP_AFTER


def test_the_pace_is_kept(listener: socket.socket) -> None:
    began = time.monotonic()
    send([Target(HOST, port_of(listener), requests=3)] * 2, rate=50, timeout=1)
    assert time.monotonic() - began >= 5 / 50


def test_a_transfer_that_arrives(listener: socket.socket) -> None:
    (result,) = send([Target(HOST, port_of(listener), size=5000)], rate=100, timeout=1)
    assert result.result == ANSWERED
    connection, _peer = listener.accept()
    with connection:
        assert connection.recv(5000, socket.MSG_WAITALL) == b"\n" * 5000


def test_http(listener: socket.socket) -> None:
    asked = []

    def serve() -> None:
        connection, _peer = listener.accept()
        with connection:
            asked.append(connection.recv(3000, socket.MSG_WAITALL))
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    target = Target(HOST, port_of(listener), http=True, size=3000)
    (result,) = send([target], rate=100, timeout=2)
    thread.join()
    assert (result.result, result.status) == (ANSWERED, "HTTP/1.1 204 No Content")
    assert asked[0].startswith(b"GET / HTTP/1.1\r\n")
    assert asked[0].endswith(b".\r\n\r\n")
    assert len(asked[0]) == 3000


def test_udp_that_answers_and_udp_that_does_not() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((HOST, 0))

        def answer_once() -> None:
            _data, peer = server.recvfrom(100)
            server.sendto(b"!", peer)

        thread = threading.Thread(target=answer_once)
        thread.start()
        target = Target(HOST, port_of(server), protocol="udp", requests=2)
        results = send([target], rate=100, timeout=1)
        thread.join()
    assert [one.result for one in results] == [ANSWERED, SILENT]
    refused = Target(HOST, unused_port(), protocol="udp")
    assert send([refused], rate=100, timeout=1)[0].result == REFUSED


def test_no_route_is_told_in_the_system_s_words() -> None:
    (result,) = send([Target("255.255.255.255", 80)], rate=100, timeout=1)
    assert result.result == UNREACHABLE
    assert result.status
