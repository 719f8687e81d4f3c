# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of real_server on both sides of a director's change."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import program
from ansible_collections.lvs.topology.plugins.modules import real_server
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)

STAYS, LEAVES, COMES = "10.0.0.100", "10.0.0.101", "10.0.0.102"


def serve(
    *vips: str, phase: str = "all", check: bool = False, **arguments: object
) -> dict[str, Any]:
    return run_module(real_server.main, check=check, vips=[*vips], phase=phase, **arguments)


def vips(host: FakeHost) -> set[str]:
    return {address for device, address, _prefix in host.addresses if device == "lo"}


def test_a_real_server_has_both_in_between(host: FakeHost) -> None:
    serve(STAYS, LEAVES)
    prepared = serve(STAYS, COMES, phase="prepare")
    assert prepared["operations"][0] == f"add address {COMES}/32 on lo"
    assert prepared["pending"] is True
    assert vips(host) == {STAYS, LEAVES, COMES}
    finished = serve(STAYS, COMES, phase="finish")
    assert finished["operations"][0] == f"remove address {LEAVES}/32 on lo"
    assert finished["pending"] is False
    assert vips(host) == {STAYS, COMES}
    host_as_it_is = host.snapshot()
    for phase in ("prepare", "finish", "all"):
        again = serve(STAYS, COMES, phase=phase)
        assert (again["changed"], again["pending"]) == (False, False)
    assert host.snapshot() == host_as_it_is


def test_one_that_is_no_real_server_any_more_waits_for_the_director_too(host: FakeHost) -> None:
    before = host.snapshot()
    serve(STAYS)
    for _time in range(2):
        prepared = serve(phase="prepare", state="absent")
        assert (prepared["changed"], prepared["pending"]) == (False, True)
        assert vips(host) == {STAYS}
    serve(phase="finish", state="absent")
    assert host.snapshot() == before


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


def test_the_second_phase_does_all_where_there_was_no_first_one(host: FakeHost) -> None:
    serve(STAYS, LEAVES)
    serve(STAYS, COMES, phase="finish")
    assert vips(host) == {STAYS, COMES}


def test_settings_that_leave_stay_in_between(host: FakeHost) -> None:
    before = host.snapshot()
    host.set("net/ipv4/conf/all/rp_filter", "1")
    loose = "net/ipv4/conf/eth1.100/rp_filter"
    serve(STAYS, loose_rp_filter=["eth1.100"])
    prepared = run_module(real_server.main, state="absent", phase="prepare")
    assert (prepared["pending"], host.get(loose), vips(host)) == (True, "2", {STAYS})
    run_module(real_server.main, state="absent", phase="finish")
    host.set("net/ipv4/conf/all/rp_filter", "0")
    assert host.snapshot() == before


@pytest.mark.usefixtures("host")
def test_directors_hear_of_arp_that_was_answered_before() -> None:
    for check in (True, False):
        assert serve(STAYS, check=check)["arp_changed"] is True
    assert serve(STAYS, COMES)["arp_changed"] is False
    assert serve(STAYS, arp_interfaces=["all", "eth0"], phase="prepare")["arp_changed"] is False


def test_directors_hear_of_arp_settings_that_were_damaged(host: FakeHost) -> None:
    serve(STAYS)
    host.set("net/ipv4/conf/all/arp_ignore", "0")
    assert serve(STAYS, phase="prepare")["arp_changed"] is True
