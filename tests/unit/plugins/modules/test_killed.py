# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that die at every single step of what they do, and the next run, which repairs it."""

from __future__ import annotations

import errno
import itertools
import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

import pytest
from _pytest.mark import ParameterSet

from ansible_collections.lvs.topology.plugins.module_utils.host.nft import run as nft
from ansible_collections.lvs.topology.plugins.module_utils.host.sysctl import files as sysctl
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import Operation
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import parse_services
from ansible_collections.lvs.topology.plugins.module_utils.state import files, paths
from ansible_collections.lvs.topology.plugins.modules import (
    director,
    ipvs_drain,
    ipvs_services,
    ipvs_settings,
    real_server,
    router,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs

Given = ParamSpec("Given")
Result = TypeVar("Result")

Options = dict[str, Any]

CHANGES = ("_link", "_fou", "_address", "_route", "_rule", "_neighbour")
FOREIGN = {"address": "198.51.100.9", "port": 9}
# From a client to VIP, port 80, as Linux 6.1 lists it.
CONNECTION = "TCP C633640A 9C40 0A000064 0050 0A00000B 1F90 ESTABLISHED     899\n"


class Killed(BaseException):
    """What kill -9 is to a test: no handler of the module's sees it."""


class Killer:
    """Lets so many steps pass, and no further one."""

    def __init__(self) -> None:
        self.left: int | None = None

    def step(self) -> None:
        if self.left is None:
            return
        if not self.left:
            raise Killed
        self.left -= 1

    def before(self, function: Callable[Given, Result]) -> Callable[Given, Result]:
        def guarded(*arguments: Given.args, **named: Given.kwargs) -> Result:
            self.step()
            return function(*arguments, **named)

        return guarded


class Step(NamedTuple):
    """A run of a module."""

    main: Callable[[], None]
    arguments: dict[str, Any]

    def run(self) -> dict[str, Any]:
        return run_module(self.main, **self.arguments)


class World:
    """A host with a kernel, on which everything that is changed can be the last thing."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch, killer: Killer) -> None:
        self.host, self.kernel, self._killer = FakeHost(root, monkeypatch), FakeIpvs(), killer
        self.kernel.content = parse_services([FOREIGN])[0]
        for key in ("conntrack", "pmtu_disc", "expire_quiescent_template"):
            self.host.set(f"net/ipv4/vs/{key}", "0")
        for name in CHANGES:
            setattr(self.host, name, killer.before(getattr(self.host, name)))
        monkeypatch.setattr(nft, "change", killer.before(nft.change))
        self.host.write("proc/net/ip_vs_conn", CONNECTION)
        self.kernel.put_in_place(monkeypatch)
        timeouts = killer.before(self.kernel.set_timeouts)
        monkeypatch.setattr(self.kernel, "set_timeouts", timeouts)
        apply = self.kernel.apply
        monkeypatch.setattr(self.kernel, "apply", lambda todo: self._one_by_one(apply, todo))

    def _one_by_one(
        self, apply: Callable[[Sequence[Operation]], None], todo: Sequence[Operation]
    ) -> None:
        for one in todo:
            self._killer.step()
            apply([one])

    def snapshot(self) -> dict[str, Any]:
        seen = self.host.snapshot()
        # The unit names the program by its place.
        root = str(self.host.root).encode()
        seen["files"] = {name: text.replace(root, b"") for name, text in seen["files"].items()}
        return {**seen, "table": self.kernel.content, "timeouts": self.kernel.seconds}

    @staticmethod
    def no_file_is_half_written() -> None:
        for path in paths.state_directory(persist=True).glob("*.json"):
            assert set(json.loads(path.read_bytes())) == {"version", "desired", "owned"}


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Killer:
    killer = Killer()
    for name in ("write", "remove"):
        monkeypatch.setattr(files, name, killer.before(getattr(files, name)))
    # In the midst of files.write: all is written, and the file is not yet in its place.
    monkeypatch.setattr(os, "fsync", killer.before(os.fsync))
    monkeypatch.setattr(sysctl, "write", killer.before(sysctl.write))
    return killer


VIP, OTHER = "10.0.0.100", "10.0.0.101"
TUNNEL = {
    "vips": [VIP, "2001:db8:10::100"],
    "arp_interfaces": ["all"],
    "loose_rp_filter": ["eth0"],
    "tunnels": [{"type": "gue", "local": "10.0.0.11", "port": 6080}],
    "mss_limits": [{"address": VIP, "size": 1400}],
}
NAT = {
    "vips": [OTHER],
    "vip_device": "vip0",
    "arp_interfaces": ["eth0"],
    "return_routes": [{"source": "10.0.0.11", "ports": 80, "gateway": "10.0.0.5"}],
}
FULLNAT = {
    "vips": [{"address": VIP, "interface": "eth0"}],
    "forward": ["ipv4", "ipv6"],
    "no_redirects": ["eth0"],
    "probe_interfaces": ["eth0"],
    "lips": [{"address": "10.0.0.7", "interface": "eth0"}],
    "snat": [{"address": VIP, "ports": 80}],
    "local_addresses": [{"real_server": "10.0.0.11", "first": "10.0.0.7"}],
}
MARKED = {
    "vips": [{"address": OTHER, "interface": "eth0"}],
    "marks": [{"address": OTHER, "ports": 80, "mark": 7}],
}
PINNED = {"neighbours": [{"address": VIP, "interface": "eth0", "mac": "52:54:00:00:00:05"}]}


def web(
    *rips: str, address: str = "192.0.2.1", port: int = 80, forwarding: str = "droute"
) -> dict[str, Any]:
    return {
        "address": address,
        "port": port,
        "destinations": [{"address": rip, "forwarding": forwarding} for rip in rips],
    }


TABLE = {"services": [web("10.0.0.1", "10.0.0.2"), web("10.0.0.1", port=81)]}
OTHER_TABLE = {"services": [web("10.0.0.2", "10.0.0.3"), web("10.0.0.1", port=82)]}
TIMES = {"tcp_timeout": 100, "sysctls": {"conntrack": 1}}
OTHER_TIMES = {"udp_timeout": 50, "sysctls": {"pmtu_disc": 1}}
ABSENT: dict[str, Any] = {"state": "absent"}

# A whole director, each time another one.
FIRST = {**FULLNAT, "services": [web("10.0.0.1", "10.0.0.2", address=VIP)], "settings": TIMES}
SECOND = {
    **MARKED,
    "services": [
        {"fwmark": 7, "family": "ipv4", "destinations": [{"address": "10.0.0.1"}]},
        web("10.0.0.2", "10.0.0.3", address=VIP),
    ],
    "settings": OTHER_TIMES,
}
# The same without source NAT: what was translated may end before that goes.
UNTRANSLATED = {name: one for name, one in FIRST.items() if name not in ("snat", "settings")}
DRAINS: Options = {"drain_removed": {"timeout": 60}}
WAITS: Options = {"wait": {"services": [f"tcp {VIP}:80"], "timeout": 60}}
SWITCHED = {**FIRST, "services": [web("10.0.0.1", "10.0.0.2", address=VIP, forwarding="masq")]}

SEQUENCES: dict[str, tuple[Callable[[], None], tuple[Options, ...], Options]] = {
    "real_server": (real_server.main, (TUNNEL, NAT, ABSENT), ABSENT),
    "phases": (
        real_server.main,
        (TUNNEL, {**NAT, "phase": "prepare"}, {**NAT, "phase": "finish"}),
        ABSENT,
    ),
    "director": (director.main, (FIRST, SECOND, ABSENT), ABSENT),
    "director_drains": (director.main, (FIRST, {**SECOND, **DRAINS}, SECOND), ABSENT),
    "director_switches": (director.main, (FIRST, {**SWITCHED, **DRAINS}, SWITCHED), ABSENT),
    "director_waits": (director.main, (FIRST, {**UNTRANSLATED, **WAITS}, UNTRANSLATED), ABSENT),
    "router": (router.main, (PINNED,), {"neighbours": []}),
    "ipvs_services": (ipvs_services.main, (TABLE, OTHER_TABLE), {"services": []}),
    "ipvs_settings": (ipvs_settings.main, (TIMES, OTHER_TIMES, ABSENT), ABSENT),
}


def cases() -> Iterator[ParameterSet]:
    """Every beginning of a sequence, each once."""
    seen = []
    for name, (main, steps, undo) in SEQUENCES.items():
        for count in range(1, len(steps) + 1):
            beginning = [Step(main, one) for one in steps[:count]]
            if beginning not in seen:
                seen.append(beginning)
                yield pytest.param(beginning, Step(main, undo), id=f"{name}-{count}")


DRAIN = Step(ipvs_drain.main, {"real_servers": ["10.0.0.1"], "permanent": True})
CASES = [
    *cases(),
    pytest.param(
        [Step(ipvs_services.main, TABLE), DRAIN],
        Step(ipvs_services.main, {"services": []}),
        id="ipvs_drain",
    ),
    pytest.param(
        [Step(director.main, FIRST), DRAIN], Step(director.main, ABSENT), id="director_drain"
    ),
]


@pytest.mark.parametrize(("steps", "undo"), CASES)
def test_the_next_run_repairs_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    killer: Killer,
    steps: list[Step],
    undo: Step,
) -> None:
    """The last of the steps dies after 0, 1, 2, ... of its changes, until it is through."""
    world = World(tmp_path / "whole", monkeypatch, killer)
    before = world.snapshot()
    for step in steps:
        assert not step.run().get("failed")
    wanted = world.snapshot()
    for count in itertools.count():
        world = World(tmp_path / str(count), monkeypatch, killer)
        for step in steps[:-1]:
            step.run()
        killer.left = count
        try:
            steps[-1].run()
        except Killed:
            killer.left = None
        else:
            killer.left = None
            break
        world.no_file_is_half_written()
        assert not steps[-1].run().get("failed")
        assert world.snapshot() == wanted
        undo.run()
        assert world.snapshot() == before
    assert count > 1


@pytest.mark.parametrize(("steps", "undo"), CASES)
def test_undoing_what_died_half_way(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    killer: Killer,
    steps: list[Step],
    undo: Step,
) -> None:
    """Whoever gives up after a run that died gets the host as it was found."""
    for count in itertools.count():
        world = World(tmp_path / str(count), monkeypatch, killer)
        before = world.snapshot()
        for step in steps[:-1]:
            step.run()
        killer.left = count
        try:
            steps[-1].run()
        except Killed:
            killer.left = None
        else:
            killer.left = None
            break
        assert not undo.run().get("failed")
        assert world.snapshot() == before


def test_a_disk_that_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killer: Killer
) -> None:
    """Nothing is changed that could not be kept, and the message says what to do."""
    world = World(tmp_path, monkeypatch, killer)
    Step(real_server.main, TUNNEL).run()
    before = world.snapshot()

    def full(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as no_room:
        no_room.setattr(os, "fsync", full)
        result = Step(real_server.main, NAT).run()
    assert result["msg"] == (
        f"cannot write {paths.state_file('real_server', persist=True)}: No space left on device; "
        "it is as it was. Put that right, and run again"
    )
    assert world.snapshot() == before
    assert not Step(real_server.main, NAT).run().get("failed")
