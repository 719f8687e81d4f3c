# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import systemd as status


@pytest.fixture(params=["path", "abstract"])
def systemd(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[socket.socket]:
    """The socket on which systemd listens."""
    path = str(tmp_path / "notify")
    shown, bound = (path, path) if request.param == "path" else (f"@{path}", f"\0{path}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(bound)
        receiver.settimeout(1)
        monkeypatch.setenv("NOTIFY_SOCKET", shown)
        yield receiver


def test_one_line(systemd: socket.socket) -> None:
    status.tell("director: no\nroute")
    assert systemd.recv(1000) == b"STATUS=director: no route"


def test_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    status.tell("something")
    monkeypatch.delenv("NOTIFY_SOCKET")
    status.tell("something")


def test_whatever_a_failure_quotes(systemd: socket.socket) -> None:
    status.tell("no link \ud800")
    assert systemd.recv(1000) == rb"STATUS=no link \ud800"


def test_a_service_that_is_ready(systemd: socket.socket) -> None:
    status.tell_ready()
    assert systemd.recv(1000) == b"READY=1"
