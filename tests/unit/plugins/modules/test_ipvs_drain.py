# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of what drains, over a table in memory and a root of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot.program import main as boot
from ansible_collections.lvs.topology.plugins.module_utils.converge import table_state
from ansible_collections.lvs.topology.plugins.module_utils.converge.director import PART
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.module_utils.state.state_file import load
from ansible_collections.lvs.topology.plugins.modules import (
    director,
    ipvs_destination,
    ipvs_drain,
    ipvs_services,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs
from ansible_collections.lvs.topology.tests.unit.plugins.modules.test_ipvs_modules import (
    FOREIGN,
    WEB,
    Result,
    foreign,
)

ONE, TWO = "10.0.0.1", "10.0.0.2"
HOSTS = {"web1": [ONE], "web2": [TWO]}


class Home(NamedTuple):
    """The module that declares a table, and keeps it."""

    main: Callable[[], None]
    part: str

    def table(self, *services: Result, check: bool = False, **arguments: object) -> Result:
        return run_module(self.main, services=[*services], check=check, **arguments)

    def declare(self, *, check: bool = False, one: int = 3, **fields: object) -> Result:
        """web1 and web2 below one service."""
        destinations = [{"address": ONE, "weight": one}, {"address": TWO, "weight": 2}]
        service = {**WEB, **fields, "destinations": destinations}
        return self.table(service, hosts=HOSTS, check=check)


@pytest.fixture(params=[ipvs_services, director], ids=["ipvs_services", "director"])
def home(request: pytest.FixtureRequest) -> Home:
    part = table_state.PART if request.param is ipvs_services else PART
    return Home(request.param.main, part)


def drain(name: str, state: str = "drained", *, check: bool = False, **options: object) -> Result:
    return run_module(ipvs_drain.main, real_servers=[name], state=state, check=check, **options)


@pytest.mark.parametrize("name", ["web1", ONE])
def test_a_real_server_is_drained_and_comes_back(ipvs: FakeIpvs, home: Home, name: str) -> None:
    home.declare()
    predicted = drain(name, check=True)
    assert ipvs.weights() == {ONE: 3, TWO: 2}
    done = drain(name)
    assert ipvs.weights() == {ONE: 0, TWO: 2}
    assert predicted["diff"] == done["diff"]
    assert not drain(name)["changed"]
    assert done["connections"] == [
        {
            "service": "tcp 192.0.2.1:80",
            "protocol": "tcp",
            "destination": "10.0.0.1:80",
            "active": 1,
            "inactive": 2,
            "persistent": 3,
        }
    ]
    assert drain(name, "undrained")["changed"]
    assert ipvs.weights() == {ONE: 3, TWO: 2}
    assert not drain(name, "undrained")["changed"]


def test_a_drain_ends_with_the_next_run_of_the_table(ipvs: FakeIpvs, home: Home) -> None:
    home.declare()
    drain("web1")
    assert home.declare()["changed"]
    assert ipvs.weights() == {ONE: 3, TWO: 2}
    assert not home.declare()["changed"]


def test_a_permanent_drain_stays(ipvs: FakeIpvs, home: Home, warnings: list[str]) -> None:
    home.declare()
    drain("web1", permanent=True)
    home.declare(one=5)
    assert ipvs.weights() == {ONE: 0, TWO: 2}
    assert ["web1 (10.0.0.1) stays drained" in warning for warning in warnings] == [True]
    assert not home.declare(one=5)["changed"]
    drain("web1", "undrained")
    assert ipvs.weights() == {ONE: 5, TWO: 2}


def test_a_permanent_drain_is_not_lowered(ipvs: FakeIpvs, home: Home, warnings: list[str]) -> None:
    home.declare()
    assert drain("web1", permanent=True)["drained"] == [ONE]
    assert drain("web1")["drained"] == []
    drain("web1", "undrained", end_permanent=False)
    assert ipvs.weights() == {ONE: 0, TWO: 2}
    drain("web1", "removed")
    assert ipvs.weights() == {TWO: 2}
    home.declare()
    assert ipvs.weights() == {ONE: 0, TWO: 2}
    assert ["web1 (10.0.0.1) stays drained" in one for one in warnings] == [True, True]
    drain("web1", "undrained")
    home.declare()
    assert ipvs.weights() == {ONE: 3, TWO: 2}


@pytest.mark.parametrize("permanent", [True, False])
def test_a_reboot_keeps_what_was_asked_to_stay(
    ipvs: FakeIpvs, home: Home, *, permanent: bool
) -> None:
    home.declare()
    drain("web1", permanent=permanent)
    ipvs.content = {}
    assert boot() == 0
    assert ipvs.weights() == {ONE: 0 if permanent else 3, TWO: 2}


def test_the_next_attempt_at_boot_is_about_what_failed(
    ipvs: FakeIpvs, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    home.declare()
    damaged = paths.state_file("router", persist=True)
    damaged.write_text("damaged")
    assert boot() == 1
    drain("web1")
    assert boot() == 1
    damaged.unlink()
    assert boot() == 0
    assert ipvs.weights() == {ONE: 0, TWO: 2}
    # It is through: whoever starts it now wants all of it.
    assert boot() == 0
    assert ipvs.weights() == {ONE: 3, TWO: 2}


def test_a_real_server_that_is_no_longer_declared_is_forgotten(ipvs: FakeIpvs, home: Home) -> None:
    home.declare()
    drain("web1", permanent=True)
    home.table({**WEB, "destinations": [{"address": TWO}]}, hosts={"web2": [TWO]})
    home.declare()
    assert ipvs.weights() == {ONE: 3, TWO: 2}


def test_a_weight_that_somebody_gave_is_left(ipvs: FakeIpvs, home: Home) -> None:
    home.declare()
    drain("web1")
    run_module(
        ipvs_destination.main,
        **WEB,
        destination={"address": ONE, "weight": 9},
        ignore_topology=True,
    )
    assert not drain("web1", "undrained")["operations"][:-1]
    assert ipvs.weights() == {ONE: 9, TWO: 2}


def test_removed_until_the_next_run(ipvs: FakeIpvs, home: Home) -> None:
    home.declare()
    drain("web1", "removed")
    assert ipvs.weights() == {TWO: 2}
    home.declare()
    assert ipvs.weights() == {ONE: 3, TWO: 2}


def test_others_services_are_left(ipvs: FakeIpvs, home: Home) -> None:
    foreign(ipvs)
    run_module(ipvs_destination.main, **FOREIGN, destination={"address": ONE, "weight": 7})
    home.declare()
    drain("web1")
    assert sorted(
        one.weight for entry in ipvs.content.values() for one in entry.destinations.values()
    ) == [0, 2, 7]


def test_unknown_real_servers_are_all_named(ipvs: FakeIpvs, home: Home) -> None:
    home.declare()
    failed = run_module(ipvs_drain.main, real_servers=["web1", "web8", "web9"], timeout=300)
    assert failed["msg"] == (
        "no service of ours has a real server web8, web9: there are web1, web2"
    )
    assert ipvs.weights() == {ONE: 3, TWO: 2}


def test_nothing_to_drain_at_all(ipvs: FakeIpvs) -> None:
    failed = drain("web1")
    assert failed["msg"].endswith("there are no services of ours")
    assert ipvs.written == []


def test_bad_times_are_refused(ipvs: FakeIpvs, home: Home) -> None:
    home.declare()
    failed = drain("web1", timeout=-1, poll_interval=0)
    assert len(failed["problems"]) == 2
    assert ipvs.weights() == {ONE: 3, TWO: 2}


@pytest.mark.parametrize("ends_templates", ["0", "1"])
def test_clients_that_come_back_are_warned_of(
    ipvs: FakeIpvs, home: Home, tmp_path: Path, warnings: list[str], ends_templates: str
) -> None:
    (tmp_path / "proc/sys/net/ipv4/vs/expire_quiescent_template").write_text(ends_templates)
    home.declare(persistence_timeout=600)
    drain("web1")
    assert ["away for 600 s" in warning for warning in warnings] == [True] * (ends_templates == "0")
    assert ipvs.weights() == {ONE: 0, TWO: 2}


@pytest.mark.usefixtures("ipvs")
@pytest.mark.parametrize("flags", [[], ["fallback"]])
def test_clients_that_are_refused_are_warned_of(
    home: Home, warnings: list[str], flags: list[str]
) -> None:
    home.declare(scheduler="mh", scheduler_flags=flags)
    drain("web1")
    assert ["are refused until it is back" in one for one in warnings] == [True] * (not flags)


def test_state_stays_where_it_is_kept(ipvs: FakeIpvs, home: Home) -> None:
    home.table({**WEB, "destinations": [{"address": ONE}]}, persist=False)
    drain(ONE, permanent=True)
    assert ipvs.weights() == {ONE: 0}
    assert not paths.state_file(home.part, persist=True).exists()
    assert paths.state_file(home.part, persist=False).exists()


@pytest.mark.parametrize("state", ["drained", "removed"])
def test_too_few_would_be_left(ipvs: FakeIpvs, home: Home, state: str) -> None:
    home.declare()
    result = drain("web1", state, min_active=2)
    assert result["failed"] is True
    assert "got 1 other real server with a weight; expected at least 2" in result["msg"]
    assert ipvs.weights() == {ONE: 3, TWO: 2}
    assert drain("web1", state, min_active=1)["changed"] is True


def test_a_drained_real_server_does_not_count_as_left(ipvs: FakeIpvs, home: Home) -> None:
    home.declare()
    drain("web2")
    result = drain("web1", min_active=1)
    assert "got 0 other real servers with a weight" in result["msg"]
    assert ipvs.weights() == {ONE: 3, TWO: 0}
    # It may come back at any time.
    assert drain("web2", "undrained", min_active=5)["changed"] is True


def test_a_topology_comes_before_a_table_of_its_own(ipvs: FakeIpvs) -> None:
    Home(ipvs_services.main, table_state.PART).declare(one=7)
    Home(director.main, PART).declare()
    drain("web1", permanent=True)
    assert ipvs.weights() == {ONE: 0, TWO: 2}
    kept = load(paths.state_file(PART, persist=True))
    assert kept.owned["table"]["drained"] == {ONE: True}
    assert "drained" not in load(paths.state_file(table_state.PART, persist=True)).owned


@pytest.mark.usefixtures("ipvs")
def test_a_state_file_that_is_damaged_is_told() -> None:
    Home(director.main, PART).declare()
    paths.state_file(PART, persist=True).write_text("damaged")
    failed = drain("web1")
    assert failed["failed"]
    assert "director.json is damaged" in failed["msg"]
