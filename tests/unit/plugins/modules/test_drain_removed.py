# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of director where what goes is drained first."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot.program import main as boot
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.protocol import Activity
from ansible_collections.lvs.topology.plugins.modules import director, ipvs_drain
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import (
    STATISTICS,
    FakeIpvs,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.test_ipvs_modules import (
    DNS,
    WEB,
    Result,
    foreign,
)

ONE, TWO, THREE = "10.0.0.1", "10.0.0.2", "10.0.0.3"
SERVICE = "service tcp 192.0.2.1:80"
DRAIN = MappingProxyType({"timeout": 60})
IDLE = Activity(0, 2, 3, STATISTICS)
HOST: Result = {"vips": [{"address": "192.0.2.1", "interface": "eth0"}], "forward": ["ipv4"]}


def web(*rips: str, **fields: object) -> Result:
    return {**WEB, "destinations": [{"address": rip, "weight": 5, **fields} for rip in rips]}


def table(
    *services: Result,
    check: bool = False,
    drain: Mapping[str, Any] | None = DRAIN,
    **arguments: object,
) -> Result:
    return run_module(
        director.main,
        check=check,
        services=[*services],
        drain_removed=drain and {**drain},
        **arguments,
    )


def serve(
    *rips: str, check: bool = False, drain: Mapping[str, Any] | None = DRAIN, **arguments: object
) -> Result:
    return table(web(*rips), check=check, drain=drain, **arguments)


def changes(result: Result) -> list[str]:
    """The operations, but for those of files."""
    return [one for one in result["operations"] if "lvs-topology" not in one]


def test_it_has_weight_0_while_it_has_connections(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    first = serve(TWO, THREE)
    # What comes does not wait.
    assert ipvs.weights() == {ONE: 0, TWO: 5, THREE: 5}
    assert first["changed"]
    assert first["waiting"] == "drain_removed"
    assert first["pending"] == [f"delete destination {ONE}:80 of {SERVICE}"]
    assert [one["destination"] for one in first["connections"]] == [f"{ONE}:80"]
    assert first["connections"][0]["active"] == 1
    assert not any("delete" in one for one in map(str, ipvs.written))
    again = serve(TWO, THREE)
    assert (changes(again), again["pending"]) == ([], first["pending"])
    assert ipvs.weights() == {ONE: 0, TWO: 5, THREE: 5}
    ipvs.busy = IDLE
    last = serve(TWO, THREE)
    assert (changes(last), last["pending"], last["waiting"]) == (first["pending"], [], "")
    assert ipvs.weights() == {TWO: 5, THREE: 5}
    assert not serve(TWO, THREE)["changed"]


def test_the_first_run_tells_all_of_it(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    predicted = serve(TWO, check=True)
    assert ipvs.weights() == {ONE: 5, TWO: 5}
    first = serve(TWO)
    assert predicted["diff"] == first["diff"]
    assert changes(predicted) == [*changes(first), *first["pending"]]
    assert changes(predicted) == [
        f"change destination {ONE}:80 of {SERVICE}",
        f"delete destination {ONE}:80 of {SERVICE}",
    ]
    # Check mode waits for nothing, and names what the run would wait for.
    assert (predicted["pending"], predicted["waiting"]) == ([], "")
    assert predicted["connections"] == first["connections"]
    after = first["diff"]["after"]["services"]
    assert [each["address"] for one in after for each in one["destinations"]] == [TWO]


def test_without_connections_it_goes_at_once(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    ipvs.busy = IDLE
    predicted = serve(TWO, check=True)
    assert serve(TWO) == predicted
    assert predicted["connections"] == []
    assert ipvs.weights() == {TWO: 5}


def test_who_does_not_wait_cuts(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    cut = serve(TWO, drain=None)
    assert changes(cut) == [f"delete destination {ONE}:80 of {SERVICE}"]
    assert (cut["waiting"], cut["connections"], ipvs.weights()) == ("", [], {TWO: 5})


def test_who_does_not_wait_any_more_cuts(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    serve(TWO)
    assert changes(serve(TWO, drain=None)) == [f"delete destination {ONE}:80 of {SERVICE}"]
    assert ipvs.weights() == {TWO: 5}


def test_a_service_that_goes_is_kept_as_ours(ipvs: FakeIpvs) -> None:
    foreign(ipvs)
    serve(ONE)
    other = {**DNS, "destinations": [{"address": TWO}]}
    waiting = table(other)
    assert ipvs.weights()[ONE] == 0
    # A destination goes with its service.
    assert waiting["pending"] == ["delete service tcp 192.0.2.1:80"]
    # What is left is cut; a service of somebody else stays.
    table(other, drain=None)
    assert sorted(map(str, ipvs.content)) == ["tcp 198.51.100.9:9", "udp 192.0.2.1:53"]


def test_a_service_that_goes_is_ours_after_another_declaration(ipvs: FakeIpvs) -> None:
    serve(ONE)
    table({**DNS, "destinations": [{"address": TWO}]})
    run_module(director.main, state="absent")
    assert ipvs.content == {}


@pytest.mark.parametrize("kind", ["inactive", "persistent"])
def test_what_is_waited_for_can_be_chosen(ipvs: FakeIpvs, kind: str) -> None:
    serve(ONE, TWO)
    ipvs.busy = IDLE
    serve(TWO, drain={"timeout": 60, "wait_for": [kind]})
    assert ipvs.weights() == {ONE: 0, TWO: 5}


def test_times_that_cannot_be(ipvs: FakeIpvs) -> None:
    result = serve(ONE, drain={"timeout": -1, "poll_interval": 0})
    assert result["problems"] == [
        "drain_removed.timeout: got -1, expected 0 to 86400 seconds",
        "drain_removed.poll_interval: got 0, expected 1 to 3600 seconds",
    ]
    assert ipvs.written == []


@pytest.mark.usefixtures("ipvs")
def test_services_with_destinations_that_stay_are_told_once() -> None:
    serve(ONE, TWO, THREE)
    assert serve(TWO, THREE)["staying"] == ["tcp 192.0.2.1:80"]
    assert table({**DNS, "destinations": [{"address": TWO}]})["staying"] == []
    assert table(web(ONE, forwarding="masq"), drain=None)["staying"] == []


def test_another_method_comes_in_halves(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    switched = web(ONE, TWO, forwarding="masq")
    predicted = table(switched, check=True)
    halves = [ipvs.weights()]
    first = table(switched)
    halves.append(ipvs.weights())
    # Of droute a director sees one half: closed connections are waited for, too.
    assert first["connections"][0]["reusable"]
    ipvs.busy = IDLE
    assert table(switched, resume=True)["waiting"] == "drain_removed"
    ipvs.busy = Activity(0, 0, 0, STATISTICS)
    done = table(switched, resume=True)
    assert halves == [{ONE: 5, TWO: 5}, {ONE: 0, TWO: 5}]
    assert ipvs.weights() == {ONE: 5, TWO: 5}
    assert changes(predicted) == [*changes(first), *first["pending"]]
    assert changes(done) == first["pending"]
    assert (done["waiting"], done["pending"]) == ("", [])


def test_the_second_half_waits_for_its_own_connections(
    ipvs: FakeIpvs, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(ONE, TWO)
    switched = web(ONE, TWO, forwarding="masq")
    table(switched)
    idle, busy = Activity(0, 0, 0, STATISTICS), ipvs.busy
    monkeypatch.setattr(
        ipvs,
        "connections",
        lambda key: {
            each: idle if each.address == ONE else busy for each in ipvs.content[key].destinations
        },
    )
    second = table(switched, resume=True)
    assert ipvs.weights() == {ONE: 5, TWO: 0}
    assert [one["destination"] for one in second["connections"]] == [f"{TWO}:80"]
    assert second["waiting"] == "drain_removed"
    assert changes(table(switched, resume=True)) == []


def test_the_host_loses_nothing_before_the_table_has(host: FakeHost, ipvs: FakeIpvs) -> None:
    before = host.snapshot()
    serve(ONE, settings={"sysctls": {"conntrack": 1}}, **HOST)
    waiting = run_module(director.main, services=[], drain_removed=DRAIN)
    assert waiting["pending"] == [
        "delete service tcp 192.0.2.1:80",
        "remove address 192.0.2.1/32 on eth0",
        "set net.ipv4.vs.conntrack to 0",
        "set net.ipv4.ip_forward to 0",
    ]
    assert host.get("net/ipv4/ip_forward") == "1"
    assert ("eth0", "192.0.2.1", 32) in host.addresses
    ipvs.busy = IDLE
    run_module(director.main, services=[], drain_removed=DRAIN)
    assert ipvs.content == {}
    assert host.snapshot() == before


def test_a_reboot_in_between_keeps_what_drains_for_the_next_run(
    host: FakeHost, ipvs: FakeIpvs
) -> None:
    serve(ONE, TWO, **HOST)
    serve(TWO, THREE, **HOST)
    host.addresses.remove(("eth0", "192.0.2.1", 32))
    ipvs.content = {}
    assert boot() == 0
    # Its connections ended with the restart.
    assert ipvs.weights() == {TWO: 5, THREE: 5}
    assert ("eth0", "192.0.2.1", 32) in host.addresses
    assert not serve(TWO, THREE, **HOST)["changed"]


def test_real_servers_that_are_drained_meanwhile_stay_so(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO, THREE)
    serve(TWO, THREE)
    run_module(ipvs_drain.main, real_servers=[TWO])
    for _look in range(2):
        assert changes(serve(TWO, THREE, resume=True)) == []
        assert ipvs.weights() == {ONE: 0, TWO: 0, THREE: 5}
    ipvs.busy = IDLE
    serve(TWO, THREE, resume=True)
    assert ipvs.weights() == {TWO: 0, THREE: 5}
    # The next run ends it.
    serve(TWO, THREE)
    assert ipvs.weights() == {TWO: 5, THREE: 5}


@pytest.mark.usefixtures("ipvs")
def test_check_mode_predicts_a_new_run() -> None:
    serve(ONE, TWO)
    run_module(ipvs_drain.main, real_servers=[TWO])
    predicted = serve(ONE, TWO, check=True, resume=True)
    assert changes(predicted) == [f"change destination {TWO}:80 of {SERVICE}"]


def test_what_was_drained_to_stay_so_is_told(ipvs: FakeIpvs, warnings: list[str]) -> None:
    serve(ONE, TWO, hosts={"web1": [ONE]})
    run_module(ipvs_drain.main, real_servers=["web1"], permanent=True)
    serve(ONE, TWO, hosts={"web1": [ONE]})
    assert ipvs.weights() == {ONE: 0, TWO: 5}
    assert ["web1 (10.0.0.1) stays drained" in one for one in warnings] == [True]
