# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of director from one declaration to another, where connections go on."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot.program import main as boot
from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    LocalAddresses,
    NftTable,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.protocol import Activity
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.modules import director
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import (
    STATISTICS,
    FakeIpvs,
)

VIP, LIP = "10.0.0.100", "10.0.0.7"
ONE, TWO = "10.0.0.11", "10.0.0.12"
WEB = f"tcp {VIP}:80"
# As Linux 6.1 lists them: from 198.51.100.10 to VIP:80, which ONE serves.
OLD = "TCP C633640A 9C40 0A000064 0050 0A00000B 1F90 ESTABLISHED     899\n"
CLOSING = "TCP C633640A 9C40 0A000064 0050 0A00000B 1F90 FIN_WAIT        119\n"
NEW = "TCP C633640A 9C41 0A000064 0050 0A00000B 1F90 ESTABLISHED     899\n"

Result = dict[str, Any]

KEY = MappingProxyType({"address": VIP, "port": 80})
MARK: Result = {"fwmark": 7, "family": "ipv4"}


def service(
    *rips: str, forwarding: str = "masq", port: int = 8080, key: Mapping[str, Any] = KEY
) -> Result:
    """A service; NAT alone maps ports."""
    port = port if forwarding == "masq" else 80
    return {
        **key,
        "destinations": [{"address": rip, "port": port, "forwarding": forwarding} for rip in rips],
    }


BOTH: Result = {
    "vips": [{"address": VIP, "interface": "eth0"}],
    "forward": ["ipv4"],
    "services": [service(ONE)],
}
FULLNAT: Result = {
    **BOTH,
    "lips": [{"address": LIP, "interface": "eth0"}],
    "snat": [{"address": VIP, "ports": 80}],
    "local_addresses": [{"real_server": ONE, "first": LIP}],
    "settings": {"sysctls": {"conntrack": 1}},
}
NAT: Result = {**BOTH, "wait": {"services": [WEB], "timeout": 60}}
LEAVING = [
    f"remove address {LIP}/32 on eth0",
    f"remove source address {LIP} towards {ONE}",
    "remove rules of nft table inet lvs_director",
    "set net.ipv4.vs.conntrack to 0",
]


def run(*, check: bool = False, **arguments: object) -> Result:
    return run_module(director.main, check=check, **arguments)


def connections(host: FakeHost, *lines: str) -> None:
    host.write("proc/net/ip_vs_conn", "".join(lines))


def changes(result: Result) -> list[str]:
    """The operations, but for those of files."""
    return [one for one in result["operations"] if "lvs-topology" not in one]


def counts(result: Result) -> list[tuple[str, int, int]]:
    return [(one["service"], one["active"], one["inactive"]) for one in result["connections"]]


@pytest.mark.usefixtures("ipvs")
def test_new_connections_get_no_source_nat_while_old_ones_end(host: FakeHost) -> None:
    run(**FULLNAT)
    connections(host, OLD)
    switched = run(**NAT)
    assert changes(switched) == [f"remove source NAT of tcp {VIP} port 80"]
    assert (switched["waiting"], switched["pending"]) == ("wait", LEAVING)
    assert switched["staying"] == [WEB]
    assert counts(switched) == [(WEB, 1, 0)]
    # Without these there were no chain for NAT, and no source for the old ones.
    assert {type(one) for one in host.nft} == {NftTable, LocalAddresses}
    assert ("eth0", LIP, 32) in host.addresses
    assert host.get("net/ipv4/vs/conntrack") == "1"
    connections(host, OLD, NEW)
    for resume in (True, False):
        again = run(**NAT, resume=resume)
        assert (changes(again), again["changed"]) == ([], False)
        assert (again["waiting"], again["pending"]) == ("wait", LEAVING)
        assert counts(again) == [(WEB, 1, 0)]
    connections(host, NEW)
    last = run(**NAT, resume=True)
    assert (changes(last), last["pending"], last["waiting"]) == (LEAVING, [], "")
    assert (host.nft, ("eth0", LIP, 32) in host.addresses) == ([], False)
    assert not paths.connections_file().exists()
    assert not run(**NAT)["changed"]


@pytest.mark.usefixtures("ipvs")
def test_the_way_back_waits_for_connections_of_its_own(host: FakeHost) -> None:
    run(**FULLNAT)
    connections(host, OLD)
    assert run(**NAT, pending_elsewhere=True)["waiting"] == "wait"
    connections(host, NEW)
    back = run(**FULLNAT, wait=NAT["wait"], pending_elsewhere=True)
    assert (back["waiting"], counts(back)) == ("wait", [(WEB, 1, 0)])


@pytest.mark.usefixtures("ipvs")
def test_check_mode_predicts_all_of_the_way(host: FakeHost) -> None:
    run(**FULLNAT)
    connections(host, OLD)
    before = host.snapshot()
    predicted = run(check=True, **NAT)
    assert host.snapshot() == before
    switched = run(**NAT)
    assert changes(predicted) == [*changes(switched), *switched["pending"]]
    assert predicted["connections"] == switched["connections"]
    assert (predicted["waiting"], predicted["pending"]) == ("", [])
    same = {name: one for name, one in predicted["diff"]["after"].items() if name != "kept"}
    assert same == {name: one for name, one in switched["diff"]["after"].items() if name != "kept"}
    # Afterwards it tells what is left to do, and of which connections it depends.
    rest = run(check=True, **NAT)
    assert (changes(rest), counts(rest)) == (LEAVING, [(WEB, 1, 0)])


@pytest.mark.usefixtures("ipvs")
def test_without_connections_nothing_waits(host: FakeHost) -> None:
    for lines in ((), (CLOSING,)):
        run(**FULLNAT)
        connections(host, *lines)
        done = run(**NAT)
        assert (done["waiting"], done["pending"], done["connections"]) == ("", [], [])
        assert changes(done)[1:] == LEAVING
        assert not paths.connections_file().exists()


@pytest.mark.usefixtures("ipvs")
def test_who_does_not_wait_any_more_cuts(host: FakeHost) -> None:
    run(**FULLNAT)
    connections(host, OLD)
    run(**NAT)
    assert changes(run(**BOTH)) == LEAVING
    assert host.nft == []
    assert not paths.connections_file().exists()


@pytest.mark.usefixtures("ipvs")
@pytest.mark.parametrize(("kinds", "waiting"), [(["active"], ""), (["inactive"], "wait")])
def test_what_is_waited_for_can_be_chosen(host: FakeHost, kinds: list[str], waiting: str) -> None:
    run(**FULLNAT)
    connections(host, CLOSING)
    assert run(**{**NAT, "wait": {**NAT["wait"], "wait_for": kinds}})["waiting"] == waiting


@pytest.mark.usefixtures("ipvs")
def test_they_end_only_where_something_is_lost(host: FakeHost) -> None:
    run(**BOTH)
    connections(host, OLD)
    more = {**NAT, "forward": ["ipv4", "ipv6"]}
    assert changes(run(**more)) == ["set net.ipv6.conf.all.forwarding to 1"]
    waiting = run(**more, pending_elsewhere=True)
    assert (waiting["waiting"], waiting["pending"], waiting["changed"]) == ("wait", [], False)
    connections(host, NEW)
    assert run(**more, pending_elsewhere=True, resume=True)["waiting"] == ""


@pytest.mark.usefixtures("ipvs")
def test_only_services_that_keep_their_method_are_waited_for(host: FakeHost) -> None:
    run(**FULLNAT)
    connections(host, OLD)
    direct = {**NAT, "services": [service(ONE, forwarding="droute")]}
    done = run(**direct)
    assert (done["waiting"], done["staying"]) == ("", [])


@pytest.mark.usefixtures("ipvs")
def test_connections_of_a_mark_are_those_of_all_that_gets_it(host: FakeHost) -> None:
    marked: Result = {
        **FULLNAT,
        "services": [service(ONE, key=MARK)],
        "marks": [{"address": VIP, "ports": ports, "mark": 7} for ports in (80, 443)],
    }
    run(**marked)
    connections(host, OLD, OLD.replace("0050", "01BB"), OLD.replace("0050", "0051"))
    nat = {one: marked[one] for one in ("vips", "forward", "services", "marks")}
    waiting = run(**nat, wait={"services": ["fwmark 7 (ipv4)"]})
    assert waiting["waiting"] == "wait"
    assert counts(waiting) == [(WEB, 1, 0), (f"tcp {VIP}:443", 1, 0)]


def test_one_barrier_comes_after_the_other(host: FakeHost, ipvs: FakeIpvs) -> None:
    run(**{**FULLNAT, "services": [service(ONE, TWO)]})
    connections(host, OLD)
    predicted = run(check=True, **NAT, drain_removed={"timeout": 60})
    looks = [run(**NAT, drain_removed={"timeout": 60})]
    assert (looks[0]["waiting"], ipvs.weights()) == ("drain_removed", {ONE: 1, TWO: 0})
    assert f"source NAT of tcp {VIP} port 80" in map(str, host.nft)
    ipvs.busy = Activity(0, 0, 0, STATISTICS)
    looks.append(run(**NAT, drain_removed={"timeout": 60}, resume=True))
    assert (looks[1]["waiting"], ipvs.weights()) == ("wait", {ONE: 1})
    connections(host)
    looks.append(run(**NAT, drain_removed={"timeout": 60}, resume=True))
    assert (looks[2]["waiting"], looks[2]["pending"]) == ("", [])
    done = [one for look in looks for one in changes(look)]
    assert changes(predicted) == done
    assert done == [
        f"change destination {TWO}:8080 of service {WEB}",
        f"delete destination {TWO}:8080 of service {WEB}",
        f"remove source NAT of tcp {VIP} port 80",
        *LEAVING,
    ]
    for before, after in pairwise(looks):
        assert before["pending"] == [*changes(after), *after["pending"]]


def test_a_reboot_in_between_brings_back_both(host: FakeHost, ipvs: FakeIpvs) -> None:
    run(**FULLNAT)
    connections(host, OLD)
    run(**NAT)
    paths.connections_file().unlink()  # as all below /run
    connections(host)
    there = (host.snapshot(), ipvs.table(), ipvs.seconds)
    host.nft, ipvs.content = [], {}
    host.addresses = [one for one in host.addresses if one[1] not in (VIP, LIP)]
    assert boot() == 0
    assert (host.snapshot(), ipvs.table(), ipvs.seconds) == there
    assert changes(run(**NAT)) == LEAVING


@pytest.mark.usefixtures("ipvs")
def test_the_boot_program_in_between_leaves_the_wait_alone(host: FakeHost) -> None:
    run(**FULLNAT)
    connections(host, OLD)
    run(**NAT)
    connections(host, OLD, NEW)
    before = host.snapshot()
    assert boot() == 0
    assert host.snapshot() == before
    assert counts(run(**NAT, resume=True)) == [(WEB, 1, 0)]


@pytest.mark.usefixtures("ipvs")
def test_marks_that_leave_go_before_anything_drains(host: FakeHost) -> None:
    marked: Result = {
        **BOTH,
        "services": [service(ONE, key=MARK)],
        "marks": [{"address": VIP, "ports": 80, "mark": 7}],
    }
    run(**marked)
    waiting = run(**BOTH, drain_removed={"timeout": 60})
    # Clients who come now reach the service of the address, which has come before.
    assert changes(waiting) == [
        f"add service {WEB}",
        f"add destination {ONE}:8080 of service {WEB}",
        f"remove mark 7 for tcp {VIP} port 80",
        f"change destination {ONE}:8080 of service fwmark 7 (ipv4)",
    ]
    assert [*map(str, host.nft)] == ["rules of nft table inet lvs_director"]


def test_a_vip_that_was_removed_by_hand_stays_ours_on_the_way(
    host: FakeHost, ipvs: FakeIpvs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_operations: object) -> None:
        raise IpvsError("cannot do that")

    before = host.snapshot()
    run(**BOTH)
    host.addresses.remove(("eth0", VIP, 32))
    kept = host.snapshot()["files"]
    with monkeypatch.context() as refusing:
        refusing.setattr(ipvs, "apply", refuse)
        assert run(**BOTH)["failed"]
    assert host.snapshot()["files"] == kept
    assert changes(run(**BOTH)) == [f"add address {VIP}/32 on eth0"]
    run(state="absent")
    assert host.snapshot() == before


@pytest.mark.usefixtures("ipvs")
def test_a_vip_of_somebody_else_is_no_change(host: FakeHost) -> None:
    host.addresses.append(("eth0", VIP, 32))
    before = host.snapshot()
    assert not any(VIP in one and "address" in one for one in changes(run(**BOTH)))
    assert not run(**BOTH)["changed"]
    run(state="absent")
    assert host.snapshot() == before
