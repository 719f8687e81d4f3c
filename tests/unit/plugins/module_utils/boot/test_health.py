# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health daemon's loop, with a prober, a kernel and a clock in memory, and real files."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import health, systemd
from ansible_collections.lvs.topology.plugins.module_utils.health import runtime
from ansible_collections.lvs.topology.plugins.module_utils.health.model import Probe
from ansible_collections.lvs.topology.plugins.module_utils.health.verdict import Moment
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client as RealClient
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    Entry,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.state import files, paths
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError
from ansible_collections.lvs.topology.plugins.module_utils.state.lock import host_lock
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.render import HEALTHY
from ansible_collections.lvs.topology.plugins.modules import director, ipvs_drain
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs

ONE, TWO, SORRY = "10.0.0.1", "10.0.0.2", "10.0.0.9"
REFUSED = "connection refused"
SERVICE: dict[str, Any] = {"address": "192.0.2.1", "port": 80}
WEB: dict[str, Any] = {
    **SERVICE,
    "destinations": [{"address": ONE, "weight": 3}, {"address": TWO, "weight": 2}],
}
WATCH: dict[str, Any] = {**SERVICE, "name": "web"}
DECLARED: dict[str, Any] = {
    "services": [WEB],
    "health": [WATCH],
    "hosts": {"web1": [ONE], "web2": [TWO]},
}


class World:
    """A director with its daemon; the daemon's prober, whose answers are in ``down``."""

    def __init__(self, kernel: FakeIpvs) -> None:
        self.kernel = kernel
        self.clock = 1000.0
        self.wall = 1_000_000.0
        self.untried: dict[Probe, str] = {}
        self.down: dict[str, str] = {}
        self.probes: list[Probe] = []
        self.due: dict[Probe, float] = {}
        self.daemon = health.Daemon(self, self.now)

    def now(self) -> Moment:
        return Moment(self.clock, self.wall + self.clock)

    def watch(self, probes: Iterable[Probe]) -> None:
        self.probes = sorted(probes)
        self.due = {probe: self.due.get(probe, self.clock) for probe in self.probes}

    def run(self, until: float) -> list[tuple[Probe, str]]:
        until = max(until, self.clock)
        first = min([until, *self.due.values()])
        self.clock = max(self.clock, first)
        ready = [probe for probe, due in self.due.items() if due <= self.clock]
        for probe in ready:
            self.due[probe] += probe.check.interval
        return [
            (probe, self.down.get(probe.rip or probe.address, ""))
            for probe in ready
            if probe not in self.untried
        ]

    def go(self, seconds: float) -> dict[str, int]:
        """Let it work for a time; gives the weights in the kernel."""
        end = self.clock + seconds
        while self.clock < end:
            self.daemon.step()
        return self.kernel.weights()

    def restart(self) -> None:
        """Another process, which knows what the files say."""
        self.daemon = health.Daemon(self, self.now)


@pytest.fixture
def kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> FakeIpvs:
    host = FakeHost(tmp_path, monkeypatch)
    host.set("net/ipv4/vs/conntrack", "0")
    found = FakeIpvs()
    found.put_in_place(monkeypatch)
    declare()
    capsys.readouterr()
    return found


def declare(**arguments: object) -> dict[str, Any]:
    result = run_module(director.main, **{**DECLARED, **arguments})
    assert not result.get("failed"), result["msg"]
    return result


def drain(state: str, name: str) -> None:
    run_module(ipvs_drain.main, real_servers=[name], state=state, wait=False)


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the daemon has said; modules may warn beside it, depending on the tests before."""
    lines = capsys.readouterr().err.splitlines()
    return [line for line in lines if not line.startswith("[WARNING]")]


def test_out_and_back(kernel: FakeIpvs, capsys: pytest.CaptureFixture[str]) -> None:
    world = World(kernel)
    assert world.go(10) == {ONE: 3, TWO: 2}
    world.down[TWO] = REFUSED
    assert world.go(3) == {ONE: 3, TWO: 2}
    assert world.go(4) == {ONE: 3, TWO: 0}
    assert [one.reason for one in (runtime.decisions() or {}).values()] == [REFUSED]
    assert not declare()["changed"]
    world.down.clear()
    assert world.go(6) == {ONE: 3, TWO: 2}
    assert runtime.decisions() == {}
    assert said(capsys) == [
        "web2 (10.0.0.2) is down for service web: connection refused",
        "web2 (10.0.0.2) is up again for service web",
    ]


def test_a_restart_changes_nothing_until_probes_say_so(
    kernel: FakeIpvs, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(kernel)
    world.down[TWO] = REFUSED
    world.go(8)
    said(capsys)
    before = paths.decisions_file().read_bytes()
    kernel.written.clear()
    world.restart()
    world.go(8)
    assert (kernel.written, said(capsys)) == ([], [])
    assert paths.decisions_file().read_bytes() == before
    world.down.clear()
    assert world.go(6) == {ONE: 3, TWO: 2}


@pytest.mark.parametrize(
    "name", [paths.decisions_file, paths.verdicts_file], ids=["decisions", "verdicts"]
)
def test_damaged_files_leave_the_weights_until_probes_speak(kernel: FakeIpvs, name: Any) -> None:  # noqa: ANN401
    world = World(kernel)
    world.down[TWO] = REFUSED
    world.go(8)
    files.write(name(), b"{")
    kernel.written.clear()
    world.restart()
    assert world.go(8) == {ONE: 3, TWO: 0}
    assert kernel.written == []
    assert len(runtime.decisions() or {}) == 1
    world.down.clear()
    assert world.go(6) == {ONE: 3, TWO: 2}


def test_a_file_that_is_damaged_meanwhile_is_written_again(kernel: FakeIpvs) -> None:
    world = World(kernel)
    world.down[TWO] = REFUSED
    world.go(8)
    files.write(paths.decisions_file(), b"{")
    world.go(2)
    assert len(runtime.decisions() or {}) == 1


def test_a_daemon_that_died_between_file_and_kernel(kernel: FakeIpvs) -> None:
    world = World(kernel)
    world.down[TWO] = REFUSED
    world.go(8)
    key, entry = next(iter(kernel.content.items()))
    before = kernel.content
    kernel.content = {key: weights(entry, {ONE: 3, TWO: 2})}
    world.restart()
    world.go(0.1)
    assert kernel.content == before
    world.down.clear()
    world.go(8)
    kernel.content = before
    world.restart()
    assert world.go(0.1) == {ONE: 3, TWO: 2}


def weights(entry: Entry, values: dict[str, int]) -> Entry:
    return Entry(
        entry.service,
        {
            key: one._replace(weight=values.get(key.address, one.weight))
            for key, one in entry.destinations.items()
        },
    )


def test_a_run_that_changes_the_host_is_waited_for(kernel: FakeIpvs) -> None:
    world = World(kernel)
    world.down[TWO] = REFUSED
    world.go(1)
    with host_lock():
        assert world.go(10) == {ONE: 3, TWO: 2}
        assert runtime.decisions() == {}
    assert world.go(0.1) == {ONE: 3, TWO: 0}


def test_a_kernel_that_refuses_is_tried_again_and_told_once(
    kernel: FakeIpvs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(kernel)
    world.down[TWO] = REFUSED

    def refuse(operations: Sequence[object]) -> None:
        if operations:
            raise IpvsError("no more memory")

    with monkeypatch.context() as patch:
        patch.setattr(kernel, "apply", refuse)
        world.go(10)
    assert world.go(2) == {ONE: 3, TWO: 0}
    trouble = "cannot write weights, which stay as they are: no more memory"
    assert said(capsys)[1:] == [trouble, f"no more: {trouble}"]


def test_a_drained_real_server_is_left_alone(kernel: FakeIpvs) -> None:
    world = World(kernel)
    world.go(3)
    drain("drained", "web2")
    assert world.go(10) == {ONE: 3, TWO: 0}
    world.down[TWO] = REFUSED
    world.go(10)
    drain("undrained", "web2")
    assert kernel.weights() == {ONE: 3, TWO: 0}
    world.down.clear()
    assert world.go(8) == {ONE: 3, TWO: 2}


def test_a_destination_that_switches_its_method_is_left_alone(kernel: FakeIpvs) -> None:
    world = World(kernel)
    world.down[TWO] = REFUSED
    key, entry = next(iter(kernel.content.items()))
    masq = {each: one._replace(forwarding="masq") for each, one in entry.destinations.items()}
    kernel.content = {key: Entry(entry.service, masq)}
    assert world.go(10) == {ONE: 3, TWO: 2}


def test_what_is_watched_changes_without_losing_state(kernel: FakeIpvs) -> None:
    world = World(kernel)
    world.down[TWO] = REFUSED
    world.go(8)
    due = dict(world.due)
    more = {**WEB, "port": 443, "destinations": [{"address": ONE, "weight": 7}]}
    declare(services=[WEB, more], health=[WATCH, {**WATCH, "port": 443, "name": "tls"}])
    world.go(1)
    assert kernel.weights()[TWO] == 0
    assert {probe.port for probe in world.probes} == {80, 443}
    assert due.items() <= {**due, **world.due}.items()
    declare(health=[])
    world.go(2)
    assert (kernel.weights()[TWO], world.probes, runtime.decisions()) == (2, [], {})


@pytest.mark.parametrize("content", [b"{", b'{"version": 99, "desired": {}, "owned": {}}'])
def test_a_state_file_that_cannot_be_read_changes_nothing(
    kernel: FakeIpvs, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    world = World(kernel)
    world.go(2)
    path = paths.state_file("director", persist=True)
    good = path.read_bytes()
    files.write(path, content)
    world.go(2)
    world.down[TWO] = REFUSED
    assert world.go(8) == {ONE: 3, TWO: 0}
    world.restart()
    world.down.clear()
    assert world.go(8) == {ONE: 3, TWO: 0}
    assert len(runtime.decisions() or {}) == 1
    assert [one for one in said(capsys) if one.startswith("goes on as before: ")][1:]
    files.write(path, good)
    assert world.go(8) == {ONE: 3, TWO: 2}


def test_probes_that_could_not_be_tried_count_for_nothing(
    kernel: FakeIpvs, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(kernel)
    world.go(2)
    world.down = {ONE: REFUSED, TWO: REFUSED}
    world.untried = dict.fromkeys(world.probes, "too many open files")
    assert world.go(20) == {ONE: 3, TWO: 2}
    world.untried, world.down = {}, {}
    world.go(2)
    trouble = "2 of the probes could not be tried: too many open files"
    assert said(capsys) == [trouble, f"no more: {trouble}"]


def test_a_wall_clock_that_jumps_is_no_matter(kernel: FakeIpvs) -> None:
    declare(health=[{**WATCH, "slow_start": 10}])
    world = World(kernel)
    world.down[TWO] = REFUSED
    world.go(8)
    world.wall -= 900_000
    world.down.clear()
    assert world.go(5)[TWO] == 1
    world.wall += 2_000_000
    assert world.go(2)[TWO] == 1
    assert world.go(12)[TWO] == 2


def test_a_clock_that_jumps_ahead_is_no_result(kernel: FakeIpvs) -> None:
    """As that of a virtual machine that was frozen for a day."""
    world = World(kernel)
    world.go(2)
    world.down = {ONE: REFUSED, TWO: REFUSED}
    world.go(3)
    kernel.written.clear()
    world.clock += 86_400
    world.due = dict.fromkeys(world.due, world.clock)
    world.down.clear()
    assert world.go(10) == {ONE: 3, TWO: 2}
    assert kernel.written == []


def test_a_first_start_takes_nobody_out_before_as_many_results_as_it_needs(
    kernel: FakeIpvs,
) -> None:
    kernel.written.clear()
    world = World(kernel)
    world.down = {ONE: REFUSED, TWO: REFUSED}
    assert world.go(3) == {ONE: 3, TWO: 2}
    assert kernel.written == []
    assert world.go(4) == {ONE: 0, TWO: 0}


@contextmanager
def no_descriptor() -> Iterator[None]:
    """No file and no socket can be opened."""
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_without_descriptors_weights_stay(
    kernel: FakeIpvs, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(kernel)
    world.go(2)
    world.down[TWO] = REFUSED
    with no_descriptor():
        assert world.go(8) == {ONE: 3, TWO: 2}
        assert "cannot write weights, which stay as they are" in capsys.readouterr().err
    assert world.go(8) == {ONE: 3, TWO: 0}
    with no_descriptor(), pytest.raises(PersistenceError):
        world.restart()  # systemd tries again


def test_a_list_that_could_not_be_read_is_read_once_it_can(kernel: FakeIpvs) -> None:
    world = World(kernel)
    world.go(2)
    declare(health=[])
    with no_descriptor():
        world.go(4)
    assert world.probes
    world.go(2)
    assert world.probes == []


def test_nothing_that_could_be_read_is_no_begin(kernel: FakeIpvs) -> None:
    """Who is out would stay so, as nobody would know of it."""
    world = World(kernel)
    world.down[TWO] = REFUSED
    world.go(8)
    path = paths.state_file("director", persist=True)
    good = path.read_bytes()
    for damaged in (path, paths.decisions_file()):
        files.write(damaged, b"{")
    with pytest.raises(PersistenceError):
        world.restart()
    files.write(path, good)
    world.restart()
    assert world.go(8) == {ONE: 3, TWO: 0}
    world.down.clear()
    assert world.go(8) == {ONE: 3, TWO: 2}


def test_a_kernel_that_cannot_be_asked_for_want_of_descriptors_is_told() -> None:
    with no_descriptor(), pytest.raises(IpvsError, match="Too many open files"):
        RealClient()


VIP: dict[str, Any] = {"health": [{**WATCH, "through": "vip"}]}


def test_probes_through_the_vip_are_led_by_marks(
    kernel: FakeIpvs, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(**VIP)
    world = World(kernel)
    world.go(2)
    marks = {probe.rip: probe.mark for probe in world.probes}
    there = {
        one.address: key.fwmark
        for key, entry in kernel.probe_services().items()
        for one in entry.destinations
    }
    assert marks == there
    # Somebody clears the table: what answers then is the director itself.
    kernel.content = {key: one for key, one in kernel.content.items() if not key.fwmark}
    world.down = {ONE: REFUSED, TWO: REFUSED}
    world.go(6.5)
    assert table_weights(kernel) == {ONE: 3, TWO: 2}
    assert len(kernel.probe_services()) == 2
    assert said(capsys) == ["somebody has deleted services that lead probes: they come again"]
    world.down = {TWO: REFUSED}
    world.go(4)
    assert table_weights(kernel) == {ONE: 3, TWO: 0}
    declare(health=[])
    assert kernel.probe_services() == {}
    assert not paths.health_directory().exists()


def table_weights(kernel: FakeIpvs) -> dict[str, int]:
    table: Table = kernel.table()
    ones: list[Destination] = [
        one for entry in table.values() for one in entry.destinations.values()
    ]
    return {one.key.address: one.weight for one in ones}


def test_status_and_life_are_told(kernel: FakeIpvs, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(systemd, "tell", told.append)
    monkeypatch.setattr(systemd, "tell_alive", lambda: told.append("alive"))
    world = World(kernel)
    world.down[TWO] = REFUSED
    world.go(8)
    assert [one for one in told if one != "alive"] == [
        "2 of 2 real servers are up",
        "1 of 2 real servers are up",
    ]
    assert told.count("alive") >= 7


def test_keepalived_is_told_that_the_daemon_is_at_work(kernel: FakeIpvs) -> None:
    """Each second, since whoever ends it says the opposite; and only where there is a pair."""
    world = World(kernel)
    world.go(2)
    assert not paths.healthy_file().parent.exists()
    files.write(paths.healthy_file(), b"1\n")
    world.go(2)
    assert paths.healthy_file().read_text() == HEALTHY


def test_a_host_without_a_topology(kernel: FakeIpvs) -> None:
    paths.state_file("director", persist=True).unlink()
    world = World(kernel)
    world.go(3)
    assert (world.probes, kernel.weights()) == ([], {ONE: 3, TWO: 2})


def test_what_is_kept_is_plain(kernel: FakeIpvs) -> None:
    world = World(kernel)
    world.down[TWO] = REFUSED
    world.go(8)
    (entry,) = json.loads(paths.verdicts_file().read_bytes())["verdicts"]
    assert (entry["destination"], entry["is_up"]) == ({"address": TWO, "port": 80}, False)
