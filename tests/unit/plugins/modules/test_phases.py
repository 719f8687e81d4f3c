# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of the modules with phases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import program
from ansible_collections.lvs.topology.plugins.module_utils.host.model import LocalAddresses, Ruleset
from ansible_collections.lvs.topology.plugins.modules import director, ipvs_settings, real_server
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs
from ansible_collections.lvs.topology.tests.unit.plugins.modules.test_ipvs_modules import ipvs

__all__ = ["ipvs"]

STAYS, LEAVES, COMES = "10.0.0.100", "10.0.0.101", "10.0.0.102"
VIP = {"address": STAYS, "interface": "eth0"}
LIP = {"address": "10.0.0.7", "interface": "eth0"}
FULLNAT: dict[str, Any] = {
    "vips": [VIP],
    "snat": [{"address": STAYS, "port": 80}],
    "local_addresses": [{"real_server": "10.0.0.11", "first": "10.0.0.5"}],
}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    return FakeHost(tmp_path, monkeypatch)


def serve(*vips: str, phase: str = "all", check: bool = False) -> dict[str, Any]:
    return run_module(real_server.main, check=check, vips=[*vips], phase=phase)


def vips(host: FakeHost) -> set[str]:
    return {address for device, address, _prefix in host.addresses if device == "lo"}


def test_a_real_server_has_both_in_between(host: FakeHost) -> None:
    serve(STAYS, LEAVES)
    prepared = serve(STAYS, COMES, phase="prepare")
    assert prepared["operations"][0] == f"add address {COMES}/32 on lo"
    assert prepared["later"] == [f"remove address {LEAVES}/32 on lo"]
    assert vips(host) == {STAYS, LEAVES, COMES}
    finished = serve(STAYS, COMES, phase="finish")
    assert finished["operations"][0] == prepared["later"][0]
    assert "later" not in finished
    assert vips(host) == {STAYS, COMES}
    host_as_it_is = host.snapshot()
    again = serve(STAYS, COMES, phase="prepare")
    assert (again["changed"], again["later"]) == (False, [])
    assert host.snapshot() == host_as_it_is


def test_both_survive_a_restart_in_between(host: FakeHost) -> None:
    serve(STAYS, LEAVES)
    serve(STAYS, COMES, phase="prepare")
    host.addresses = [one for one in host.addresses if one[0] != "lo"]
    assert program.main() == 0
    assert vips(host) == {STAYS, LEAVES, COMES}


def test_check_mode_predicts_each_phase(host: FakeHost) -> None:
    serve(STAYS, LEAVES)
    before = host.snapshot()
    predicted = [serve(COMES, phase=phase, check=True) for phase in ("prepare", "finish")]
    assert host.snapshot() == before
    assert [serve(COMES, phase=phase) for phase in ("prepare", "finish")] == predicted


def test_a_director_gets_its_vips_last(host: FakeHost) -> None:
    prepared = run_module(director.main, **FULLNAT, phase="prepare")
    assert prepared["later"] == [f"add address {STAYS}/32 on eth0"]
    assert ("eth0", STAYS, 32) not in host.addresses
    assert host.nft
    run_module(director.main, **FULLNAT, phase="finish")
    assert ("eth0", STAYS, 32) in host.addresses
    for phase in ("prepare", "finish"):
        assert not run_module(director.main, **FULLNAT, phase=phase)["changed"]


def test_new_connections_get_no_source_nat_while_old_ones_end(host: FakeHost) -> None:
    run_module(director.main, **FULLNAT, lips=[LIP], forward=["ipv4"])
    nat: dict[str, Any] = {"vips": [VIP], "forward": ["ipv4"]}
    run_module(director.main, **nat, phase="prepare")
    assert len(host.nft) == 1 + len(FULLNAT["snat"]) + len(FULLNAT["local_addresses"])
    predicted = run_module(director.main, check=True, **nat, phase="switch")
    switched = run_module(director.main, **nat, phase="switch")
    assert switched == predicted
    assert switched["later"][-1] == "remove rules of nft table inet lvs_director"
    assert f"remove address {LIP['address']}/32 on eth0" in switched["later"]
    # Without these there were no chain for NAT, and no source for the old ones.
    assert {type(one) for one in host.nft} == {Ruleset, LocalAddresses}
    run_module(director.main, **nat, phase="finish")
    assert host.nft == []
    assert ("eth0", LIP["address"], 32) not in host.addresses


def test_a_vip_that_somebody_has_removed_is_kept_in_mind(host: FakeHost) -> None:
    run_module(director.main, **FULLNAT)
    kept = host.snapshot()["files"]
    host.addresses.remove(("eth0", STAYS, 32))
    assert run_module(director.main, **FULLNAT, phase="prepare")["operations"] == []
    assert host.snapshot()["files"] == kept
    run_module(director.main, **FULLNAT, phase="finish")
    assert ("eth0", STAYS, 32) in host.addresses


def test_a_vip_of_somebody_else_is_no_change(host: FakeHost) -> None:
    host.addresses.append(("eth0", STAYS, 32))
    for phase in ("prepare", "finish"):
        run_module(director.main, **FULLNAT, phase=phase)
    assert not run_module(director.main, **FULLNAT, phase="prepare")["changed"]


def test_settings_are_put_back_last(ipvs: FakeIpvs) -> None:
    run_module(ipvs_settings.main, tcp_timeout=100, sysctls={"conntrack": 1})
    prepared = run_module(ipvs_settings.main, udp_timeout=50, phase="prepare")
    assert prepared["later"] == ["set tcp_timeout to 900", "set net.ipv4.vs.conntrack to 0"]
    assert tuple(ipvs.seconds) == (100, 120, 50)
    predicted = run_module(ipvs_settings.main, check=True, udp_timeout=50, phase="finish")
    assert predicted == run_module(ipvs_settings.main, udp_timeout=50, phase="finish")
    assert tuple(ipvs.seconds) == (900, 120, 50)
