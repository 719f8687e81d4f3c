# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of director, on a host in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    LocalAddresses,
    Mark,
    Resource,
    Ruleset,
    Snat,
)
from ansible_collections.lvs.topology.plugins.modules import director
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)

ARGUMENTS: dict[str, Any] = {
    "vips": [
        {"address": "10.0.0.100", "interface": "eth0"},
        {"address": "2001:db8:10::100", "interface": "eth0"},
    ],
    "forward": ["ipv4", "ipv6"],
    "no_redirects": ["eth1.100"],
}


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    return FakeHost(tmp_path, monkeypatch)


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
    assert not run(check=True, **ARGUMENTS, announce_again=True)["changed"]
    assert host.announced == []
    assert not run(**ARGUMENTS, announce_again=True, phase="prepare")["changed"]
    assert host.announced == [("eth0", "10.0.0.100"), ("eth0", "2001:db8:10::100")]


def test_new_address_is_announced_once_with_the_others(host: FakeHost) -> None:
    run(vips=ARGUMENTS["vips"][:1])
    run(vips=ARGUMENTS["vips"], announce_again=True)
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
    assert not run(vips=[{"address": "10.0.0.11", "interface": "eth0"}])["operations"][:-4]
    run(state="absent")
    assert ("eth0", "10.0.0.11", 24) in host.addresses


def test_host_that_does_not_fit(host: FakeHost) -> None:
    before = host.snapshot()
    result = run(
        vips=[{"address": "10.0.0.100", "interface": "eth7"}], no_redirects=["eth8"], persist=False
    )
    assert result["msg"].splitlines() == [
        "this host has no interface eth7",
        "this host has no sysctl net.ipv4.conf.eth8.send_redirects",
    ]
    assert host.snapshot() == before


@pytest.mark.usefixtures("host")
def test_bad_input_is_told_all_at_once() -> None:
    vip = {"address": "10.0.0.100", "interface": "eth0"}
    result = run(
        vips=[vip, {"address": "224.0.0.1", "interface": "eth/0"}, {**vip, "interface": "eth1"}],
        no_redirects=["all"],
    )
    assert result["problems"] == [
        "vips[1].interface: found 'eth/0', wanted the name of an interface",
        "vips[1].address: found '224.0.0.1', wanted a unicast address that other hosts can reach",
        "vips[2]: found '10.0.0.100', wanted each only once: vips[0] is the same",
        "no_redirects[0]: found 'all', wanted an interface by its name (all is included)",
    ]


FULLNAT: dict[str, Any] = {
    "lips": [{"address": "10.1.0.20", "interface": "eth0"}],
    "snat": [{"address": "10.0.0.100", "port": 80}],
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


@pytest.mark.usefixtures("host")
def test_translation_is_there_before_the_addresses_that_attract_requests() -> None:
    sentences = run(**ARGUMENTS, **FULLNAT)["operations"]
    rules = sentences.index("add rules of nft table inet lvs_director")
    assert rules < sentences.index("add address 10.0.0.100/32 on eth0")


@pytest.mark.parametrize(
    "spoilt",
    [
        [],
        [Ruleset("lvs_director", intact=False)],
        [Ruleset("lvs_director")],
        [Ruleset("lvs_director"), Snat("tcp", "10.0.0.100", 80)],
        [
            Ruleset("lvs_director"),
            Snat("tcp", "10.0.0.100", 80),
            Snat("udp", "10.0.0.9", 9),
            LocalAddresses("10.1.0.11", "10.1.0.99", "10.1.0.99"),
        ],
    ],
)
def test_whatever_was_spoilt_is_mended(host: FakeHost, spoilt: list[Resource]) -> None:
    run(**ARGUMENTS, **FULLNAT)
    whole = set(host.nft)
    host.nft = spoilt
    assert run(**ARGUMENTS, **FULLNAT)["changed"]
    assert set(host.nft) == whole
    assert not run(**ARGUMENTS, **FULLNAT)["changed"]


def test_a_spoilt_table_goes_with_the_rest(host: FakeHost) -> None:
    before = host.snapshot()
    run(**ARGUMENTS, **FULLNAT)
    host.nft = [Ruleset("lvs_director", intact=False), Snat("udp", "10.0.0.9", 9)]
    run(state="absent")
    assert host.snapshot() == before


@pytest.mark.parametrize("intact", [True, False])
def test_a_table_of_somebody_else_is_not_touched(host: FakeHost, *, intact: bool) -> None:
    host.nft = [Ruleset("lvs_director", intact=intact), Snat("udp", "10.0.0.9", 9)]
    before = host.snapshot()
    failed = run(**ARGUMENTS, **FULLNAT)
    assert failed["msg"] == (
        "nft table inet lvs_director is not ours: delete it, or give it another name"
    )
    assert host.snapshot() == before
    run(**ARGUMENTS)
    assert len(host.nft) == 2


@pytest.mark.usefixtures("host")
def test_all_that_is_wrong_with_the_sources_is_said() -> None:
    failed = run(
        snat=[{"address": "10.0.0.300", "port": 0}, *FULLNAT["snat"], *FULLNAT["snat"]],
        local_addresses=[
            {"real_server": "10.1.0.11", "first": "10.1.0.9", "last": "10.1.0.1"},
            {"real_server": "10.1.0.11", "first": "2001:db8::1"},
        ],
    )
    assert [problem.partition(":")[0] for problem in failed["problems"]] == [
        "snat[0].address",
        "snat[0].port",
        "snat[2]",
        "local_addresses[0]",
        "local_addresses[1]",
        "local_addresses[1]",
    ]


MARKS = [
    {"address": "10.0.0.100", "port": port, "mark": mark} for port, mark in ((80, 1), (443, 1))
]


def test_packets_are_marked_and_left_alone_again(host: FakeHost) -> None:
    before = host.snapshot()
    predicted = run(check=True, marks=MARKS)
    assert host.snapshot() == before
    assert run(marks=MARKS) == predicted
    assert predicted["diff"]["after"]["marks"] == [
        "mark 1 for tcp 10.0.0.100 port 443",
        "mark 1 for tcp 10.0.0.100 port 80",
    ]
    changed = [MARKS[0], {**MARKS[1], "mark": 2}]
    assert run(marks=changed)["changed"]
    assert Mark("tcp", "10.0.0.100", 443, 2) in host.nft
    assert len(host.nft) == 1 + len(MARKS)
    assert not run(marks=changed)["changed"]
    run(state="absent")
    assert host.snapshot() == before


@pytest.mark.usefixtures("host")
def test_all_that_is_wrong_with_marks_is_said() -> None:
    failed = run(marks=[{"address": "x", "port": 0, "mark": 0}, MARKS[0], {**MARKS[0], "mark": 2}])
    assert [problem.partition(":")[0] for problem in failed["problems"]] == [
        "marks[0].address",
        "marks[0].port",
        "marks[0].mark",
        "marks[2]",
    ]
