# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of the modules of IPVS, over a table in memory and a root of its own."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.lvs.topology.plugins.module_utils.boot import install
from ansible_collections.lvs.topology.plugins.module_utils.converge import (
    drain,
    settings,
    table as converge,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.sysctl import files as sysctl
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import parse_services
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.modules import (
    ipvs_destination,
    ipvs_info,
    ipvs_service,
    ipvs_services,
    ipvs_settings,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs

WEB: dict[str, Any] = {"address": "192.0.2.1", "port": 80}
RIP: dict[str, Any] = {"address": "10.0.0.1", "port": 80, "forwarding": "droute", "weight": 1}
DNS: dict[str, Any] = {"address": "192.0.2.1", "port": 53, "protocol": "udp"}
FOREIGN: dict[str, Any] = {"address": "198.51.100.9", "port": 9}

Result = dict[str, Any]


@pytest.fixture
def ipvs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeIpvs:
    """A host with an empty table, its own files and systemd, and a few sysctls."""
    kernel = FakeIpvs()
    for module in (converge, drain, settings, ipvs_info):
        monkeypatch.setattr(module, "Client", lambda: kernel)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(sysctl, "ROOT", tmp_path / "proc/sys")
    monkeypatch.setattr(install, "_systemctl", lambda *_arguments: None)
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    vs = tmp_path / "proc/sys/net/ipv4/vs"
    vs.mkdir(parents=True)
    (vs / "conntrack").write_text("0\n")
    (vs / "sync_threshold").write_text("3\t50\n")
    return kernel


def run(main: Callable[[], None], *, check: bool = False, **arguments: object) -> Result:
    """A module's result, failed or not."""
    output = io.StringIO()
    arguments |= {"_ansible_check_mode": check, "_ansible_diff": True}
    with patch_module_args(arguments), redirect_stdout(output), pytest.raises(SystemExit):
        main()
    result: Result = json.loads(output.getvalue())
    return result


def table(*services: Result, check: bool = False, **arguments: object) -> Result:
    """A run of ipvs_services."""
    return run(ipvs_services.main, services=[*services], check=check, **arguments)


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


def test_all_of_bad_input_is_reported_and_nothing_changes(ipvs: FakeIpvs) -> None:
    failed = table({**WEB, "port": 0}, {"port": 80}, WEB, WEB)
    assert failed["failed"]
    assert len(failed["problems"]) == 3
    assert all(problem in failed["msg"] for problem in failed["problems"])
    assert ipvs.written == []


def test_a_service_keeps_its_destinations(ipvs: FakeIpvs) -> None:
    table({**WEB, "destinations": [RIP]})
    changed = run(ipvs_service.main, **WEB, scheduler="rr")
    assert changed["operations"][0] == "change service tcp 192.0.2.1:80"
    [entry] = ipvs.content.values()
    assert (entry.service.scheduler, len(entry.destinations)) == ("rr", 1)
    assert not run(ipvs_service.main, **WEB, scheduler="rr")["changed"]


def test_a_service_goes_with_its_destinations(ipvs: FakeIpvs) -> None:
    table({**WEB, "destinations": [RIP]})
    assert run(ipvs_service.main, **WEB, state="absent")["changed"]
    assert ipvs.content == {}
    assert not run(ipvs_service.main, **WEB, state="absent")["changed"]


def test_a_destination_comes_changes_and_goes(ipvs: FakeIpvs) -> None:
    table(WEB)
    for weight in (1, 2):
        run(ipvs_destination.main, **WEB, destination={**RIP, "weight": weight})
        [entry] = ipvs.content.values()
        assert [one.weight for one in entry.destinations.values()] == [weight]
    # What the next run of the whole table finds is what was kept for the boot as well.
    assert not table({**WEB, "destinations": [{**RIP, "weight": 2}]})["changed"]
    run(ipvs_destination.main, **WEB, destination=RIP, state="absent")
    [entry] = ipvs.content.values()
    assert entry.destinations == {}


@pytest.mark.usefixtures("ipvs")
def test_a_destination_needs_its_service() -> None:
    failed = run(ipvs_destination.main, **WEB, destination=RIP)
    assert failed["msg"] == "there is no service tcp 192.0.2.1:80: add it first"
    assert not run(ipvs_destination.main, **WEB, destination=RIP, state="absent")["changed"]


def test_a_foreign_service_stays_foreign(ipvs: FakeIpvs) -> None:
    foreign(ipvs)
    run(ipvs_destination.main, **FOREIGN, destination={"address": "10.0.0.9"})
    table()
    assert names(ipvs) == ["tcp 198.51.100.9:9"]


@pytest.mark.usefixtures("ipvs")
def test_a_destination_goes_by_its_address_and_port_alone(ipvs: FakeIpvs) -> None:
    mapped = {"address": "10.0.0.1", "port": 8080}
    table({**WEB, "destinations": [{**mapped, "forwarding": "masq"}]})
    run(ipvs_destination.main, **WEB, destination=mapped, state="absent")
    [entry] = ipvs.content.values()
    assert entry.destinations == {}


def test_bad_input_of_a_destination_and_its_service_is_reported_together() -> None:
    failed = run(ipvs_destination.main, address="x", port=80, destination={"address": "y"})
    assert len(failed["problems"]) == 2


def test_settings_are_made_and_put_back(ipvs: FakeIpvs, tmp_path: Path) -> None:
    vs = tmp_path / "proc/sys/net/ipv4/vs"
    wanted: Result = {"tcp_timeout": 60, "sysctls": {"conntrack": True, "sync_threshold": "3 50"}}
    predicted = run(ipvs_settings.main, check=True, **wanted)
    made = run(ipvs_settings.main, **wanted)
    assert predicted["operations"] == made["operations"]
    assert made["operations"][:2] == ["set net.ipv4.vs.conntrack to 1", "set tcp_timeout to 60"]
    assert (vs / "conntrack").read_text().strip() == "1"
    assert ipvs.seconds.tcp == 60
    assert not run(ipvs_settings.main, **wanted)["changed"]
    run(ipvs_settings.main, state="absent")
    assert (vs / "conntrack").read_text().strip() == "0"
    assert ipvs.seconds.tcp == 900


def test_a_setting_that_is_no_longer_listed_is_put_back(ipvs: FakeIpvs) -> None:
    run(ipvs_settings.main, tcp_timeout=60, udp_timeout=61)
    run(ipvs_settings.main, udp_timeout=61)
    assert ipvs.seconds == (900, 120, 61)


def test_a_setting_that_somebody_else_changed_is_left(ipvs: FakeIpvs) -> None:
    run(ipvs_settings.main, tcp_timeout=60)
    ipvs.seconds = ipvs.seconds._replace(tcp=77)
    run(ipvs_settings.main, state="absent")
    assert ipvs.seconds.tcp == 77


def test_a_sysctl_that_the_kernel_lacks(ipvs: FakeIpvs) -> None:
    failed = run(ipvs_settings.main, tcp_timeout=60, sysctls={"nothing": 1})
    assert failed["msg"] == "this host has no sysctl net.ipv4.vs.nothing"
    assert ipvs.seconds.tcp == 900


@pytest.mark.usefixtures("ipvs")
def test_bad_settings_are_reported_together() -> None:
    failed = run(
        ipvs_settings.main, tcp_timeout=0, sysctls={"conntrack": 2, "../x": 1, "drop_entry": "a"}
    )
    assert len(failed["problems"]) == 4


@pytest.mark.usefixtures("ipvs")
def test_what_is_read_can_be_fed_back() -> None:
    table({**WEB, "destinations": [RIP]})
    read = run(ipvs_info.main)
    assert read["timeouts"] == {"tcp_timeout": 900, "tcp_fin_timeout": 120, "udp_timeout": 300}
    assert read["activity"][0]["destinations"][0]["inactive_connections"] == 2
    assert not table(*read["services"])["changed"]
    assert "activity" not in run(ipvs_info.main, activity=False)
