# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health daemon in a process of its own, with real ports and the kernel's table."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.converge import table_state, watches
from ansible_collections.lvs.topology.plugins.module_utils.health import runtime
from ansible_collections.lvs.topology.plugins.module_utils.health.model import Check, Policy, Watch
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    MASQ,
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import plan
from ansible_collections.lvs.topology.plugins.module_utils.state import files, paths
from ansible_collections.lvs.topology.plugins.module_utils.state.part import Part
from ansible_collections.lvs.topology.plugins.module_utils.state.section import (
    HEALTH,
    TABLE,
    Section,
)

WEB = ServiceKey("ipv4", 0, "tcp", "192.0.2.1", 80)
CHECK = Check("tcp", interval=0.2, timeout=0.2)
PROGRAM = """
import sys
from pathlib import Path
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
paths.ROOT = Path(sys.argv[1])
from ansible_collections.lvs.topology.plugins.module_utils.boot.health import main
sys.exit(main())
"""


class Director:
    """A table of one service with two real servers on this host, and its daemon."""

    def __init__(self, client: Client, root: Path) -> None:
        self._client = client
        self._root = root
        self._ports = [_listen() for _number in range(2)]
        keys = [DestinationKey("127.0.0.1", one.getsockname()[1]) for one in self._ports]
        self._keys = keys
        service = Service(WEB)
        table: Table = {WEB: Entry(service, {key: Destination(key, MASQ, 5) for key in keys})}
        (root / "run/systemd/system").mkdir(parents=True)
        part = Part("director", persist=True, check_mode=False)
        table_state.save(
            Section(part, TABLE), table_state.TableState(table, frozenset(table), {}, {})
        )
        watch = Watch(WEB, "web", WEB.address, WEB.port, CHECK, Policy())
        watches.save(Section(part, HEALTH), (watch,))
        client.apply(plan({}, table, ()))
        self.daemon = self.start()

    def start(self) -> subprocess.Popen[str]:
        """Start the daemon (again)."""
        command = [sys.executable, "-c", PROGRAM, str(self._root)]
        self.daemon = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        wait_for(runtime.is_running)
        return self.daemon

    def end(self) -> str:
        """Kill the daemon; gives what it has said."""
        self.daemon.kill()
        return self.daemon.communicate()[1]

    def close(self, number: int) -> None:
        """Stop one real server."""
        self._ports[number].close()

    def open(self, number: int) -> None:
        """Start it again."""
        self._ports[number] = _listen(self._keys[number].port)

    def weights(self) -> list[int]:
        """The weights of both in the kernel."""
        entry = self._client.entry(WEB)
        assert entry
        return [entry.destinations[key].weight for key in self._keys]

    def clear(self) -> None:
        """Leave nothing."""
        if self.daemon.poll() is None:
            self.end()
        for one in self._ports:
            one.close()


def _listen(port: int = 0) -> socket.socket:
    with closing(socket.socket()) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("127.0.0.1", port))
        one.listen(100)
        return one.dup()


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so; the limit is for a daemon that is broken."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def director(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Director]:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    found = Director(client, tmp_path)
    yield found
    found.clear()


def test_a_port_that_closes_takes_its_real_server_out_until_it_opens(director: Director) -> None:
    director.close(0)
    wait_for(lambda: director.weights() == [0, 5])
    director.open(0)
    wait_for(lambda: director.weights() == [5, 5])
    down, up = director.end().splitlines()
    assert down == "127.0.0.1 is down for service web: connection refused"
    assert up == "127.0.0.1 is up again for service web"


def test_a_daemon_that_is_killed_leaves_the_weights_and_goes_on(director: Director) -> None:
    director.close(0)
    wait_for(lambda: director.weights() == [0, 5])
    director.end()
    assert not runtime.is_running()
    director.close(1)
    director.open(0)
    time.sleep(2)  # longer than rise and fall
    assert director.weights() == [0, 5]
    director.start()
    wait_for(lambda: director.weights() == [5, 0])


@pytest.mark.parametrize("content", [b"{", b""])
def test_damaged_decisions_leave_the_weights_until_probes_speak(
    director: Director, content: bytes
) -> None:
    director.close(0)
    wait_for(lambda: director.weights() == [0, 5])
    director.end()
    files.write(paths.decisions_file(), content)
    director.start()
    wait_for(lambda: bool(runtime.decisions()))
    assert director.weights() == [0, 5]
    director.open(0)
    wait_for(lambda: director.weights() == [5, 5])
