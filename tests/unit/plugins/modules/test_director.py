# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of director, on a host in memory."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot.program import main as boot
from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    LocalAddresses,
    Mark,
    NftTable,
    Resource,
    Snat,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.nft import run as nft
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.topology.plugins.module_utils.net.ports import PortRange
from ansible_collections.lvs.topology.plugins.module_utils.state.state_file import load
from ansible_collections.lvs.topology.plugins.modules import (
    director,
    ipvs_drain,
    ipvs_services,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs
from ansible_collections.lvs.topology.tests.unit.plugins.modules.test_ipvs_modules import foreign

pytestmark = pytest.mark.usefixtures("ipvs")

ARGUMENTS: dict[str, Any] = {
    "vips": [
        {"address": "10.0.0.100", "interface": "eth0"},
        {"address": "2001:db8:10::100", "interface": "eth0"},
    ],
    "forward": ["ipv4", "ipv6"],
    "no_redirects": ["eth1.100"],
}


def run(*, check: bool = False, **arguments: object) -> dict[str, Any]:
    return run_module(director.main, check=check, **arguments)


def test_present_again_and_absent(host: FakeHost) -> None:
    before = host.snapshot()
    predicted = run(check=True, **ARGUMENTS)
    assert host.snapshot() == before
    assert host.announced == []
    assert run(**ARGUMENTS) == predicted
    assert predicted["operations"][:6] == [
        "set net.ipv4.ip_forward to 1",
        "set net.ipv6.conf.all.forwarding to 1",
        "set net.ipv4.conf.all.send_redirects to 0",
        "set net.ipv4.conf.eth1.100.send_redirects to 0",
        "add address 10.0.0.100/32 on eth0",
        "add address 2001:db8:10::100/128 on eth0",
    ]
    assert not run(**ARGUMENTS)["changed"]
    run(state="absent")
    assert host.snapshot() == before


def test_new_addresses_are_announced_once(host: FakeHost) -> None:
    run(**ARGUMENTS)
    run(**ARGUMENTS)
    assert host.announced == [("eth0", "10.0.0.100"), ("eth0", "2001:db8:10::100")]


def test_addresses_that_are_there_are_announced_again_on_request(host: FakeHost) -> None:
    run(**ARGUMENTS)
    host.announced.clear()
    assert not run(check=True, **ARGUMENTS, reannounce=True)["changed"]
    assert host.announced == []
    assert not run(**ARGUMENTS, reannounce=True)["changed"]
    assert host.announced == [("eth0", "10.0.0.100"), ("eth0", "2001:db8:10::100")]


def test_whatever_prefix_they_have(host: FakeHost) -> None:
    host.addresses.append(("eth0", "10.0.0.100", 24))
    run(vips=ARGUMENTS["vips"][:1])
    assert host.announced == []
    run(vips=ARGUMENTS["vips"][:1], reannounce=True)
    assert host.announced == [("eth0", "10.0.0.100")]


def test_new_address_is_announced_once_with_the_others(host: FakeHost) -> None:
    run(vips=ARGUMENTS["vips"][:1])
    run(vips=ARGUMENTS["vips"], reannounce=True)
    assert sorted(host.announced[1:]) == [("eth0", "10.0.0.100"), ("eth0", "2001:db8:10::100")]


def test_announcement_that_fails_is_a_warning(host: FakeHost) -> None:
    host.up.remove("eth0")
    result = run(vips=ARGUMENTS["vips"][:1])
    assert result["changed"]
    assert "cannot announce address 10.0.0.100/32 on eth0: Network is down" in str(
        result["warnings"]
    )


def test_address_that_moves(host: FakeHost) -> None:
    run(vips=[{"address": "10.0.0.100", "interface": "eth0"}])
    assert run(vips=[{"address": "10.0.0.100", "interface": "eth1.100"}])["operations"][:2] == [
        "add address 10.0.0.100/32 on eth1.100",
        "remove address 10.0.0.100/32 on eth0",
    ]
    run(state="absent")
    assert not any(address == "10.0.0.100" for _device, address, _prefix in host.addresses)


def test_interface_that_has_it_already(host: FakeHost) -> None:
    assert not run(vips=[{"address": "10.0.0.11", "interface": "eth0"}])["operations"][:-6]
    run(state="absent")
    assert ("eth0", "10.0.0.11", 24) in host.addresses


def test_host_that_does_not_fit(host: FakeHost) -> None:
    before = host.snapshot()
    result = run(
        vips=[{"address": "10.0.0.100", "interface": "eth7"}], no_redirects=["eth8"], persist=False
    )
    assert result["msg"].splitlines() == [
        "this host has no interface eth7",
        "this host has no interface eth8",
    ]
    assert host.snapshot() == before


def test_bad_input_is_told_all_at_once() -> None:
    vip = {"address": "10.0.0.100", "interface": "eth0"}
    result = run(
        vips=[vip, {"address": "224.0.0.1", "interface": "eth/0"}, {**vip, "interface": "eth1"}],
        no_redirects=["all"],
        probe_interfaces=["all"],
    )
    assert result["problems"] == [
        "vips[1].interface: got 'eth/0', expected the name of an interface",
        "vips[1].address: got '224.0.0.1', expected a unicast address that other hosts can reach",
        "vips[2]: got '10.0.0.100', expected each only once: vips[0] is the same",
        "no_redirects[0]: got 'all', expected an interface by its name (all is included)",
        "probe_interfaces[0]: got 'all', expected an interface by its name (others stay)",
    ]


def test_liberal_connection_tracking(host: FakeHost) -> None:
    host.set("net/netfilter/nf_conntrack_tcp_be_liberal", "0")
    before = host.snapshot()
    assert run(liberal_conntrack=True)["operations"][0] == (
        "set net.netfilter.nf_conntrack_tcp_be_liberal to 1"
    )
    assert not run(liberal_conntrack=True)["changed"]
    run(state="absent")
    assert host.snapshot() == before


def test_replies_from_own_addresses(host: FakeHost) -> None:
    accept, strict = (f"net/ipv4/conf/eth0/{name}" for name in ("accept_local", "rp_filter"))
    host.set("net/ipv4/conf/all/rp_filter", "1")
    before = host.snapshot()
    assert run(probe_interfaces=["eth0"])["operations"][:2] == [
        "set net.ipv4.conf.eth0.accept_local to 1",
        "set net.ipv4.conf.eth0.rp_filter to 2",
    ]
    assert (host.get(accept), host.get(strict)) == ("1", "2")
    assert not run(probe_interfaces=["eth0"])["changed"]
    run(state="absent")
    assert host.snapshot() == before


FULLNAT: dict[str, Any] = {
    "lips": [{"address": "10.1.0.20", "interface": "eth0"}],
    "snat": [{"address": "10.0.0.100", "ports": 80}],
    "local_addresses": [{"real_server": "10.1.0.11", "first": "10.1.0.20"}],
}


def test_sources_are_translated_and_left_alone_again(host: FakeHost) -> None:
    before = host.snapshot()
    predicted = run(check=True, **ARGUMENTS, **FULLNAT)
    assert host.snapshot() == before
    assert run(**ARGUMENTS, **FULLNAT) == predicted
    assert predicted["diff"]["after"]["snat"] == ["source NAT of tcp 10.0.0.100 port 80"]
    assert sorted(map(str, host.nft)) == [
        "rules of nft table inet lvs_director",
        "source NAT of tcp 10.0.0.100 port 80",
        "source address 10.1.0.20 towards 10.1.0.11",
    ]
    assert not run(**ARGUMENTS, **FULLNAT)["changed"]
    run(**ARGUMENTS)
    assert host.nft == []
    run(state="absent")
    assert host.snapshot() == before


def test_translation_is_there_before_the_addresses_that_attract_requests() -> None:
    sentences = run(**ARGUMENTS, **FULLNAT)["operations"]
    rules = sentences.index("add rules of nft table inet lvs_director")
    assert rules < sentences.index("add address 10.0.0.100/32 on eth0")


@pytest.mark.parametrize(
    "damaged",
    [
        [],
        [NftTable("lvs_director", intact=False)],
        [NftTable("lvs_director")],
        [NftTable("lvs_director"), Snat("tcp", "10.0.0.100", PortRange.single(80))],
        [
            NftTable("lvs_director"),
            Snat("tcp", "10.0.0.100", PortRange.single(80)),
            Snat("udp", "10.0.0.9", PortRange.single(9)),
            LocalAddresses("10.1.0.11", "10.1.0.99", "10.1.0.99"),
        ],
    ],
)
def test_whatever_was_damaged_is_repaired(host: FakeHost, damaged: list[Resource]) -> None:
    run(**ARGUMENTS, **FULLNAT)
    whole = set(host.nft)
    host.nft = damaged
    assert run(**ARGUMENTS, **FULLNAT)["changed"]
    assert set(host.nft) == whole
    assert not run(**ARGUMENTS, **FULLNAT)["changed"]


def test_a_damaged_table_goes_with_the_rest(host: FakeHost) -> None:
    before = host.snapshot()
    run(**ARGUMENTS, **FULLNAT)
    host.nft = [
        NftTable("lvs_director", intact=False),
        Snat("udp", "10.0.0.9", PortRange.single(9)),
    ]
    run(state="absent")
    assert host.snapshot() == before


@pytest.mark.parametrize("intact", [True, False])
def test_a_table_of_somebody_else_is_not_touched(host: FakeHost, *, intact: bool) -> None:
    host.nft = [
        NftTable("lvs_director", intact=intact),
        Snat("udp", "10.0.0.9", PortRange.single(9)),
    ]
    before = host.snapshot()
    failed = run(**ARGUMENTS, **FULLNAT)
    assert failed["msg"] == (
        "nft table inet lvs_director is not ours: delete it, or give it another name"
    )
    assert host.snapshot() == before
    run(**ARGUMENTS)
    assert len(host.nft) == 2


def test_all_that_is_wrong_with_the_sources_is_said() -> None:
    failed = run(
        snat=[{"address": "10.0.0.300", "ports": 0}, *FULLNAT["snat"], *FULLNAT["snat"]],
        local_addresses=[
            {"real_server": "10.1.0.11", "first": "10.1.0.9", "last": "10.1.0.1"},
            {"real_server": "10.1.0.11", "first": "2001:db8::1"},
        ],
    )
    assert [problem.partition(":")[0] for problem in failed["problems"]] == [
        "snat[0].address",
        "snat[0].ports",
        "snat[2]",
        "local_addresses[0]",
        "local_addresses[1]",
        "local_addresses[1]",
    ]


MARKS = [{"address": "10.0.0.100", "ports": ports, "mark": 1} for ports in ("80", "8000-8999")]


def test_packets_are_marked_and_left_alone_again(host: FakeHost) -> None:
    before = host.snapshot()
    predicted = run(check=True, marks=MARKS)
    assert host.snapshot() == before
    assert run(marks=MARKS) == predicted
    assert predicted["diff"]["after"]["marks"] == [
        "mark 1 for tcp 10.0.0.100 port 80",
        "mark 1 for tcp 10.0.0.100 port 8000-8999",
    ]
    changed = [MARKS[0], {**MARKS[1], "mark": 2}]
    assert run(marks=changed)["changed"]
    assert Mark("tcp", "10.0.0.100", PortRange(8000, 8999), 2) in host.nft
    assert len(host.nft) == 1 + len(MARKS)
    assert not run(marks=changed)["changed"]
    run(state="absent")
    assert host.snapshot() == before


def test_a_helper_is_loaded_first_and_stays(host: FakeHost, ipvs: FakeIpvs) -> None:
    before = host.snapshot()
    predicted = run(check=True, helpers=["ftp"])
    assert ipvs.loaded == set()
    assert run(helpers=["ftp"]) == predicted
    assert predicted["operations"][0] == "load ip_vs_ftp"
    assert (predicted["diff"]["before"]["helpers"], predicted["diff"]["after"]["helpers"]) == (
        [],
        ["ftp"],
    )
    assert ipvs.loaded == {"ftp"}
    assert not run(helpers=["ftp"])["changed"]
    ipvs.loaded.clear()  # a reboot
    assert boot() == 0
    assert ipvs.loaded == {"ftp"}
    run(state="absent")
    assert ipvs.loaded == {"ftp"}
    assert host.snapshot() == before


def test_all_that_is_wrong_with_marks_is_said() -> None:
    wrong = {"address": "x", "ports": "90-80", "mark": 0}
    failed = run(marks=[wrong, MARKS[0], {**MARKS[0], "ports": "79-81"}])
    assert [problem.partition(":")[0] for problem in failed["problems"]] == [
        "marks[0].address",
        "marks[0].ports",
        "marks[0].mark",
        "marks[2]",
    ]
    assert failed["problems"][-1].endswith("each port only once: marks[1] has it, too")
    (reserved,) = run(marks=[{**MARKS[0], "mark": 0x4C560001}])["problems"]
    assert reserved.startswith("marks[0].mark: got 1280704513, expected another mark")


WEB: dict[str, Any] = {
    "address": "10.0.0.100",
    "port": 80,
    "destinations": [{"address": "10.1.0.11", "port": 8080, "forwarding": "masq"}],
}
WHOLE: dict[str, Any] = {
    **ARGUMENTS,
    **FULLNAT,
    "marks": [{"address": "10.0.0.100", "ports": 443, "mark": 1}],
    "settings": {"tcp_timeout": 100, "sysctls": {"conntrack": 1, "sync_threshold": "3 50"}},
    "services": [WEB, {"fwmark": 1, "family": "ipv4", "destinations": [{"address": "10.1.0.12"}]}],
}


def test_all_of_a_director_comes_in_one_order_and_goes(host: FakeHost, ipvs: FakeIpvs) -> None:
    before = host.snapshot()
    predicted = run(check=True, **WHOLE)
    assert (host.snapshot(), ipvs.content, ipvs.seconds.tcp) == (before, {}, 900)
    assert run(**WHOLE) == predicted
    kept = ("write /", "enable lvs-topology")
    assert [one for one in predicted["operations"] if not one.startswith(kept)] == [
        "set net.ipv4.ip_forward to 1",
        "set net.ipv6.conf.all.forwarding to 1",
        "set net.ipv4.conf.all.send_redirects to 0",
        "set net.ipv4.conf.eth1.100.send_redirects to 0",
        "set net.ipv4.vs.conntrack to 1",
        "set tcp_timeout to 100",
        "add rules of nft table inet lvs_director",
        "add source NAT of tcp 10.0.0.100 port 80",
        "add source address 10.1.0.20 towards 10.1.0.11",
        "add address 10.1.0.20/32 on eth0",
        "add service tcp 10.0.0.100:80",
        "add destination 10.1.0.11:8080 of service tcp 10.0.0.100:80",
        "add service fwmark 1 (ipv4)",
        "add destination 10.1.0.12:0 of service fwmark 1 (ipv4)",
        "add mark 1 for tcp 10.0.0.100 port 443",
        "add address 10.0.0.100/32 on eth0",
        "add address 2001:db8:10::100/128 on eth0",
    ]
    assert (predicted["pending"], predicted["waiting"], predicted["connections"]) == ([], "", [])
    assert ipvs.seconds.tcp == 100
    assert not run(**WHOLE)["changed"]
    assert not run(check=True, **WHOLE)["changed"]
    run(state="absent")
    assert (host.snapshot(), ipvs.content, ipvs.seconds.tcp) == (before, {}, 900)


def test_it_is_one_file(host: FakeHost) -> None:
    run(**WHOLE)
    [kept] = host.root.glob("var/lib/lvs-topology/*.json")
    assert sorted(load(kept).desired) == ["host", "table"]
    # Nothing of the other half is kept once it is not declared any more.
    run(services=WHOLE["services"])
    assert {*load(kept).desired, *load(kept).owned} == {"table"}
    run(**ARGUMENTS)
    assert {*load(kept).desired, *load(kept).owned} == {"host"}


def test_a_reboot_makes_all_of_it_again(host: FakeHost, ipvs: FakeIpvs) -> None:
    before = (host.addresses.copy(), ipvs.table())
    run(**WHOLE)
    whole = (host.snapshot(), ipvs.table(), ipvs.seconds)
    host.addresses, ipvs.content = before
    host.nft, ipvs.seconds = [], ipvs.seconds._replace(tcp=900)
    for key in ("ip_forward", "vs/conntrack"):
        host.set(f"net/ipv4/{key}", "0")
    ipvs.written.clear()
    assert boot() == 0
    assert (host.snapshot(), ipvs.table(), ipvs.seconds) == whole
    assert not run(**WHOLE)["changed"]


def test_a_reboot_spares_the_services_of_others(ipvs: FakeIpvs) -> None:
    run(**WHOLE)
    foreign(ipvs)
    whole = ipvs.table()
    assert boot() == 0
    assert ipvs.table() == whole


def test_at_boot_a_topology_goes_before_what_was_done_by_hand(ipvs: FakeIpvs) -> None:
    assert not run_module(ipvs_services.main, services=[{**WEB, "scheduler": "rr"}]).get("failed")
    run(**WHOLE)
    whole = ipvs.table()
    assert boot() == 0
    assert ipvs.table() == whole


def test_the_difference_groups_what_an_operator_knows() -> None:
    run(**WHOLE)
    changed = {**WEB, "scheduler": "rr", "destinations": [{**WEB["destinations"][0], "weight": 5}]}
    services = [changed, WHOLE["services"][1]]
    result = run(**{**WHOLE, "services": services, "vips": ARGUMENTS["vips"][:1], "settings": {}})
    before, after = result["diff"]["before"], result["diff"]["after"]
    assert sorted(before) == sorted(after) == ["addresses", "kept", "services", "sysctls"]
    [service] = after["services"]
    assert (service["scheduler"], service["destinations"][0]["weight"]) == ("rr", 5)
    assert before["services"][0]["scheduler"] == "wlc"
    assert (before["addresses"], after["addresses"]) == (
        ["address 2001:db8:10::100/128 on eth0"],
        [],
    )
    assert before["sysctls"] == {"net.ipv4.vs.conntrack": "1", "tcp_timeout": "100"}
    assert after["sysctls"] == {"net.ipv4.vs.conntrack": "0", "tcp_timeout": "900"}


def test_settings_are_restored_last(ipvs: FakeIpvs) -> None:
    run(settings={"tcp_timeout": 100, "sysctls": {"conntrack": 1}}, services=[WEB])
    result = run(settings={"udp_timeout": 50}, services=[])
    assert result["operations"][:4] == [
        "set udp_timeout to 50",
        "delete service tcp 10.0.0.100:80",
        "set tcp_timeout to 900",
        "set net.ipv4.vs.conntrack to 0",
    ]
    assert ipvs.seconds == (900, 120, 50)


def test_services_of_others_are_spared_unless_all_is_purged(ipvs: FakeIpvs) -> None:
    foreign(ipvs)
    run(services=[WEB])
    run(services=[])
    assert [*map(str, ipvs.content)] == ["tcp 198.51.100.9:9"]
    run(services=[WEB])
    run(state="absent")
    assert [*map(str, ipvs.content)] == ["tcp 198.51.100.9:9"]
    run(services=[], purge="all")
    assert ipvs.content == {}


def test_absent_is_all_that_is_ours_whatever_is_purged(host: FakeHost, ipvs: FakeIpvs) -> None:
    before = host.snapshot()
    for purge in ("none", "all"):
        foreign(ipvs)
        run(**WHOLE)
        run(state="absent", purge=purge)
        assert [*map(str, ipvs.content)] == ["tcp 198.51.100.9:9"]
        assert host.snapshot() == before


def test_a_firewall_that_forwards_by_state_is_a_warning(
    host: FakeHost, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"family": "inet", "table": "filter"}
    by_state = {"match": {"left": {"ct": {"key": "state"}}, "right": ["established"]}}
    ruleset = [
        {"chain": {**table, "name": "f", "hook": "forward", "policy": "drop"}},
        {"rule": {**table, "chain": "f", "expr": [by_state, {"accept": None}]}},
    ]
    asked: list[dict[str, Any]] = []

    def listed() -> dict[str, Any]:
        asked.append({"nftables": ruleset})
        return asked[-1]

    monkeypatch.setattr(nft, "ruleset", listed)
    there = {"address": "10.1.0.11", "port": 80}
    nat, dr = (
        [{"address": "10.0.0.100", "port": 80, "destinations": [{**there, "forwarding": method}]}]
        for method in ("masq", "droute")
    )
    run(services=nat)
    host.set("net/netfilter/nf_conntrack_count", "0")
    run(services=nat)
    host.set("net/netfilter/nf_conntrack_count", "3")
    run(services=dr)
    run(services=nat, settings={"sysctls": {"conntrack": 1}})
    assert (asked, warnings) == ([], [])
    for check in (False, True):
        assert not run(services=nat, check=check).get("failed")
    assert [one.partition(",")[0] for one in warnings] == [
        "a firewall of this director forwards by state (table inet filter)"
    ] * 2
    ruleset.pop()
    warnings.clear()
    run(services=nat)
    assert warnings == []


def test_weight_0_of_somebody_else_is_lifted_aloud(ipvs: FakeIpvs, warnings: list[str]) -> None:
    """As an agent sets it that tries real servers."""
    destinations: list[dict[str, Any]] = [
        {"address": f"10.1.0.{number}", "port": 80} for number in (11, 12)
    ]
    services = [{"address": "10.0.0.100", "port": 80, "destinations": destinations}]
    hosts = {"web1": ["10.1.0.11"], "web2": ["10.1.0.12"]}
    declared: dict[str, Any] = {"services": services, "hosts": hosts}
    run(**declared)
    run_module(ipvs_drain.main, real_servers=["web1"], wait=False)
    run(**declared)  # which ends the drain
    assert (ipvs.weights(), warnings) == ({"10.1.0.11": 1, "10.1.0.12": 1}, [])
    (entry,) = ipvs.content.values()
    dead = next(one for one in entry.destinations if one.address == "10.1.0.12")
    entry.destinations[dead] = entry.destinations[dead]._replace(weight=0)
    assert run(check=True, **declared) == run(**declared)
    (warning,) = {*warnings}
    assert warning.startswith(
        "web2 (10.1.0.12) had weight 0 in service tcp 10.0.0.100:80, and gets new connections again"
    )
    warnings.clear()
    destinations[0]["weight"] = 0
    run(**declared)
    destinations[0]["weight"] = 1
    run(**declared)
    assert warnings == []


def test_what_was_spared_stays_ours(ipvs: FakeIpvs) -> None:
    other = {**WEB, "port": 81}
    run(services=[WEB, other])
    run(services=[WEB], purge="none")
    assert [*map(str, ipvs.content)] == ["tcp 10.0.0.100:80", "tcp 10.0.0.100:81"]
    run(services=[WEB])
    assert [*map(str, ipvs.content)] == ["tcp 10.0.0.100:80"]


def test_a_host_that_does_not_fit_gets_no_table(host: FakeHost, ipvs: FakeIpvs) -> None:
    before = host.snapshot()
    vip = {"address": "10.0.0.100", "interface": "eth7"}
    failed = run(vips=[vip], services=[WEB], settings={"sysctls": {"nothing": 1}})
    assert failed["msg"].splitlines() == [
        "this host has no interface eth7",
        "this host has no sysctl net.ipv4.vs.nothing",
    ]
    assert (host.snapshot(), ipvs.written) == (before, [])


def test_bad_input_of_all_parts_is_told_at_once(ipvs: FakeIpvs) -> None:
    failed = run(
        vips=[{"address": "x", "interface": "eth0"}],
        settings={"tcp_timeout": 0, "sysctls": {"../x": 1}},
        services=[{**WEB, "port": 0}, WEB],
        drain_removed={"timeout": -1, "poll_interval": 0},
        wait={"services": ["tcp 10.0.0.100:80", "tcp 10.0.0.9:9"], "timeout": 86401},
    )
    assert [problem.partition(":")[0] for problem in failed["problems"]] == [
        "vips[0].address",
        "settings.tcp_timeout",
        "settings.sysctls.../x",
        "services[0].port",
        "drain_removed.timeout",
        "drain_removed.poll_interval",
        "wait.timeout",
        "wait.services",
    ]
    assert failed["problems"][-1] == (
        "wait.services: got 'tcp 10.0.0.9:9', expected one of tcp 10.0.0.100:80"
    )
    assert ipvs.written == []


def test_a_refusal_says_how_far_it_came(host: FakeHost, ipvs: FakeIpvs) -> None:
    host.refuse = "10.0.0.100/32"
    failed = run(**WHOLE)
    *_reason, how_far = failed["msg"].splitlines()
    assert how_far == "14 of 17 changes were made before; the next run goes on from there"
    assert (failed["changed"], len(failed["operations"])) == (True, 14)
    assert len(ipvs.content) == len(WHOLE["services"])
    host.refuse = ""
    assert run(**WHOLE)["changed"]
    assert not run(**WHOLE)["changed"]


def test_a_refusal_of_the_table_comes_before_clients_reach_it(
    host: FakeHost, ipvs: FakeIpvs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_operations: object) -> None:
        raise IpvsError("cannot add service tcp 10.0.0.100:80: no such scheduler")

    before = host.snapshot()
    with monkeypatch.context() as refusing:
        refusing.setattr(ipvs, "apply", refuse)
        failed = run(**WHOLE)
    assert failed["msg"].endswith(
        "no such scheduler\n10 of 17 changes were made before; the next run goes on from there"
    )
    assert ("eth0", "10.0.0.100", 32) not in host.addresses
    run(state="absent")
    assert host.snapshot() == before
