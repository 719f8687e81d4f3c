# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director keeps of health checks, and how its modules leave decided weights alone."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot.program import main as boot
from ansible_collections.lvs.topology.plugins.module_utils.converge import watches
from ansible_collections.lvs.topology.plugins.module_utils.converge.director import PART
from ansible_collections.lvs.topology.plugins.module_utils.health.decisions import Decision, dump
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    DestinationKey,
    ServiceKey,
)
from ansible_collections.lvs.topology.plugins.module_utils.state import files, paths
from ansible_collections.lvs.topology.plugins.module_utils.state.part import Part
from ansible_collections.lvs.topology.plugins.module_utils.state.section import HEALTH, Section
from ansible_collections.lvs.topology.plugins.modules import director, ipvs_drain
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs

pytestmark = pytest.mark.usefixtures("ipvs")

ONE, TWO, SORRY = "10.0.0.1", "10.0.0.2", "10.0.0.9"
WEB: dict[str, Any] = {
    "address": "192.0.2.1",
    "port": 80,
    "destinations": [
        {"address": ONE, "weight": 3},
        {"address": TWO, "weight": 2},
        {"address": SORRY, "weight": 5},
    ],
}
WATCH: dict[str, Any] = {
    "address": "192.0.2.1",
    "port": 80,
    "name": "web",
    "fallback": [{"address": SORRY}],
}


def run(*, check: bool = False, **arguments: object) -> dict[str, Any]:
    return run_module(director.main, check=check, **{"services": [WEB], **arguments})


def test_what_is_watched_comes_changes_and_goes(host: FakeHost) -> None:
    before = host.snapshot()
    for health, expected in (
        ([WATCH], ["watch service web: tcp every 2 s"]),
        ([WATCH], []),
        ([{**WATCH, "interval": 5}], ["watch service web: tcp every 5 s"]),
        ([], ["watch service web no more"]),
        ([{**WATCH, "name": ""}], ["watch service tcp 192.0.2.1:80: tcp every 2 s"]),
    ):
        predicted = run(check=True, health=health)
        done = run(health=health)
        assert predicted == done
        assert [one for one in done["operations"] if one.startswith("watch ")] == expected
        assert ("health" in done["diff"]["after"]) == bool(expected)
        kept = watches.load(Section(Part(PART), HEALTH))
        assert len(kept) == len(health)
    gone = run(state="absent")
    assert "watch service tcp 192.0.2.1:80 no more" in gone["operations"]
    assert host.snapshot() == before


def test_options_of_a_kind_of_check() -> None:
    tls = {**WATCH, "check": "tls", "verify_certificate": True}
    assert "watch service web: tls every 2 s" in run(health=[tls])["operations"]
    assert not run(health=[tls])["changed"]
    (problem,) = run(health=[{**tls, "check": "tcp"}])["problems"]
    assert problem.startswith("health[0].verify_certificate: got True, expected nothing")


@pytest.mark.parametrize(
    ("health", "problem"),
    [
        ([{**WATCH, "port": 81}], "health of service web: got 'tcp 192.0.2.1:81', expected a serv"),
        ([WATCH, WATCH], "health[1]: got 'tcp 192.0.2.1:80', expected each service only once"),
        (
            [{**WATCH, "fallback": [{"address": "10.0.0.7"}]}],
            "health of service web: fallback: got '10.0.0.7:80', expected a destination of the ser",
        ),
        ([{**WATCH, "timeout": 3}], "health[0].timeout: got 3.0, expected at most the interval, "),
    ],
)
def test_what_cannot_be_watched(health: list[dict[str, Any]], problem: str) -> None:
    assert [one[: len(problem)] for one in run(health=health)["problems"]] == [problem]


def test_a_daemon_needs_systemd_to_start_it() -> None:
    (problem,) = run(health=[WATCH], persist=False)["problems"]
    assert problem.startswith("persist: got False, expected persist: true")


def decide(**weights: int) -> None:
    """The daemon has decided weights: of real servers by their last number."""
    service = ServiceKey("ipv4", 0, "tcp", "192.0.2.1", 80)
    decided = {
        (service, DestinationKey(f"10.0.0.{name[1:]}", 80)): Decision(weight, "no answer", 0.0)
        for name, weight in weights.items()
    }
    files.write(paths.decisions_file(), dump(decided))


def drain(state: str, name: str, *, check: bool = False, **options: object) -> dict[str, Any]:
    return run_module(ipvs_drain.main, real_servers=[name], state=state, check=check, **options)


HOSTS = {"web1": [ONE], "web2": [TWO]}
DECLARED: dict[str, Any] = {"health": [WATCH], "hosts": HOSTS}


def test_a_decided_weight_is_no_drift_and_is_told(ipvs: FakeIpvs, warnings: list[str]) -> None:
    run(**DECLARED)
    assert ipvs.weights() == {ONE: 3, TWO: 2, SORRY: 0}
    decide(n1=1, n2=0)
    warnings.clear()
    assert run(**DECLARED)["changed"]
    assert ipvs.weights() == {ONE: 1, TWO: 0, SORRY: 0}
    for check in (True, False):
        assert not run(check=check, **DECLARED)["changed"]
    out = "web2 (10.0.0.2) is out of service tcp 192.0.2.1:80 since 1970-01-01 00:00:00 UTC"
    assert {*warnings} == {f"{out}: no answer"}


def test_who_has_less_weight_than_declared_is_told_with_the_reason() -> None:
    run(**DECLARED)
    drain("drained", "web2", wait=False, permanent=True)
    decide(n1=1)
    expected = {
        ONE: (1, "no answer"),
        TWO: (0, "drained until it is undrained"),
        SORRY: (0, "the fallback serves only where no other real server can"),
    }
    for check in (True, False):
        told = run(check=check, **DECLARED)["lowered"]
        assert {
            one["destination"]["address"]: (one["weight"], one["reason"]) for one in told
        } == expected
        service = {"protocol": "tcp", "address": "192.0.2.1", "port": 80}
        assert [one["service"] for one in told] == [service] * len(told)
    assert run(hosts=HOSTS, services=[])["lowered"] == []


def test_a_fallback_that_serves_goes_on(ipvs: FakeIpvs, warnings: list[str]) -> None:
    decide(n1=0, n2=0, n9=5)
    run(**DECLARED)
    assert ipvs.weights() == {ONE: 0, TWO: 0, SORRY: 5}
    assert warnings[-1].startswith("10.0.0.9 is the fallback of service tcp 192.0.2.1:80 since")


def test_a_decision_counts_only_where_something_is_watched(ipvs: FakeIpvs) -> None:
    decide(n1=0)
    run(hosts=HOSTS)
    assert ipvs.weights() == {ONE: 3, TWO: 2, SORRY: 5}
    decide(n1=100)  # never above the declared weight
    run(**DECLARED)
    assert ipvs.weights() == {ONE: 3, TWO: 2, SORRY: 0}


def test_a_damaged_file_leaves_the_weights_of_what_is_watched(
    ipvs: FakeIpvs, warnings: list[str]
) -> None:
    decide(n2=0)
    run(**DECLARED)
    drain("drained", "web1", wait=False)
    files.write(paths.decisions_file(), b"{")
    run(**DECLARED)
    # A drain that ends says nothing of health.
    assert ipvs.weights() == {ONE: 3, TWO: 0, SORRY: 0}
    assert "cannot be read" in warnings[-1]


def test_the_boot_program_starts_without_decisions(host: FakeHost, ipvs: FakeIpvs) -> None:
    decide(n2=0)
    run(**DECLARED)
    ipvs.content.clear()
    host.addresses.clear()
    files.remove(paths.decisions_file())
    boot()
    assert ipvs.weights() == {ONE: 3, TWO: 2, SORRY: 0}


@pytest.mark.parametrize("damaged", [False, True])
def test_who_comes_back_from_a_drain_has_the_weight_that_is_decided(
    ipvs: FakeIpvs, *, damaged: bool
) -> None:
    run(**DECLARED)
    decide(n1=0, n2=1)
    for name in ("web1", "web2", SORRY):
        drain("drained", name, wait=False)
    if damaged:
        files.write(paths.decisions_file(), b"")
    for name in ("web1", "web2", SORRY):
        assert drain("undrained", name, check=True)["diff"] == drain("undrained", name)["diff"]
    assert ipvs.weights() == ({ONE: 3, TWO: 2, SORRY: 0} if damaged else {ONE: 0, TWO: 1, SORRY: 0})


def test_who_is_out_is_not_counted_among_those_that_stay(ipvs: FakeIpvs) -> None:
    decide(n2=0, n9=5)
    run(**DECLARED)
    assert ipvs.weights()[SORRY] == 5
    refused = drain("drained", "web1", wait=False, min_active=1)
    assert refused["msg"] == (
        "service tcp 192.0.2.1:80: got 0 other real servers with a weight; expected at least 1"
    )


def test_a_drain_that_is_given_up_brings_back_who_was_out_by_its_health(ipvs: FakeIpvs) -> None:
    run(**DECLARED)
    decide(n2=0)
    run(**DECLARED)
    assert drain("drained", "web2", wait=False)["drained"] == [TWO]
    assert drain("drained", "web2", wait=False)["drained"] == []
    drain("undrained", "web2")
    decide()
    run(**DECLARED)
    assert ipvs.weights()[TWO] == 2
