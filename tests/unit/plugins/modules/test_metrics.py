# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collector of metrics, and how the module director installs it and takes it away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.lvs.topology.plugins.module_utils.boot import metrics
from ansible_collections.lvs.topology.plugins.module_utils.boot.program import main as boot
from ansible_collections.lvs.topology.plugins.module_utils.converge import metrics as kept
from ansible_collections.lvs.topology.plugins.module_utils.converge.director import PART
from ansible_collections.lvs.topology.plugins.module_utils.health import runtime
from ansible_collections.lvs.topology.plugins.module_utils.health.decisions import Decision
from ansible_collections.lvs.topology.plugins.module_utils.health.verdict import Moment, Verdict
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    DestinationKey,
    ServiceKey,
)
from ansible_collections.lvs.topology.plugins.module_utils.net.probe_marks import MARK_BASE
from ansible_collections.lvs.topology.plugins.module_utils.state import files, paths
from ansible_collections.lvs.topology.plugins.module_utils.state.part import Part
from ansible_collections.lvs.topology.plugins.module_utils.state.section import METRICS, Section
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.schema import render_vrrp
from ansible_collections.lvs.topology.plugins.modules import director
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.vrrp.pairs import PAIR
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs

FOLDER, OTHER = "/var/lib/prometheus/node-exporter", "/srv/text-files"
TIMER = "lvs-topology-metrics.timer"
WEB: dict[str, Any] = {
    "address": "192.0.2.1",
    "port": 80,
    "destinations": [{"address": "10.0.0.1", "weight": 3}, {"address": "10.0.0.2", "weight": 2}],
}
KEY = "tcp 192.0.2.1:80"
MEASURED: dict[str, Any] = {"services": {"web": [KEY]}}
WATCH = {"address": "192.0.2.1", "port": 80, "name": "web", "floor": 50}


@pytest.fixture(autouse=True)
def folder(host: FakeHost) -> Path:
    """The folder of a node_exporter on that host."""
    found = host.root / FOLDER[1:]
    found.mkdir(parents=True)
    return found


def run(*, check: bool = False, **arguments: object) -> dict[str, Any]:
    return run_module(
        director.main, check=check, **{"services": [WEB], "metrics": MEASURED, **arguments}
    )


def collected(folder: Path) -> dict[str, list[float]]:
    """What the collector writes: the values of each metric."""
    metrics.main()
    found: dict[str, list[float]] = {}
    text = (folder / "lvs_topology.prom").read_text()
    for family in text_string_to_metric_families(text):
        for name, _labels, value, *_more in family.samples:
            found.setdefault(name, []).append(value)
    return found


def test_it_comes_changes_and_goes(host: FakeHost, ipvs: FakeIpvs, folder: Path) -> None:
    before = host.snapshot()
    predicted = run(check=True)
    assert (host.snapshot(), ipvs.written) == (before, [])
    assert run() == predicted
    unit, timer = (paths.unit(name) for name in ("lvs-topology-metrics.service", TIMER))
    assert f"write metrics to {FOLDER} every 15 s" in predicted["operations"]
    assert {f"write {unit}", f"write {timer}", f"enable {TIMER}"} <= {*predicted["operations"]}
    assert predicted["diff"]["after"]["metrics"]["services"] == MEASURED["services"]
    assert ("restart", "--no-block", TIMER) in host.systemctl
    assert not run()["changed"]
    assert collected(folder)["lvs_collector_success"] == [1]
    elsewhere = host.root / OTHER[1:]
    elsewhere.mkdir(parents=True)
    moved = run(metrics={**MEASURED, "directory": OTHER, "interval": 60})
    assert {f"write {unit}", f"write {timer}"} <= {*moved["operations"]}
    assert [*folder.iterdir()] == []  # nobody writes it any more
    assert collected(elsewhere)["lvs_collector_interval_seconds"] == [60]
    host.systemctl.clear()
    gone = run(metrics=None)
    assert "write metrics no more" in gone["operations"]
    assert host.systemctl[0][:2] == ("stop", TIMER)
    assert [*elsewhere.iterdir()] == []
    assert run(state="absent", metrics=MEASURED)["changed"]
    assert host.snapshot()["files"] == before["files"]


def test_teardown_removes_the_file(folder: Path, ipvs: FakeIpvs, host: FakeHost) -> None:
    before = host.snapshot()
    run()
    assert collected(folder)["lvs_drift_changes"] == [0]
    host.systemctl.clear()
    run(state="absent")
    assert (host.snapshot(), ipvs.content) == (before, {})
    assert sum(words[0] == "stop" and TIMER in words for words in host.systemctl) == 1


def test_all_of_a_director(ipvs: FakeIpvs, folder: Path, host: FakeHost) -> None:
    first, second = (DestinationKey(f"10.0.0.{number}", 80) for number in (1, 2))
    key = ServiceKey("ipv4", 0, "tcp", "192.0.2.1", 80)
    refused = "connection refused"
    run(health=[WATCH], vrrp=render_vrrp(PAIR), hosts={"web1": ["10.0.0.1"]})
    runtime.save_decisions({(key, first): Decision(0, refused, 5.0)})
    runtime.save_verdicts(
        {(key, first): Verdict(is_up=False, reason=refused, since=Moment(1.0, 4.0))}
    )
    found = collected(folder)
    assert found["lvs_drift_changes"] == [1]  # the weight is decided, and not yet there
    assert found["lvs_real_server_up"] == [0, 1]
    assert found["lvs_service_floor_hit"] == [1]
    assert found["lvs_health_daemon_running"] == [0]
    assert found["lvs_health_last_decision_timestamp_seconds"] == [
        pytest.approx(paths.decisions_file().stat().st_mtime, abs=0.01)
    ]
    assert found["lvs_vrrp_master"] == [0]
    assert found["lvs_vrrp_present_addresses"] == [0]
    assert found["lvs_vrrp_keepalived_running"] == [1]
    assert (found["lvs_vrrp_ready"], found["lvs_vrrp_healthy"]) == ([1], [1])
    assert found["lvs_sync_daemon_running"] == [1, 1]
    assert found["lvs_real_server_incoming_bytes_total"] == [6, 6]
    entry = ipvs.content[key]
    out = entry.destinations[first]._replace(weight=0)
    ipvs.content[key] = entry._replace(destinations={**entry.destinations, first: out})
    floating = PAIR.addresses
    host.addresses += [("eth0", one.address, 128 if ":" in one.address else 32) for one in floating]
    ipvs.sync = ()
    with runtime.alone():
        found = collected(folder)
    assert found["lvs_drift_changes"] == [0]
    assert found["lvs_real_server_weight"] == [0, entry.destinations[second].weight]
    assert found["lvs_health_daemon_running"] == [1]
    assert found["lvs_vrrp_master"] == [1]
    assert found["lvs_sync_daemon_running"] == [0, 0]
    files.write(paths.verdicts_file(), b"")
    assert collected(folder)["lvs_health_readable"] == [0]


def test_probes_do_not_show(ipvs: FakeIpvs, folder: Path) -> None:
    run()
    (entry,) = ipvs.content.values()
    mark = ServiceKey("ipv4", MARK_BASE, "", "", 0)
    ipvs.content[mark] = entry._replace(service=entry.service._replace(key=mark))
    found = collected(folder)
    assert (found["lvs_undeclared_services"], found["lvs_service_present"]) == ([0], [1])
    assert str(MARK_BASE) not in (folder / "lvs_topology.prom").read_text()


def test_a_kernel_that_refuses(
    ipvs: FakeIpvs,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The file says that, and nothing that was so before."""
    run()
    assert "lvs_service_present" in collected(folder)

    def refuse() -> None:
        raise IpvsError("cannot read the services")

    with monkeypatch.context() as patch:
        patch.setattr(ipvs, "readings", refuse)
        found = collected(folder)
    assert (found["lvs_collector_success"], "lvs_service_present" in found) == ([0], False)
    assert capsys.readouterr().err == "cannot read the services\n"
    assert collected(folder)["lvs_collector_success"] == [1]


@pytest.mark.usefixtures("ipvs")
def test_a_folder_that_others_may_write(folder: Path, tmp_path: Path) -> None:
    """A link in the place of the file, or of the one that becomes it, leads nowhere."""
    run()
    secret = tmp_path / "secret"
    secret.write_text("theirs")
    for name in ("lvs_topology.prom", ".lvs_topology.prom.new"):
        (folder / name).symlink_to(secret)
    assert collected(folder)["lvs_collector_success"] == [1]
    assert secret.read_text() == "theirs"
    (file,) = folder.iterdir()
    assert (file.is_symlink(), file.stat().st_mode & 0o777) == (False, 0o644)


@pytest.mark.usefixtures("ipvs")
def test_a_host_without_that_folder(folder: Path, warnings: list[str]) -> None:
    folder.rmdir()
    run()
    assert [one[:51] for one in warnings] == ["no metrics are written while this host has no folde"]
    assert metrics.main() == 1
    run(state="absent")
    assert not folder.exists()


def test_a_boot_keeps_it(ipvs: FakeIpvs, folder: Path) -> None:
    run()
    ipvs.content.clear()
    assert boot() == 0
    assert collected(folder)["lvs_drift_changes"] == [0]
    assert kept.load(Section(Part(PART), METRICS)) is not None


@pytest.mark.usefixtures("ipvs")
def test_without_a_declaration_nothing_is_written(folder: Path) -> None:
    run(metrics=None)
    assert metrics.main() == 0
    assert [*folder.iterdir()] == []


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"directory": "var/lib"}, "metrics.directory: got 'var/lib', expected an absolute path"),
        ({"directory": "/a/../b"}, "metrics.directory: got '/a/../b', expected"),
        ({"directory": "/a b"}, "metrics.directory: got '/a b', expected"),
        ({"directory": "/"}, "metrics.directory: got '/', expected"),
        ({"directory": "/a/"}, "metrics.directory: got '/a/', expected"),
        ({"directory": "/a\nb"}, "metrics.directory: got"),
        ({"directory": "/a%b"}, "metrics.directory: got"),
        ({"interval": 1}, "metrics.interval: got 1, expected a number from 5 to 3600"),
        ({"services": {"web": "x"}}, "metrics.services: got {'web': 'x'}, expected names, each"),
        ({"services": {"web": ["tcp"]}}, "metrics.services.web: got 'tcp', expected a service of"),
    ],
)
@pytest.mark.usefixtures("ipvs")
def test_what_cannot_be(options: dict[str, Any], problem: str) -> None:
    assert [one[: len(problem)] for one in run(metrics=options)["problems"]] == [problem]


@pytest.mark.usefixtures("ipvs")
def test_a_timer_needs_systemd() -> None:
    (problem,) = run(persist=False)["problems"]
    assert problem.startswith("persist: got False, expected persist: true")
