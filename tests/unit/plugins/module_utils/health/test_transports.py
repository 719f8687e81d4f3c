# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes of servers on this host. Nothing here is about how long something takes."""

from __future__ import annotations

import errno
import os
import queue
import resource
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.health import transports
from ansible_collections.lvs.topology.plugins.module_utils.health.kinds import dns, script
from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.kind import Asked
from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.table import KINDS
from ansible_collections.lvs.topology.plugins.module_utils.health.model import Check
from ansible_collections.lvs.topology.plugins.module_utils.health.prober import Probe, Prober
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.health.servers import (
    ADDRESS,
    NAME,
    answering,
    in_tls,
    serving,
)

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LONG = 20.0  # seconds: nothing takes as long
SHORT = 0.1  # for what never answers


def probe(kind: str, port: int, timeout: float = LONG, **given: object) -> Probe:
    fields = KINDS[kind].fields
    options = {**{name: field.default for name, field in fields.items()}, **given}
    check = Check(kind, interval=LONG, timeout=timeout, options=tuple(sorted(options.items())))
    return Probe(check, ADDRESS, port)


def tried(one: Probe) -> str:
    """Its first result."""
    prober = Prober(chance=lambda: 0)
    try:
        prober.watch([one])
        ((_probe, result),) = prober.run(time.monotonic() + LONG)
        assert prober.untried == {}
        return result
    finally:
        prober.close()


def untried(one: Probe) -> str:
    """Why it was not tried."""
    prober = Prober(chance=lambda: 0)
    try:
        prober.watch([one])
        assert prober.run(time.monotonic() + SHORT) == []
        return prober.untried[one]
    finally:
        prober.close()


def free_port() -> int:
    with socket.create_server((ADDRESS, 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_connection_ends_with_rst() -> None:
    ends: queue.Queue[int] = queue.Queue()

    def behave(connection: socket.socket) -> None:
        try:
            connection.recv(1)
            ends.put(0)
        except OSError as error:
            ends.put(error.errno or 0)

    with serving(behave) as port:
        assert tried(probe("tcp", port)) == ""
        assert ends.get() == errno.ECONNRESET


def test_refused() -> None:
    assert tried(probe("tcp", free_port())) == "connection refused"
    assert tried(probe("udp", free_port())) == "connection refused"


@pytest.mark.parametrize(
    ("pieces", "result"),
    [
        ((GOOD,), ""),
        ([bytes([each]) for each in GOOD], ""),
        ((GOOD[:-1],), "the pattern is not in the body"),
        ((b"HTTP/1.1 500 x\r\n\r\n",), "HTTP status 500"),
        ((), "connection closed before an HTTP status"),
        ((b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 70000, b"ok"), "the pattern is not in the body"),
    ],
)
def test_http(pieces: tuple[bytes, ...], result: str) -> None:
    with serving(answering(*pieces)) as port:
        assert tried(probe("http", port, pattern="ok")) == result


@contextmanager
def holding() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    is_over = threading.Event()

    def hold(_connection: socket.socket) -> None:
        is_over.wait()

    with serving(hold) as port:
        try:
            yield port
        finally:
            is_over.set()


def test_no_answer() -> None:
    with holding() as port:
        assert tried(probe("http", port, SHORT)) == "connected, but no whole answer within 0.1 s"


def test_an_answer_without_an_end() -> None:
    def behave(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 1000)

    with serving(behave) as port:
        assert tried(probe("http", port, pattern="ok")) == "the pattern is not in the body"


@pytest.mark.parametrize("kind", ["tls", "https"])
def test_tls(kind: str, tmp_path: Path) -> None:
    with serving(in_tls(tmp_path, answering(GOOD))) as port:
        assert tried(probe(kind, port)) == ""
        refused = tried(probe(kind, port, verify_certificate=True, server_name=NAME))
    assert refused.startswith("TLS: self")
    assert "signed" in refused


def test_https_reads_a_body(tmp_path: Path) -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"2\r\nok\r\n", b"0\r\n\r\n"
    with serving(in_tls(tmp_path, answering(*chunks))) as port:
        assert tried(probe("https", port, pattern="ok")) == ""
    with serving(in_tls(tmp_path, answering(b"HTTP/1.1 200 OK\r\n\r\nok"))) as port:
        assert tried(probe("https", port, pattern="ok")) == ""


def test_a_certificate_that_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    behave = in_tls(tmp_path, answering(GOOD))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    transports._context.cache_clear()
    try:
        with serving(behave) as port:
            asked = {"verify_certificate": True}
            assert tried(probe("https", port, LONG, **asked, host=NAME)) == ""
            other = tried(probe("https", port, LONG, **asked, server_name="other.example"))
            assert other.startswith("TLS: Hostname mismatch")
    finally:
        transports._context.cache_clear()


def test_no_tls() -> None:
    with serving(answering(b"SSH-2.0-x\r\n")) as port:
        assert tried(probe("tls", port)).startswith("TLS: ")
    with serving(answering()) as port:
        assert tried(probe("tls", port)).startswith("TLS: ")
    with holding() as port:
        assert tried(probe("tls", port, SHORT)).startswith("connected, but")


@contextmanager
def datagrams(*answers: bytes) -> Iterator[int]:
    """A server that sends these for the first datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((ADDRESS, 0))

        def serve() -> None:
            _data, client = server.recvfrom(4096)
            for answer in answers:
                server.sendto(answer, client)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_udp() -> None:
    with datagrams(b"a pong") as port:
        assert tried(probe("udp", port, send="ping", expect="pong")) == ""
    with datagrams(b"no") as port:
        assert tried(probe("udp", port, expect="pong")) == "another answer than expected"
    with datagrams() as port:
        assert tried(probe("udp", port, SHORT, expect="")) == "no answer within 0.1 s"
    with datagrams() as port:
        assert tried(probe("udp", port, SHORT)) == ""


def test_a_late_answer_of_dns_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "getrandbits", lambda _bits: 7)
    options = {"query_name": "a.example", "query_type": "A"}

    def answer(number: int, code: int) -> bytes:
        query = dns.request(options, Asked(ADDRESS, 53, number))
        return query[:2] + bytes([0x81, 0x80 | code]) + query[4:]

    with datagrams(answer(6, 0), answer(7, 3)) as port:
        assert tried(probe("dns", port, LONG, **options)) == "DNS error NXDOMAIN"


def program(folder: Path, text: str) -> str:
    file = folder / "check"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def test_a_program_is_told_what_to_try(tmp_path: Path) -> None:
    told = script.environment("web", "192.0.2.1", "10.0.0.1", 80)
    path = program(tmp_path, 'test "$LVS_SERVICE $LVS_VIP $LVS_RIP $LVS_PORT" = "$EXPECTED"')
    one = probe("script", 80, script=path)
    right = (*told, ("EXPECTED", "web 192.0.2.1 10.0.0.1 80"))
    assert tried(one._replace(environment=right)) == ""
    assert tried(one._replace(environment=told)) == "exit status 1"


def test_a_program_that_a_signal_ends(tmp_path: Path) -> None:
    path = program(tmp_path, "kill -SEGV $$")
    assert tried(probe("script", 80, script=path)) == f"killed by signal {int(signal.SIGSEGV)}"


@pytest.mark.parametrize("own_end", ["exit 0", "sleep 1000"])
def test_what_a_program_has_started_is_killed(tmp_path: Path, own_end: str) -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)  # noqa: FBT003 - its one argument
    path = program(tmp_path, f"sleep 1000 & {own_end}")
    result = tried(probe("script", 80, 1, script=path))
    os.close(write)
    assert result == ("" if own_end == "exit 0" else "no answer within 1 s")
    assert os.read(read, 1) == b""  # nobody has the other end any more
    os.close(read)


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/nowhere", "no such file or directory"), ("/etc/passwd", "permission denied")],
)
def test_a_program_that_cannot_be_run(path: str, reason: str) -> None:
    assert untried(probe("script", 80, script=path)) == reason


def test_without_descriptors_nothing_is_said() -> None:
    one = probe("tcp", free_port())._replace(check=Check("tcp", interval=0.02, timeout=0.02))
    prober = Prober(chance=lambda: 0)
    prober.watch([one])
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (prober._epoll.fileno(), limits[1]))
    try:
        results = prober.run(time.monotonic() + SHORT)
        reasons = dict(prober.untried)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert results == []
    assert reasons == {one: "too many open files"}
    assert prober.run(time.monotonic() + LONG) == [(one, "connection refused")]
    assert prober.untried == {}
    prober.close()


def test_what_the_director_lacks_says_nothing() -> None:
    one = probe("tcp", 80)
    assert untried(one._replace(source="192.0.2.7")) == "cannot assign requested address"
    assert untried(one._replace(source="::1")) == "invalid argument"


def test_the_source_towards_a_real_server() -> None:
    one = probe("tcp", 80)._replace(address="127.0.0.2", rip="127.0.0.1")
    assert transports._source_towards(one) == "127.0.0.1"
    one = one._replace(address="127.0.0.1", rip="::1")
    with pytest.raises(transports.UntriedError, match=r"ask from 127\.0\.0\.1 itself"):
        transports._source_towards(one)
