# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of ipvs_services where what goes is drained first."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.protocol import Activity
from ansible_collections.lvs.topology.plugins.modules import ipvs_drain
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import (
    STATISTICS,
    FakeIpvs,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.test_ipvs_drain import weights
from ansible_collections.lvs.topology.tests.unit.plugins.modules.test_ipvs_modules import (
    DNS,
    FOREIGN,
    WEB,
    Result,
    foreign,
    ipvs,
    run,
    table,
)

__all__ = ["ipvs"]

ONE, TWO, THREE = "10.0.0.1", "10.0.0.2", "10.0.0.3"
DRAIN = {"timeout": 60}
IDLE = Activity(0, 2, 3, STATISTICS)


def serve(
    *rips: str, check: bool = False, drain: Result | None = None, phase: str = "all"
) -> Result:
    web = {**WEB, "destinations": [{"address": rip, "weight": 5} for rip in rips]}
    return table(web, check=check, drain_removed=drain, phase=phase)


def told(result: Result) -> tuple[list[str], Result, Result]:
    """What a result says of the table: operations, before and after."""
    operations = [one for one in result["operations"] if not one.startswith("write ")]
    before, after = ({**result["diff"][side], "kept": []} for side in ("before", "after"))
    return operations, before, after


def test_it_has_weight_0_while_it_has_connections(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    first = serve(TWO, THREE, drain=DRAIN)
    # What comes does not wait.
    assert weights(ipvs) == {ONE: 0, TWO: 5, THREE: 5}
    assert [one["destination"] for one in first["connections"]] == [f"{ONE}:80"]
    assert first["connections"][0]["active"] == 1
    assert not any("delete" in one for one in map(str, ipvs.written))
    serve(TWO, THREE, drain=DRAIN)
    assert weights(ipvs) == {ONE: 0, TWO: 5, THREE: 5}
    ipvs.busy = IDLE
    serve(TWO, THREE, drain=DRAIN)
    assert weights(ipvs) == {TWO: 5, THREE: 5}
    assert not serve(TWO, THREE, drain=DRAIN)["changed"]


def test_the_first_run_tells_all_of_it(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    predicted = serve(TWO, drain=DRAIN, check=True)
    assert weights(ipvs) == {ONE: 5, TWO: 5}
    first = serve(TWO, drain=DRAIN)
    assert predicted == first
    service = "service tcp 192.0.2.1:80"
    assert first["operations"][:2] == [
        f"change destination {ONE}:80 of {service}",
        f"delete destination {ONE}:80 of {service}",
    ]
    after = first["diff"]["after"]["services"]
    assert [each["address"] for one in after for each in one["destinations"]] == [TWO]


def test_without_connections_it_goes_at_once(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    ipvs.busy = IDLE
    serve(TWO, drain=DRAIN)
    assert weights(ipvs) == {TWO: 5}


def test_a_service_that_goes_is_kept_as_ours(ipvs: FakeIpvs) -> None:
    foreign(ipvs)
    serve(ONE)
    table({**DNS, "destinations": [{"address": TWO}]}, drain_removed=DRAIN)
    assert weights(ipvs)[ONE] == 0
    # Whoever does not wait any more cuts what is left; a service of somebody else stays.
    table({**DNS, "destinations": [{"address": TWO}]})
    assert sorted(map(str, ipvs.content)) == ["tcp 198.51.100.9:9", "udp 192.0.2.1:53"]
    assert FOREIGN["address"] == "198.51.100.9"


@pytest.mark.parametrize("kind", ["inactive", "persistent"])
def test_what_is_waited_for_can_be_chosen(ipvs: FakeIpvs, kind: str) -> None:
    serve(ONE, TWO)
    ipvs.busy = IDLE
    serve(TWO, drain={"timeout": 60, "wait_for": [kind]})
    assert weights(ipvs) == {ONE: 0, TWO: 5}


def test_times_that_cannot_be(ipvs: FakeIpvs) -> None:
    result = serve(ONE, drain={"timeout": -1, "poll_interval": 0})
    assert result["problems"] == [
        "drain_removed.timeout: found -1, wanted 0 to 86400 seconds",
        "drain_removed.poll_interval: found 0, wanted 1 to 3600 seconds",
    ]
    assert ipvs.written == []


def test_what_goes_is_as_it_was_until_the_end(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    prepared = serve(TWO, THREE, drain=DRAIN, phase="prepare")
    assert weights(ipvs) == {ONE: 5, TWO: 5, THREE: 5}
    assert prepared["later"] == [f"delete destination {ONE}:80 of service tcp 192.0.2.1:80"]
    assert prepared["staying"] == ["tcp 192.0.2.1:80"]
    assert not serve(TWO, THREE, drain=DRAIN, phase="prepare")["changed"]
    serve(TWO, THREE, drain=DRAIN, phase="finish")
    assert weights(ipvs) == {ONE: 0, TWO: 5, THREE: 5}
    ipvs.busy = IDLE
    serve(TWO, THREE, drain=DRAIN, phase="finish")
    assert weights(ipvs) == {TWO: 5, THREE: 5}
    again = serve(TWO, THREE, phase="prepare")
    # Once, however many of its destinations stay.
    assert (again["later"], again["staying"]) == ([], ["tcp 192.0.2.1:80"])


def test_a_service_that_goes_is_ours_until_the_end(ipvs: FakeIpvs) -> None:
    serve(ONE)
    other = {**DNS, "destinations": [{"address": TWO}]}
    prepared = table(other, phase="prepare")
    assert weights(ipvs) == {ONE: 5, TWO: 1}
    assert (prepared["later"], prepared["staying"]) == (["delete service tcp 192.0.2.1:80"], [])
    table(other, phase="finish")
    assert weights(ipvs) == {TWO: 1}


def test_another_method_comes_at_the_end(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    web = {**WEB, "destinations": [{"address": rip, "forwarding": "masq"} for rip in (ONE, TWO)]}
    prepared = table(web, phase="prepare")
    assert prepared["staying"] == []
    assert weights(ipvs) == {ONE: 5, TWO: 5}
    table(web, phase="finish")
    assert weights(ipvs) == {ONE: 1, TWO: 1}


def test_check_mode_predicts_each_phase(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO)
    ipvs.busy = IDLE
    phases = ("prepare", "finish")
    predicted = [serve(TWO, THREE, drain=DRAIN, phase=each, check=True) for each in phases]
    assert weights(ipvs) == {ONE: 5, TWO: 5}
    done = [serve(TWO, THREE, drain=DRAIN, phase=each) for each in phases]
    assert [told(one) for one in predicted] == [told(one) for one in done]


def test_who_drains_in_between_is_not_brought_back(ipvs: FakeIpvs) -> None:
    serve(ONE, TWO, THREE)
    serve(TWO, THREE, drain=DRAIN, phase="prepare")
    run(ipvs_drain.main, real_servers=[TWO])
    for _look in range(2):
        serve(TWO, THREE, drain=DRAIN, phase="finish")
        assert weights(ipvs) == {ONE: 0, TWO: 0, THREE: 5}
    serve(TWO, THREE, drain=DRAIN, phase="prepare")
    assert weights(ipvs)[TWO] == 5
