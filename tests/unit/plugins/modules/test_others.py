# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others do to a host afterwards: it is put back, prevented, or said beforehand."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot.program import main as boot
from ansible_collections.lvs.topology.plugins.module_utils.boot.put_back import put_back
from ansible_collections.lvs.topology.plugins.module_utils.state import lock, paths
from ansible_collections.lvs.topology.plugins.modules import (
    director,
    ipvs_drain,
    ipvs_settings,
    real_server,
    router,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs

REAL_SERVER: dict[str, Any] = {
    "vips": ["10.0.0.100"],
    "return_routes": [{"source": "10.0.0.11", "ports": "80", "gateway": "10.0.0.5"}],
}
DESTINATION = {"address": "10.1.0.11", "port": 80, "weight": 3}
DIRECTOR: dict[str, Any] = {
    "vips": [{"address": "10.0.0.100", "interface": "eth0"}],
    "forward": ["ipv4"],
    "settings": {"sysctls": {"conntrack": 1}},
    "marks": [{"address": "10.0.0.100", "ports": "443", "mark": 1}],
    "services": [{"address": "10.0.0.100", "port": 80, "destinations": [DESTINATION]}],
    "hosts": {"web1": ["10.1.0.11"]},
}
NETWORKD = "etc/systemd/networkd.conf.d/lvs-topology.conf"
SYSCTLS = "etc/sysctl.d/zz-lvs-topology.conf"


def assigned(host: FakeHost) -> list[str]:
    text = (host.root / SYSCTLS).read_text()
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_a_real_server_gets_back_what_it_had_and_nothing_is_written_otherwise(
    host: FakeHost,
) -> None:
    run_module(real_server.main, **REAL_SERVER)
    whole = host.snapshot()
    kept = {path: path.stat().st_mtime_ns for path in host.root.rglob("*.json")}
    assert put_back() == ([], "")
    host.addresses.remove(("lo", "10.0.0.100", 32))
    host.rules.clear()
    host.default_routes.pop(("20020", "inet"))
    host.set("net/ipv4/conf/all/arp_ignore", "0")
    assert [*map(str, put_back().operations)] == [
        "set net.ipv4.conf.all.arp_ignore to 1",
        "add address 10.0.0.100/32 on lo",
        "add default route via 10.0.0.5 in table 20020",
        "add rule from 10.0.0.11 tcp port 80 to table 20020",
    ]
    assert host.snapshot() == whole
    assert {path: path.stat().st_mtime_ns for path in host.root.rglob("*.json")} == kept


def test_a_directors_table_is_left_to_those_who_weigh_and_drain(
    host: FakeHost, ipvs: FakeIpvs
) -> None:
    run_module(director.main, **DIRECTOR)
    run_module(ipvs_drain.main, real_servers=["web1"])
    assert ipvs.weights() == {"10.1.0.11": 0}
    whole = host.snapshot()
    ipvs.written.clear()
    host.addresses.remove(("eth0", "10.0.0.100", 32))
    host.set("net/ipv4/ip_forward", "0")
    host.set("net/ipv4/vs/conntrack", "0")
    host.nft.clear()
    host.announced.clear()
    assert put_back().failure == ""
    assert host.snapshot() == whole
    assert host.announced == [("eth0", "10.0.0.100")]
    assert (ipvs.weights(), ipvs.written) == ({"10.1.0.11": 0}, [])
    boot()
    assert ipvs.weights() == {"10.1.0.11": 3}


def test_no_vip_comes_before_the_services_behind_it(host: FakeHost, ipvs: FakeIpvs) -> None:
    """As where the boot program has not come that far."""
    run_module(director.main, **DIRECTOR)
    host.addresses.remove(("eth0", "10.0.0.100", 32))
    before = host.snapshot()
    ipvs.content.clear()
    assert put_back().failure.startswith("director: 1 service missing in the table")
    assert host.snapshot() == before
    boot()
    assert put_back() == ([], "")


def taken_away(host: FakeHost, device: str) -> tuple[str, dict[str, str]]:
    """An interface goes, with its addresses and sysctls."""
    kind = host.kinds.pop(device)
    host.addresses = [one for one in host.addresses if one[0] != device]
    folder = host.root / "proc/sys/net/ipv4/conf" / device
    sysctls = {path.name: path.read_text().strip() for path in folder.iterdir()}
    shutil.rmtree(folder)
    return kind, sysctls


@pytest.mark.parametrize("put_back_by", [put_back, boot])
def test_an_interface_that_is_missing_holds_up_what_is_on_it_alone(
    host: FakeHost, ipvs: FakeIpvs, put_back_by: Callable[[], object]
) -> None:
    vips = [*DIRECTOR["vips"], {"address": "10.0.0.101", "interface": "eth1.100"}]
    run_module(director.main, **DIRECTOR | {"vips": vips})
    loose = run_module(
        real_server.main,
        return_routes=REAL_SERVER["return_routes"],
        loose_rp_filter=["eth1.100"],
    )
    assert loose["changed"], loose
    whole = host.snapshot()
    kind, sysctls = taken_away(host, "eth1.100")
    host.addresses.remove(("eth0", "10.0.0.100", 32))
    host.rules.clear()
    if put_back_by is boot:
        ipvs.content.clear()
    put_back_by()
    assert ("eth0", "10.0.0.100", 32) in host.addresses
    assert (len(host.rules), ipvs.weights()) == (1, {"10.1.0.11": 3})
    assert put_back().failure == (
        "real_server: this host has no interface eth1.100; director: this host has no interface "
        "eth1.100"
    )
    assert put_back().operations == []

    host.kinds["eth1.100"] = kind
    for name, value in sysctls.items():
        host.set(f"net/ipv4/conf/eth1.100/{name}", value)
    assert [*map(str, put_back().operations)] == ["add address 10.0.0.101/32 on eth1.100"]
    assert host.snapshot() == whole


def test_what_ip_refuses_holds_up_nothing_else(host: FakeHost) -> None:
    run_module(real_server.main, **REAL_SERVER)
    whole = host.snapshot()
    host.addresses.remove(("lo", "10.0.0.100", 32))
    host.rules.clear()
    host.default_routes.pop(("20020", "inet"))
    host.refuse, host.refusal = "route replace", "Network is down"
    told = "real_server: cannot add default route via 10.0.0.5 in table 20020: Network is down"
    assert put_back() == ([], told)
    assert ("lo", "10.0.0.100", 32) in host.addresses
    assert len(host.rules) == 1
    host.refuse = ""
    assert put_back().failure == ""
    assert host.snapshot() == whole


def test_what_was_taken_away_on_purpose_stays_away(host: FakeHost) -> None:
    run_module(real_server.main, **REAL_SERVER)
    run_module(real_server.main, state="absent")
    before = host.snapshot()
    assert put_back() == ([], "")
    assert host.snapshot() == before


def test_a_part_that_fails_stops_no_other(host: FakeHost) -> None:
    run_module(real_server.main, **REAL_SERVER)
    host.rules.clear()
    paths.state_file("router", persist=True).write_text("{")
    found = put_back()
    assert found.failure.startswith("router: ")
    assert len(found.operations) == len(host.rules) == 1


def test_it_waits_for_a_run_that_is_at_work(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_module(real_server.main, **REAL_SERVER)
    host.rules.clear()
    monkeypatch.setattr(lock.host_lock.__wrapped__, "__defaults__", (0.0,))  # type: ignore[attr-defined]
    with lock.host_lock():
        assert "another run is changing this host" in put_back().failure
    assert host.rules == []


def test_sysctls_are_kept_in_a_file_as_long_as_they_are_ours(
    host: FakeHost, ipvs: FakeIpvs
) -> None:
    assert ipvs.content == {}
    run_module(real_server.main, **REAL_SERVER)
    arp = ["-net/ipv4/conf/all/arp_ignore = 1", "-net/ipv4/conf/all/arp_announce = 2"]
    assert assigned(host) == arp
    predicted = run_module(ipvs_settings.main, check=True, sysctls={"conntrack": 1})
    assert f"write {host.root / SYSCTLS}" in predicted["operations"]
    assert assigned(host) == arp
    assert run_module(ipvs_settings.main, sysctls={"conntrack": 1}) == predicted
    assert assigned(host) == [*arp, "-net/ipv4/vs/conntrack = 1"]
    run_module(real_server.main, state="absent")
    assert assigned(host) == ["-net/ipv4/vs/conntrack = 1"]
    run_module(ipvs_settings.main, state="absent")
    assert not (host.root / SYSCTLS).exists()


def test_what_is_not_to_last_leaves_no_file(host: FakeHost) -> None:
    run_module(real_server.main, **REAL_SERVER, persist=False)
    assert not (host.root / SYSCTLS).exists()


@pytest.mark.parametrize("has_run", [True, False])
def test_networkd_is_told_where_it_runs(host: FakeHost, *, has_run: bool) -> None:
    if has_run:
        host.write("run/systemd/netif/state", "")
    run_module(router.main, neighbours=[])
    assert not (host.root / NETWORKD).exists()
    run_module(real_server.main, **REAL_SERVER)
    assert (host.root / NETWORKD).exists() is has_run
    run_module(real_server.main, state="absent")
    assert not (host.root / NETWORKD).parent.exists()


def test_a_line_that_wins_over_ours_is_a_warning_of_every_run(
    host: FakeHost, warnings: list[str]
) -> None:
    host.write("etc/sysctl.d/99-hardening.conf", "net.ipv4.conf.all.arp_ignore = 0\n")
    run_module(real_server.main, **REAL_SERVER)
    assert warnings == []
    host.write("etc/sysctl.conf", "# old\nnet.ipv4.conf.all.arp_announce=0\n")
    for _run in range(2):
        run_module(real_server.main, **REAL_SERVER)
        (warning,) = warnings
        assert warning.startswith("/etc/sysctl.conf:2 sets net.ipv4.conf.all.arp_announce to 0")
        warnings.clear()


FAILS = {"ActiveState": "activating", "SubState": "auto-restart", "ExecMainStatus": "226"}


@pytest.mark.parametrize(
    ("state", "is_told"),
    [
        (FAILS, True),
        ({"ActiveState": "failed", "SubState": "failed", "ExecMainStatus": "1"}, True),
        ({"ActiveState": "activating", "SubState": "start"}, False),
        ({"ActiveState": "inactive", "SubState": "dead"}, False),
    ],
    ids=str,
)
def test_a_guard_that_fails_is_a_warning_of_every_run(
    host: FakeHost, warnings: list[str], state: dict[str, str], *, is_told: bool
) -> None:
    host.guard = state
    for _run in range(2):
        run_module(real_server.main, **REAL_SERVER)
        assert [one.startswith("lvs-topology-guard.service fails") for one in warnings] == (
            [True] if is_told else []
        )
        assert any("refuses it a namespace" in one for one in warnings) is (state == FAILS)
        warnings.clear()
    with lock.alone(paths.guard_lock_file(), "guard"):
        run_module(real_server.main, **REAL_SERVER)
    run_module(real_server.main, state="absent")
    assert warnings == []


def test_a_damaged_file_of_another_part_leaves_the_sysctls_as_they_are(
    host: FakeHost, ipvs: FakeIpvs
) -> None:
    assert ipvs.content == {}
    run_module(real_server.main, **REAL_SERVER)
    before = Path(host.root, SYSCTLS).read_bytes()
    paths.state_file("real_server", persist=True).write_text("{")
    assert not run_module(ipvs_settings.main, sysctls={"conntrack": 1}).get("failed")
    assert Path(host.root, SYSCTLS).read_bytes() == before
