# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which connections weight 0 keeps away, with real connections."""

from __future__ import annotations

import itertools
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.tests.kernel.conftest import Ipvsadm

VIP, CIP, RIPS = "192.0.2.1", "192.0.2.9", ("10.66.0.1", "10.66.0.2")
SERVICE = ("-t", f"{VIP}:80")
PORTS = itertools.count(41000)
SECONDS = 3  # after which a packet counts as lost
SYSCTLS = Path("/proc/sys/net/ipv4/vs")


def serve(listener: socket.socket, name: str) -> None:
    """Accept every connection."""
    while True:
        try:
            connection, _client = listener.accept()
        except OSError:
            return
        threading.Thread(target=answer, args=(connection, name), daemon=True).start()


def answer(connection: socket.socket, name: str) -> None:
    """Answer with the name, and close first: the closing side waits for late packets."""
    with connection:
        connection.recv(1)
        connection.sendall(name.encode())


@pytest.fixture(scope="module")
def servers() -> Iterator[None]:
    """Make two real servers, a VIP and a client's address."""
    addresses = [f"{address}/32" for address in (VIP, CIP, *RIPS)]
    with ExitStack() as stack:
        for address in addresses:
            subprocess.run(["ip", "address", "add", address, "dev", "lo"], check=True)
            undo = ["ip", "address", "delete", address, "dev", "lo"]
            stack.callback(subprocess.run, undo, check=True)
        for rip in RIPS:
            listener = stack.enter_context(socket.create_server((rip, 8080)))
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
            threading.Thread(target=serve, args=(listener, rip), daemon=True).start()
        yield


@pytest.fixture
def sysctls(ipvsadm: Ipvsadm) -> Iterator[None]:
    """Restore the sysctls that a test sets."""
    del ipvsadm  # it has loaded ip_vs
    names = ("conn_reuse_mode", "expire_nodest_conn", "expire_quiescent_template")
    before = {name: (SYSCTLS / name).read_text() for name in names}
    yield
    for name, value in before.items():
        (SYSCTLS / name).write_text(value)


def connected(port: int = 0) -> socket.socket:
    """Return a connection without any data yet."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    client.settimeout(SECONDS)
    client.bind((CIP, port))
    client.connect((VIP, 80))
    return client


def ask(client: socket.socket) -> str:
    """Return the answering real server, once it has closed the connection."""
    with client:
        client.sendall(b"?")
        name = client.recv(64).decode()
        assert client.recv(1) == b""
    return name


def connect(port: int = 0) -> str:
    """Return the real server that answers a new connection."""
    return ask(connected(port))


def fill(ipvsadm: Ipvsadm, *options: str) -> None:
    ipvsadm.run("-A", *SERVICE, "-s", "rr", *options)
    for rip in RIPS:
        ipvsadm.run("-a", *SERVICE, "-r", f"{rip}:8080", "-m")


def drain(ipvsadm: Ipvsadm, rip: str) -> None:
    ipvsadm.run("-e", *SERVICE, "-r", f"{rip}:8080", "-m", "-w", "0")


@pytest.mark.usefixtures("servers", "sysctls")
def test_new_clients_go_elsewhere(ipvsadm: Ipvsadm) -> None:
    fill(ipvsadm)
    assert {connect() for _each in range(4)} == {*RIPS}
    drain(ipvsadm, RIPS[0])
    assert {connect() for _each in range(4)} == {RIPS[1]}


@pytest.mark.usefixtures("servers", "sysctls")
def test_a_template_leads_to_what_is_drained(ipvsadm: Ipvsadm) -> None:
    fill(ipvsadm, "-p", "300")
    drained = connect()
    drain(ipvsadm, drained)
    assert {connect() for _each in range(4)} == {drained}
    (SYSCTLS / "expire_quiescent_template").write_text("1")
    assert connect() in {*RIPS} - {drained}


@pytest.mark.usefixtures("servers", "sysctls")
@pytest.mark.parametrize(
    ("conn_reuse_mode", "expire_nodest_conn", "is_kept_away"),
    [(0, 0, False), (0, 1, True), (1, 0, True)],
)
def test_a_port_that_is_used_again(
    ipvsadm: Ipvsadm, *, conn_reuse_mode: int, expire_nodest_conn: int, is_kept_away: bool
) -> None:
    fill(ipvsadm)
    (SYSCTLS / "conn_reuse_mode").write_text(str(conn_reuse_mode))
    (SYSCTLS / "expire_nodest_conn").write_text(str(expire_nodest_conn))
    port = next(PORTS)
    drained = connect(port)
    drain(ipvsadm, drained)
    assert (connect(port) != drained) == is_kept_away


@pytest.mark.usefixtures("servers", "sysctls")
@pytest.mark.parametrize(("expire_nodest_conn", "error"), [(0, TimeoutError), (1, ConnectionError)])
def test_a_connection_to_what_is_deleted(
    ipvsadm: Ipvsadm, expire_nodest_conn: int, error: type[OSError]
) -> None:
    (SYSCTLS / "expire_nodest_conn").write_text(str(expire_nodest_conn))
    fill(ipvsadm)
    client = connected()
    for rip in RIPS:
        ipvsadm.run("-d", *SERVICE, "-r", f"{rip}:8080")
    with pytest.raises(error):
        ask(client)


@pytest.mark.usefixtures("servers", "sysctls")
def test_what_is_deleted_and_added_again_has_its_connections_again(ipvsadm: Ipvsadm) -> None:
    fill(ipvsadm)
    client = connected()
    ipvsadm.run("-D", *SERVICE)
    fill(ipvsadm)
    assert ask(client) in RIPS
