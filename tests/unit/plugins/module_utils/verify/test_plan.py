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

from .scenes import CLIENT, GROUPS, INSIDE, VIP, Scene

LIMITS = Limits(requests=3, http=True, size=2000)


def planned(scene: Scene, **groups: list[str]) -> Plan:
    endpoints = read_endpoints(scene.paths)
    return plan(endpoints, read_hosts(scene.facts), {**GROUPS, **groups}, LIMITS)


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
    with pytest.raises(PlanError, match="nothing to verify"):
        plan((), read_hosts({}), GROUPS, LIMITS)
