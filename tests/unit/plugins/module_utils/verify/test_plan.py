# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.verify.endpoints import read_endpoints
from ansible_collections.lvs.topology.plugins.module_utils.verify.hosts import read_hosts
from ansible_collections.lvs.topology.plugins.module_utils.verify.plan import (
    Limits,
    Plan,
    PlanError,
    plan,
)

from .scenes import CLIENT, GROUPS, INSIDE, PORT, VIP, Scene

LIMITS = Limits(requests=3, http=True, size=2000)


def planned(scene: Scene, limit: int = LIMITS.requests, **groups: list[str]) -> Plan:
    endpoints = read_endpoints(scene.paths)
    limits = LIMITS._replace(requests=limit)
    return plan(endpoints, read_hosts(scene.facts), {**GROUPS, **groups}, limits)


def test_captures_are_where_requests_pass_and_no_wider_than_they_must_be() -> None:
    found = planned(Scene("nat"))
    assert [*found.captures] == ["client", "director", "web1", "web2"]
    assert found.captures["web1"] == {
        "hosts": [INSIDE["director"], CLIENT],
        "ports": [80, 8080],
        "neighbours": [VIP, INSIDE["web1"], INSIDE["web2"]],
        "tunnel_ports": [],
    }


def test_targets_are_bounded() -> None:
    (target,) = planned(Scene("nat")).targets
    assert target["requests"] == 3
    assert (target["address"], target["port"], target["size"]) == (VIP, 8080, 2000)
    (datagrams,) = planned(Scene("nat", protocol="udp")).targets
    assert datagrams["http"] is False


@pytest.mark.parametrize(
    ("ports", "is_range", "limit", "asked"),
    [
        ((10000, 20000), True, 24, [10000, 12500, 15000, 17500, 20000]),
        ((10000, 20000), True, 3, [10000, 15000, 20000]),
        ((10000, 20000), True, 1, [10000]),
        ((80, 82), True, 24, [80, 81, 82]),
        (tuple(range(20000, 20300)), False, 3, [20000, 20149, 20299]),
        ((80, 443), False, 24, [80, 443]),
    ],
)
def test_a_few_ports_stand_for_many(
    ports: tuple[int, ...], limit: int, asked: list[int], *, is_range: bool
) -> None:
    scene = Scene("dr", fwmark=7, ports=ports, is_range=is_range)
    found = planned(scene, limit=limit)
    assert [one["port"] for one in found.targets] == asked
    assert sum(one["requests"] for one in found.targets) <= limit
    assert found.captures["client"]["ports"] == sorted({*asked, PORT} if not is_range else asked)


def test_each_vip_is_asked() -> None:
    endpoints = read_endpoints(
        {**path, "vip": vip}
        for vip in (VIP, "2001:db8:10::100")
        for path in Scene("dr", fwmark=7, ports=(1, 65535), is_range=True).paths
    )
    found = plan(endpoints, read_hosts(Scene("dr").facts), GROUPS, LIMITS._replace(requests=1))
    assert [one["address"] for one in found.targets] == [VIP, "2001:db8:10::100"]


def test_the_router_asks_or_else_two_real_servers() -> None:
    assert [*planned(Scene("dr")).queries] == ["router"]
    assert [*planned(Scene("dr"), lvs_routers=[]).queries] == ["web1", "web2"]
    assert planned(Scene("dr")).queries["router"] == [
        {"address": VIP, "interface": "eth0", "source": INSIDE["router"]}
    ]


def test_a_large_pool_is_watched_by_its_real_servers() -> None:
    scene = Scene("fullnat", lips=[f"10.9.0.{number}" for number in range(100)])
    assert planned(scene).captures["web1"]["hosts"] == [
        INSIDE["web1"], INSIDE["web2"], INSIDE["director"], CLIENT,
    ]  # fmt: skip


def test_nowhere_to_ask_from_and_nothing_to_ask() -> None:
    with pytest.raises(PlanError, match="lvs_clients"):
        planned(Scene("dr"), lvs_clients=[])
    with pytest.raises(PlanError, match="got 0"):
        planned(Scene("dr"), limit=0)
    with pytest.raises(PlanError, match="nothing to verify"):
        plan((), read_hosts({}), GROUPS, LIMITS)
