# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of director, on a host in memory, for one of two directors."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot.program import main as boot
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.sync_daemon import (
    MASTER,
    SyncDaemon,
)
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.render import HEADER
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.schema import render_vrrp
from ansible_collections.lvs.topology.plugins.modules import director, node_info, vrrp
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.vrrp.pairs import (
    ALONE,
    PAIR,
    VIP,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs

pytestmark = pytest.mark.usefixtures("ipvs")

SERVICE = {
    "address": VIP.address,
    "port": 80,
    "destinations": [{"address": "10.0.0.11"}],
}
ARGUMENTS: dict[str, Any] = {"services": [SERVICE], "vrrp": render_vrrp(PAIR)}
MASQUERADED = {"port": 80, "forwarding": "masq"}
CONFIGURATION, READY = "etc/keepalived/keepalived.conf", "run/lvs-topology-vrrp/ready"
HEALTHY = "run/lvs-topology-vrrp/health"
FILLED = f"add service tcp {VIP.address}:80"


def run(*, check: bool = False, **arguments: object) -> dict[str, Any]:
    return run_module(director.main, check=check, **arguments)


def test_present_again_and_absent(host: FakeHost, ipvs: FakeIpvs) -> None:
    before = host.snapshot()
    predicted = run(check=True, **ARGUMENTS)
    assert (host.snapshot(), host.services, ipvs.sync) == (before, [], ())
    assert run(**ARGUMENTS) == predicted
    operations = predicted["operations"]
    assert operations.index(FILLED) < operations.index("start keepalived.service")
    assert host.services == ["daemon-reload", "enable", "start"]
    assert (host.root / READY).read_text() == "0"
    assert {*ipvs.sync} == {*PAIR.sync}
    assert not run(**ARGUMENTS)["changed"]
    assert run(state="absent")["operations"][0] == "stop keepalived.service"
    assert (host.snapshot(), ipvs.sync) == (before, ())


def test_health_checks_that_come_later_move_no_vip(host: FakeHost) -> None:
    """Keepalived takes a file that is not there for a dead daemon, before that can start."""
    run(**ARGUMENTS)
    watched = render_vrrp(PAIR._replace(health=not PAIR.health))
    run(**{**ARGUMENTS, "vrrp": watched})
    assert (host.root / HEALTHY).read_text() == "0"


def test_another_peer_is_a_reload(host: FakeHost) -> None:
    run(**{**ARGUMENTS, "vrrp": render_vrrp(ALONE)})
    host.services.clear()
    run(**ARGUMENTS)
    assert host.services == ["reload"]


def test_somebody_elses_keepalived_is_left_alone(host: FakeHost) -> None:
    host.write(CONFIGURATION, "vrrp_instance theirs {}\n")
    before = host.snapshot()
    refused = run(**ARGUMENTS)
    assert "is not ours: keepalived has another configuration here" in refused["msg"]
    assert host.snapshot() == before
    run(services=[SERVICE])
    run(state="absent")
    assert host.snapshot() == before


def test_a_configuration_that_keepalived_refuses_changes_nothing(host: FakeHost) -> None:
    before = host.snapshot()
    host.refuses_configuration = "(Line 9) unknown interface"
    refused = run(**ARGUMENTS)
    assert refused["msg"].endswith("refuses its configuration: (Line 9) unknown interface")
    assert host.snapshot() == before


@pytest.mark.parametrize("check", [True, False])
def test_another_director_that_cannot_be_reached_is_refused(host: FakeHost, *, check: bool) -> None:
    before = host.snapshot()
    host.silent = [(PAIR.interface, PAIR.source, PAIR.peer)]
    refused = run(check=check, **ARGUMENTS)
    assert "the other director does not answer: 10.0.0.6 on eth0" in refused["msg"]
    assert host.snapshot() == before


def test_a_director_goes_on_while_the_other_one_is_away(host: FakeHost) -> None:
    """That is a check's to tell, before any host changes, and an operator's to accept."""
    run(**ARGUMENTS)
    assert run_module(node_info.main)["node"]["vrrp"]["silent_peer"] == ""
    host.silent = [(PAIR.interface, PAIR.source, PAIR.peer)]
    assert not run(**ARGUMENTS)["changed"]
    assert run_module(node_info.main)["node"]["vrrp"]["silent_peer"] == PAIR.peer


def test_somebody_elses_sync_daemon(host: FakeHost, ipvs: FakeIpvs) -> None:
    ipvs.sync = (SyncDaemon(MASTER, "eth0", 7),)
    before = host.snapshot()
    assert "there is a master sync daemon 7 on eth0, which is not ours" in run(**ARGUMENTS)["msg"]
    assert host.snapshot() == before


def test_a_reboot(host: FakeHost, ipvs: FakeIpvs) -> None:
    run(**ARGUMENTS)
    (host.root / READY).write_text("1")  # as keepalived makes it
    ipvs.sync, ipvs.content = (), {}
    host.services.clear()
    assert boot() == 0
    assert (host.root / READY).read_text() == "0"
    assert ({*ipvs.sync}, len(ipvs.content)) == ({*PAIR.sync}, 1)
    assert host.services == []  # systemd starts keepalived


def test_from_addresses_of_its_own_to_a_pair_and_back(host: FakeHost) -> None:
    own: dict[str, Any] = {"services": [SERVICE], "vips": [VIP._asdict()]}
    run(**own)
    operations = run(**ARGUMENTS)["operations"]
    gone = f"remove address {VIP.address}/32 on {VIP.interface}"
    assert operations.index(gone) < operations.index("start keepalived.service")
    host.addresses.append((VIP.interface, VIP.address, 32))  # which keepalived takes away
    back = run(**own, check=True)["operations"]
    assert back[0] == "stop keepalived.service"
    assert f"add address {VIP.address}/32 on {VIP.interface}" in back


def test_without_persist_it_does_not_start_at_boot(host: FakeHost) -> None:
    run(**ARGUMENTS, persist=False)
    assert host.services == ["daemon-reload", "start"]


def test_the_header_says_whose_file_it_is(host: FakeHost) -> None:
    run(**ARGUMENTS)
    assert (host.root / CONFIGURATION).read_text().startswith(HEADER)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def role(state: str, *, check: bool = False, timeout: float = 0) -> dict[str, Any]:
    return run_module(vrrp.main, check=check, state=state, timeout=timeout)


def test_a_planned_switch(host: FakeHost) -> None:
    run(**ARGUMENTS)
    before = host.snapshot()
    predicted = role("standby", check=True)
    assert host.snapshot() == before
    assert predicted["operations"] == ["have the other director be master"]
    assert role("standby") == predicted
    assert (host.root / READY).read_text() == "2"
    assert not role("standby")["changed"]
    assert role("ready")["operations"] == ["let this director be master"]
    assert host.snapshot() == before


def test_a_run_ends_a_planned_switch(host: FakeHost) -> None:
    run(**ARGUMENTS)
    role("standby")
    assert run(**ARGUMENTS)["operations"] == ["let this director be master"]
    assert (host.root / READY).read_text() == "0"


def test_it_waits_for_the_vips(host: FakeHost) -> None:
    run(**ARGUMENTS)
    vips = [(one.interface, one.address) for one in PAIR.addresses]
    assert "192.0.2.10, 192.0.2.11, 2001:db8::10 are not here" in role("master")["msg"]
    host.addresses += [(device, vip, 128 if ":" in vip else 32) for device, vip in vips[::2]]
    assert "after 0 s 192.0.2.10, 2001:db8::10 are still here" in role("standby")["msg"]
    role("ready")
    host.kinds["eth1"] = ""
    host.addresses += [(device, vip, 32) for device, vip in vips[1:2]]
    assert role("master")["operations"] == []


def test_nothing_is_reset_while_the_vips_move(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each side drops what the other one knows, and none of it for longer than that."""
    nat = {**SERVICE, "port": 8080, "destinations": [{"address": "10.0.0.12", **MASQUERADED}]}
    run(services=[SERVICE, nat], vrrp=render_vrrp(PAIR))
    slept: list[str] = []
    monkeypatch.setattr(time, "sleep", lambda _seconds: slept.extend(host.held))
    role("next")
    (taking,) = host.held
    host.kinds["eth1"] = ""
    assert "10.0.0.12 . 80 timeout" in taking
    assert "10.0.0.11" not in taking  # direct routing
    host.addresses += [
        (one.interface, one.address, 128 if ":" in one.address else 32) for one in PAIR.addresses
    ]
    role("master")
    assert slept == [taking]  # until it has been told
    assert "are still here" in role("standby")["msg"]
    assert "fin | syn | rst | ack) == syn drop" in slept[1].replace("|", " | ")
    assert host.held == []


@pytest.mark.usefixtures("host")
def test_a_host_that_is_in_no_pair() -> None:
    assert "this host is no director of a pair" in role("standby")["msg"]


@pytest.mark.parametrize(
    "ends", [lambda: run(**ARGUMENTS), lambda: role("ready"), lambda: run(state="absent")]
)
def test_a_switch_that_was_broken_off_leaves_nothing(
    host: FakeHost, ends: Callable[[], object]
) -> None:
    run(**ARGUMENTS)
    host.held.append("table inet lvs_switch")
    run(check=True, **ARGUMENTS)
    assert host.held
    ends()
    assert host.held == []
