# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of real_server, on a host in memory."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import program
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.modules import real_server
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)

DR: dict[str, Any] = {"vips": ["10.0.0.100", "2001:DB8:10::0100"]}
NAT: dict[str, Any] = {
    "arp_interfaces": [],
    "return_routes": [
        {"source": "10.0.0.11", "ports": 80, "gateway": "10.0.0.6"},
        {"source": "10.0.0.11", "ports": "5000-5999", "protocol": "udp", "gateway": "10.0.0.5"},
        {"source": "2001:db8:10::11", "ports": 80, "gateway": "2001:db8:10::5"},
    ],
}
IGNORE, ANNOUNCE = "net/ipv4/conf/all/arp_ignore", "net/ipv4/conf/all/arp_announce"


def run(*, check: bool = False, **arguments: object) -> dict[str, Any]:
    return run_module(real_server.main, check=check, **arguments)


@pytest.mark.parametrize("arguments", [DR, NAT, {**DR, **NAT, "vip_device": "vip0"}])
@pytest.mark.parametrize("persist", [True, False])
def test_present_again_and_absent(
    host: FakeHost, arguments: dict[str, Any], *, persist: bool
) -> None:
    before = host.snapshot()
    predicted = run(check=True, persist=persist, **arguments)
    assert host.snapshot() == before
    done = run(persist=persist, **arguments)
    assert predicted["changed"]
    assert predicted == done
    present = host.snapshot()
    assert not run(persist=persist, **arguments)["changed"]
    assert host.snapshot() == present
    predicted = run(check=True, state="absent", persist=persist)
    assert host.snapshot() == present
    assert run(state="absent", persist=persist) == predicted
    assert host.snapshot() == before
    assert not run(state="absent", persist=persist)["changed"]


def test_direct_routing(host: FakeHost) -> None:
    result = run(**DR)
    assert result["operations"][:4] == [
        "set net.ipv4.conf.all.arp_ignore to 1",
        "set net.ipv4.conf.all.arp_announce to 2",
        "add address 10.0.0.100/32 on lo",
        "add address 2001:db8:10::100/128 on lo",
    ]
    assert (host.get(IGNORE), host.get(ANNOUNCE)) == ("1", "2")
    assert host.get("net/ipv4/conf/lo/arp_ignore") == "0"
    assert host.announced == []


def test_converged_run_starts_one_process(host: FakeHost) -> None:
    run(**DR)
    host.processes = 0
    run(**DR)
    assert host.processes == 1


def test_dummy_device(host: FakeHost) -> None:
    run(vips=["10.0.0.100"], vip_device="vip0")
    assert host.kinds["vip0"] == "dummy"
    assert "vip0" in host.up
    assert ("vip0", "10.0.0.100", 32) in host.addresses


def test_return_routes_have_a_table_for_each_gateway(host: FakeHost) -> None:
    run(**NAT)
    assert host.default_routes == {
        ("254", "inet"): "10.0.0.1",
        ("20020", "inet"): "10.0.0.5",
        ("20021", "inet"): "10.0.0.6",
        ("20020", "inet6"): "2001:db8:10::5",
    }
    assert sorted(host.rules) == [
        "priority 20020 from 10.0.0.11 ipproto tcp sport 80 table 20021",
        "priority 20020 from 10.0.0.11 ipproto udp sport 5000-5999 table 20020",
        "priority 20020 from 2001:db8:10::11 ipproto tcp sport 80 table 20020",
    ]


def test_a_gateway_keeps_its_table(host: FakeHost) -> None:
    def by(*gateways: str, phase: str = "all") -> dict[str, str]:
        routes = [
            {"source": "10.0.0.11", "ports": 80 + index, "gateway": each}
            for index, each in enumerate(gateways)
        ]
        run(return_routes=routes, phase=phase)
        tables = {table: each for (table, _family), each in host.default_routes.items()}
        return {name: each for name, each in tables.items() if name != "254"}

    assert by("10.0.0.6") == {"20020": "10.0.0.6"}
    both = {"20020": "10.0.0.6", "20021": "10.0.0.5"}
    assert by("10.0.0.5", "10.0.0.6") == both
    assert by("10.0.0.5") == {"20021": "10.0.0.5"}
    # Who leaves has its table until the end.
    assert by("10.0.0.4", phase="prepare") == {"20020": "10.0.0.4", "20021": "10.0.0.5"}
    assert by("10.0.0.4", phase="finish") == {"20020": "10.0.0.4"}


def test_what_is_no_longer_listed_is_undone(host: FakeHost) -> None:
    run(**DR, **{**NAT, "arp_interfaces": ["all"]})
    run(vips=["10.0.0.101"], arp_interfaces=["eth0"])
    assert [one for one in host.addresses if one[0] == "lo"] == [("lo", "10.0.0.101", 32)]
    assert host.rules == []
    assert host.get(IGNORE) == "0"
    assert host.get("net/ipv4/conf/eth0/arp_ignore") == "1"


def test_rp_filter_of_a_device_with_a_dot(host: FakeHost) -> None:
    host.set("net/ipv4/conf/all/rp_filter", "1")
    run(loose_rp_filter=["eth1.100", "eth0"], arp_interfaces=[])
    assert host.get("net/ipv4/conf/eth1.100/rp_filter") == "2"
    run(state="absent")
    assert host.get("net/ipv4/conf/eth1.100/rp_filter") == "0"


def test_what_was_there_before_stays(host: FakeHost) -> None:
    host.addresses.append(("lo", "10.0.0.100", 32))
    host.set(IGNORE, "2")
    run(**DR)
    run(state="absent")
    assert ("lo", "10.0.0.100", 32) in host.addresses
    assert ("lo", "2001:db8:10::100", 128) not in host.addresses
    assert (host.get(IGNORE), host.get(ANNOUNCE)) == ("2", "0")


def test_drift_is_repaired_and_the_original_kept(host: FakeHost) -> None:
    run(**DR)
    host.set(IGNORE, "0")
    host.addresses.remove(("lo", "10.0.0.100", 32))
    assert run(**DR)["operations"] == [
        "set net.ipv4.conf.all.arp_ignore to 1",
        "add address 10.0.0.100/32 on lo",
    ]
    run(state="absent")
    assert host.get(IGNORE) == "0"


def test_run_that_died_is_finished_by_the_next(host: FakeHost) -> None:
    before = host.snapshot()
    host.refuse = "2001:db8:10::100"
    result = run(**DR)
    assert result["msg"] == (
        "cannot add address 2001:db8:10::100/128 on lo: RTNETLINK answers: Operation not permitted"
    )
    host.refuse = ""
    run(**DR)
    run(state="absent")
    assert host.snapshot() == before


def test_boot_program_makes_it_so_again(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    run(**DR, **{**NAT, "arp_interfaces": ["all"]}, vip_device="vip0")
    present = host.snapshot()
    del host.kinds["vip0"]
    host.up.discard("vip0")
    host.addresses = host.addresses[:2]
    host.rules.clear()
    host.default_routes = {("254", "inet"): "10.0.0.1"}
    host.set(IGNORE, "0")
    host.set(ANNOUNCE, "0")
    host.refuse = "rule add"
    assert program.main() == 1
    assert "real_server: cannot add rule from 10.0.0.11" in capsys.readouterr().err
    host.refuse = ""
    assert program.main() == 0
    assert host.snapshot() == present
    assert program.main() == 0


def test_diff(host: FakeHost) -> None:
    assert run(vips=["10.0.0.100"], arp_interfaces=["eth0"], persist=False)["diff"] == {
        "before": {
            "addresses": [],
            "kept": [],
            "sysctls": {
                "net.ipv4.conf.eth0.arp_announce": "0",
                "net.ipv4.conf.eth0.arp_ignore": "0",
            },
        },
        "after": {
            "addresses": ["address 10.0.0.100/32 on lo"],
            "kept": [f"write {host.root}/run/lvs-topology/real_server.json"],
            "sysctls": {
                "net.ipv4.conf.eth0.arp_announce": "2",
                "net.ipv4.conf.eth0.arp_ignore": "1",
            },
        },
    }


def test_bad_input_is_told_all_at_once(host: FakeHost) -> None:
    before = host.snapshot()
    route = {"source": "10.0.0.11", "ports": 80, "gateway": "10.0.0.5"}
    result = run(
        vips=["10.0.0.300", "10.0.0.1/32", "fe80::1%eth0", "fe80::1", "10.0.0.9", "10.0.0.9"],
        vip_device="a b",
        arp_interfaces=["lo", "eth0", "eth0"],
        loose_rp_filter=["all"],
        return_routes=[
            route,
            {**route, "gateway": "2001:db8::5"},
            {**route, "ports": 65535, "source": "10.0.0.5"},
        ],
        return_table=254,
    )
    malformed = "expected an IPv4 or IPv6 address, without prefix length or zone"
    outside = "expected an interface on which packets arrive from outside"
    assert result["problems"] == [
        "vip_device: got 'a b', expected the name of an interface",
        f"vips[0]: got '10.0.0.300', {malformed}",
        f"vips[1]: got '10.0.0.1/32', {malformed}",
        f"vips[2]: got 'fe80::1%eth0', {malformed}",
        "vips[3]: got 'fe80::1', expected a unicast address that other hosts can reach",
        "vips[5]: got '10.0.0.9', expected each only once: vips[4] is the same",
        f"arp_interfaces[0]: got 'lo', {outside}",
        "arp_interfaces[2]: got 'eth0', expected each only once: arp_interfaces[1] is the same",
        f"loose_rp_filter[0]: got 'all', {outside}",
        "return_table: got 254, expected a number from 256 to 4294967295",
        ("return_routes[1].gateway: got '2001:db8::5', expected an ipv4 address, as the source is"),
        (
            "return_routes[1]: got '10.0.0.11 tcp 80', "
            "expected each only once: return_routes[0] is the same"
        ),
        (
            "return_routes[2].ports: got '65535', expected a number from 0 to 65534, "
            "or FIRST-LAST with the smaller one first"
        ),
        "return_routes[2].gateway: got '10.0.0.5', expected another host's address",
    ]
    assert host.snapshot() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"arp_interfaces": ["eth7"]}, "this host has no interface eth7"),
        ({"vips": ["10.0.0.11"]}, "address 10.0.0.11/24 on eth0 is not ours"),
        ({"vips": ["10.0.0.9"], "vip_device": "eth0"}, "link eth0 is in the way of link eth0 (du"),
    ],
)
def test_host_that_does_not_fit(host: FakeHost, arguments: dict[str, Any], message: str) -> None:
    before = host.snapshot()
    assert run(**arguments)["msg"].startswith(message)
    assert host.snapshot() == before


def test_damaged_state_is_told(host: FakeHost) -> None:
    run(**DR)
    path = paths.state_file("real_server", persist=True)
    path.write_text("{")
    assert "real_server.json is damaged" in run(**DR)["msg"]
    assert path.read_text() == "{"
    assert ("lo", "10.0.0.100", 32) in host.addresses


@pytest.mark.parametrize("check", [False, True])
def test_a_python_that_cannot_be_started_at_boot_is_told_before_any_change(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch, *, check: bool
) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/a'b")
    before = host.snapshot()
    assert "set persist: false" in run(**DR, check=check)["msg"]
    assert host.snapshot() == before
    assert run(**DR, persist=False)["changed"]
    assert run(state="absent", persist=False)["changed"]


@pytest.mark.usefixtures("host")
def test_state_file() -> None:
    run(vips=["10.0.0.100"], arp_interfaces=["eth0"])
    state = json.loads(paths.state_file("real_server", persist=True).read_text())
    vip = {"device": "lo", "address": "10.0.0.100", "prefix": 32}
    assert state["version"] == 4
    assert state["desired"]["addresses"] == [vip]
    assert state["owned"]["addresses"] == [vip]
    assert state["owned"]["settings"] == {
        "net/ipv4/conf/eth0/arp_ignore": {"original": "0", "written": "1"},
        "net/ipv4/conf/eth0/arp_announce": {"original": "0", "written": "2"},
    }
