# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of the modules of IPVS, over a table in memory and a root of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.converge.director import PART
from ansible_collections.lvs.topology.plugins.module_utils.health import runtime
from ansible_collections.lvs.topology.plugins.module_utils.health.decisions import Decision
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import parse_services
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.sync_daemon import SyncDaemon
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.modules import (
    director,
    ipvs_destination,
    ipvs_info,
    ipvs_service,
    ipvs_services,
    ipvs_settings,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs

WEB: dict[str, Any] = {"address": "192.0.2.1", "port": 80}
RIP: dict[str, Any] = {"address": "10.0.0.1", "port": 80, "forwarding": "droute", "weight": 1}
DNS: dict[str, Any] = {"address": "192.0.2.1", "port": 53, "protocol": "udp"}
FOREIGN: dict[str, Any] = {"address": "198.51.100.9", "port": 9}

Result = dict[str, Any]


def table(*services: Result, check: bool = False, **arguments: object) -> Result:
    """A run of ipvs_services."""
    return run_module(ipvs_services.main, services=[*services], check=check, **arguments)


def foreign(ipvs: FakeIpvs) -> None:
    """Another program adds a service."""
    parsed, _problems = parse_services([FOREIGN])
    ipvs.content.update(parsed)


def names(ipvs: FakeIpvs) -> list[str]:
    """The services that are there."""
    return sorted(map(str, ipvs.content))


def test_a_table_is_made_once(ipvs: FakeIpvs) -> None:
    made = table({**WEB, "destinations": [RIP]}, DNS)
    assert made["changed"]
    assert made["operations"][:3] == [
        "add service tcp 192.0.2.1:80",
        "add destination 10.0.0.1:80 of service tcp 192.0.2.1:80",
        "add service udp 192.0.2.1:53",
    ]
    again = table({**WEB, "destinations": [RIP]}, DNS)
    assert not again["changed"]
    assert len(ipvs.written) == 3


def test_check_mode_predicts_and_writes_nothing(ipvs: FakeIpvs, tmp_path: Path) -> None:
    files = sorted(tmp_path.rglob("*"))
    predicted = table({**WEB, "destinations": [RIP]}, check=True)
    assert (ipvs.written, sorted(tmp_path.rglob("*"))) == ([], files)
    made = table({**WEB, "destinations": [RIP]})
    assert predicted["operations"] == made["operations"]
    assert predicted["diff"] == made["diff"]
    assert not table({**WEB, "destinations": [RIP]}, check=True)["changed"]


@pytest.mark.usefixtures("ipvs")
def test_the_difference_shows_only_what_is_touched() -> None:
    table({**WEB, "destinations": [RIP]}, DNS)
    changed = table({**WEB, "destinations": [{**RIP, "weight": 5}]}, DNS)
    for when, weight in (("before", 1), ("after", 5)):
        [service] = changed["diff"][when]["services"]
        assert [one["weight"] for one in service["destinations"]] == [weight]


def test_purge_spares_what_is_not_ours(ipvs: FakeIpvs) -> None:
    foreign(ipvs)
    table(WEB, DNS)
    table(WEB)
    assert names(ipvs) == ["tcp 192.0.2.1:80", "tcp 198.51.100.9:9"]
    table(purge="all")
    assert names(ipvs) == []


def test_what_was_spared_stays_ours(ipvs: FakeIpvs) -> None:
    table(WEB, DNS)
    table(WEB, purge="none")
    assert names(ipvs) == ["tcp 192.0.2.1:80", "udp 192.0.2.1:53"]
    table(WEB)
    assert names(ipvs) == ["tcp 192.0.2.1:80"]


@pytest.mark.usefixtures("ipvs")
def test_nothing_of_ours_leaves_nothing(tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    table(WEB)
    assert len(list(tmp_path.rglob("*.json"))) == 1
    table()
    after = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert after - before == {paths.lock_file()}


def test_that_there_are_no_services_has_to_be_said(ipvs: FakeIpvs) -> None:
    table(WEB)
    failed = run_module(ipvs_services.main)
    assert failed["problems"] == [
        "services: got nothing, expected a list ([] deletes what is ours)"
    ]
    assert names(ipvs) == ["tcp 192.0.2.1:80"]


def test_all_of_bad_input_is_reported_and_nothing_changes(ipvs: FakeIpvs) -> None:
    failed = table({**WEB, "port": 0}, {"port": 80}, WEB, WEB)
    assert failed["failed"]
    assert len(failed["problems"]) == 3
    assert all(problem in failed["msg"] for problem in failed["problems"])
    assert ipvs.written == []


def test_a_service_keeps_its_destinations(ipvs: FakeIpvs) -> None:
    table({**WEB, "destinations": [RIP]})
    changed = run_module(ipvs_service.main, **WEB, scheduler="rr")
    assert changed["operations"][0] == "change service tcp 192.0.2.1:80"
    [entry] = ipvs.content.values()
    assert (entry.service.scheduler, len(entry.destinations)) == ("rr", 1)
    assert not run_module(ipvs_service.main, **WEB, scheduler="rr")["changed"]


def test_a_service_goes_with_its_destinations(ipvs: FakeIpvs) -> None:
    table({**WEB, "destinations": [RIP]})
    assert run_module(ipvs_service.main, **WEB, state="absent")["changed"]
    assert ipvs.content == {}
    assert not run_module(ipvs_service.main, **WEB, state="absent")["changed"]


def test_a_destination_comes_changes_and_goes(ipvs: FakeIpvs) -> None:
    table(WEB)
    for weight in (1, 2):
        run_module(ipvs_destination.main, **WEB, destination={**RIP, "weight": weight})
        [entry] = ipvs.content.values()
        assert [one.weight for one in entry.destinations.values()] == [weight]
    # What the next run of the whole table finds is what was kept for the boot as well.
    assert not table({**WEB, "destinations": [{**RIP, "weight": 2}]})["changed"]
    run_module(ipvs_destination.main, **WEB, destination=RIP, state="absent")
    [entry] = ipvs.content.values()
    assert entry.destinations == {}


@pytest.mark.usefixtures("ipvs")
def test_a_destination_needs_its_service() -> None:
    failed = run_module(ipvs_destination.main, **WEB, destination=RIP)
    assert failed["msg"] == "there is no service tcp 192.0.2.1:80: add it first"
    assert not run_module(ipvs_destination.main, **WEB, destination=RIP, state="absent")["changed"]


def test_a_foreign_service_stays_foreign(ipvs: FakeIpvs) -> None:
    foreign(ipvs)
    run_module(ipvs_destination.main, **FOREIGN, destination={"address": "10.0.0.9"})
    table()
    assert names(ipvs) == ["tcp 198.51.100.9:9"]


@pytest.mark.usefixtures("ipvs")
def test_a_destination_goes_by_its_address_and_port_alone(ipvs: FakeIpvs) -> None:
    mapped = {"address": "10.0.0.1", "port": 8080}
    table({**WEB, "destinations": [{**mapped, "forwarding": "masq"}]})
    run_module(ipvs_destination.main, **WEB, destination=mapped, state="absent")
    [entry] = ipvs.content.values()
    assert entry.destinations == {}


def test_bad_input_of_a_destination_and_its_service_is_reported_together() -> None:
    failed = run_module(ipvs_destination.main, address="x", port=80, destination={"address": "y"})
    assert len(failed["problems"]) == 2


def test_settings_are_made_and_restored(ipvs: FakeIpvs, tmp_path: Path) -> None:
    vs = tmp_path / "proc/sys/net/ipv4/vs"
    wanted: Result = {"tcp_timeout": 60, "sysctls": {"conntrack": True, "sync_threshold": "3 50"}}
    predicted = run_module(ipvs_settings.main, check=True, **wanted)
    made = run_module(ipvs_settings.main, **wanted)
    assert predicted["operations"] == made["operations"]
    assert made["operations"][:2] == ["set net.ipv4.vs.conntrack to 1", "set tcp_timeout to 60"]
    assert (vs / "conntrack").read_text().strip() == "1"
    assert ipvs.seconds.tcp == 60
    assert not run_module(ipvs_settings.main, **wanted)["changed"]
    run_module(ipvs_settings.main, state="absent")
    assert (vs / "conntrack").read_text().strip() == "0"
    assert ipvs.seconds.tcp == 900


def test_a_setting_that_is_no_longer_listed_is_restored(ipvs: FakeIpvs) -> None:
    run_module(ipvs_settings.main, tcp_timeout=60, udp_timeout=61)
    run_module(ipvs_settings.main, udp_timeout=61)
    assert ipvs.seconds == (900, 120, 61)


def test_a_setting_that_somebody_else_changed_is_left(ipvs: FakeIpvs) -> None:
    run_module(ipvs_settings.main, tcp_timeout=60)
    ipvs.seconds = ipvs.seconds._replace(tcp=77)
    run_module(ipvs_settings.main, state="absent")
    assert ipvs.seconds.tcp == 77


def test_a_sysctl_that_the_kernel_lacks(ipvs: FakeIpvs) -> None:
    failed = run_module(ipvs_settings.main, tcp_timeout=60, sysctls={"nothing": 1})
    assert failed["msg"] == "this host has no sysctl net.ipv4.vs.nothing"
    assert ipvs.seconds.tcp == 900


@pytest.mark.usefixtures("ipvs")
def test_bad_settings_are_reported_together() -> None:
    sysctls = {"conntrack": 2, "../x": 1, "drop_entry": "a"}
    odd = {"drop_packet": "\u0663", "sync_retries": "9" * 5000, "sync_period": "9" * 5000}
    failed = run_module(ipvs_settings.main, tcp_timeout=0, sysctls={**sysctls, **odd})
    assert len(failed["problems"]) == 7


@pytest.mark.usefixtures("ipvs")
@pytest.mark.parametrize("rips", ["10.0.0.1", [1], ["x"], None])
def test_bad_hosts_are_reported(rips: object) -> None:
    failed = run_module(ipvs_services.main, services=[], hosts={"web1": rips, "web2": ["::1"]})
    assert failed["problems"] == [f"hosts.web1: got {rips!r}, expected a list of addresses"]


def test_what_is_read_can_be_fed_back(ipvs: FakeIpvs) -> None:
    ipvs.sync = (SyncDaemon("backup", "eth1", 7),)
    table({**WEB, "destinations": [RIP]})
    read = run_module(ipvs_info.main)
    assert read["timeouts"] == {"tcp_timeout": 900, "tcp_fin_timeout": 120, "udp_timeout": 300}
    assert read["activity"][0]["destinations"][0]["inactive_connections"] == 2
    assert read["sync_daemons"] == [
        {"role": "backup", "interface": "eth1", "sync_id": 7, "group": "224.0.0.81", "port": 8848}
    ]
    assert not table(*read["services"])["changed"]
    assert "activity" not in run_module(ipvs_info.main, activity=False)


RUNS: dict[str, tuple[Callable[[], None], Result]] = {
    "ipvs_services": (ipvs_services.main, {"services": [DNS]}),
    "ipvs_service": (ipvs_service.main, {**WEB, "scheduler": "rr"}),
    "ipvs_destination": (ipvs_destination.main, {**WEB, "destination": {**RIP, "weight": 5}}),
    "ipvs_settings": (ipvs_settings.main, {"tcp_timeout": 60}),
}
TOPOLOGY: Result = {"services": [{**WEB, "destinations": [RIP]}]}


@pytest.mark.parametrize("persist", [True, False])
@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("name", RUNS)
def test_a_director_of_a_topology_is_left_to_it(
    ipvs: FakeIpvs, host: FakeHost, name: str, *, check: bool, persist: bool
) -> None:
    run_module(director.main, **TOPOLOGY, persist=persist)
    before, written = host.snapshot(), [*ipvs.written]
    main, arguments = RUNS[name]
    failed = run_module(main, check=check, **arguments)
    assert failed["failed"]
    assert failed["msg"] == (
        "the table of this director is declared in a topology: change the declaration and run "
        "site.yml, or use ipvs_drain to take a real server out of service; "
        "ignore_topology=true changes the host all the same"
    )
    assert (host.snapshot(), ipvs.written, ipvs.seconds.tcp) == (before, written, 900)


@pytest.mark.usefixtures("ipvs")
@pytest.mark.parametrize("name", RUNS)
def test_a_director_of_a_topology_is_changed_on_request(name: str) -> None:
    run_module(director.main, **TOPOLOGY)
    main, arguments = RUNS[name]
    assert run_module(main, **arguments, ignore_topology=True)["changed"]


def test_the_topology_repairs_what_was_changed_meanwhile(ipvs: FakeIpvs) -> None:
    run_module(director.main, **TOPOLOGY)
    before = ipvs.table()
    main, arguments = RUNS["ipvs_destination"]
    run_module(main, **arguments, ignore_topology=True)
    assert ipvs.weights() == {RIP["address"]: 5}
    assert run_module(director.main, **TOPOLOGY)["changed"]
    assert ipvs.table() == before


@pytest.mark.parametrize("change", ["ipvs_services", "ipvs_service", "ipvs_destination"])
def test_who_ignores_the_topology_does_not_ignore_its_health_checks(
    ipvs: FakeIpvs, warnings: list[str], change: str
) -> None:
    other = {**RIP, "address": "10.0.0.2"}
    declared: Result = {"services": [{**WEB, "destinations": [RIP, other]}]}
    run_module(director.main, **declared, health=[{**WEB, "name": "web"}])
    web, each = next(
        (key, each) for key, entry in ipvs.table().items() for each in entry.destinations
    )
    out = Decision(0, "connection refused", 1_000_000.0)
    runtime.save_decisions({(web, each): out})
    run_module(director.main, **declared, health=[{**WEB, "name": "web"}])
    before = ipvs.weights()
    assert before[each.address] == 0
    main, arguments = {
        **RUNS,
        "ipvs_services": (ipvs_services.main, declared),
        "ipvs_destination": (
            ipvs_destination.main,
            {**WEB, "destination": {"address": each.address, "port": each.port, "weight": 5}},
        ),
    }[change]
    warnings.clear()
    run_module(main, **arguments, ignore_topology=True)
    assert ipvs.weights() == before
    told = [each.address in one and "connection refused" in one for one in warnings]
    assert told == ([] if change == "ipvs_service" else [True])
    up = next(one for one in before if one != each.address)
    up_again = {**WEB, "destination": {**RIP, "address": up, "weight": 5}}
    run_module(ipvs_destination.main, **up_again, ignore_topology=True)
    assert ipvs.weights() == {each.address: 0, up: 5}


@pytest.mark.usefixtures("ipvs")
@pytest.mark.parametrize("name", RUNS)
def test_a_director_without_services_is_nobodys(name: str) -> None:
    run_module(director.main, settings={"udp_timeout": 50})
    main, arguments = RUNS[name]
    assert "topology" not in run_module(main, **arguments).get("msg", "")
    run_module(director.main, **TOPOLOGY)
    run_module(director.main, state="absent")
    assert "topology" not in run_module(main, **arguments).get("msg", "")


@pytest.mark.usefixtures("ipvs")
@pytest.mark.parametrize("name", ["ipvs_info", *RUNS])
def test_a_damaged_state_file_of_the_topology_is_told(name: str) -> None:
    run_module(director.main, **TOPOLOGY)
    paths.state_file(PART, persist=True).write_text("damaged")
    main, arguments = {**RUNS, "ipvs_info": (ipvs_info.main, {})}[name]
    result = run_module(main, **arguments)
    assert ("director.json is damaged" in result.get("msg", "")) == (name != "ipvs_info")
