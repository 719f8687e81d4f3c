# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where packets go; tests/kernel/test_routing.py compares the same with a kernel."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.topology.routing.facts import (
    read_routing,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.routing.flow import Flow
from ansible_collections.lvs.topology.plugins.module_utils.topology.routing.lookup import Routing
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    node,
    route,
    rule,
)

CLIENTS = "0.0.0.0/0"
ROUTER = route(CLIENTS, "10.0.0.1", "eth0")
OTHER = route(CLIENTS, "10.0.0.2", "eth0")
LOW = [route("0.0.0.0/1", "10.0.0.3", "eth0"), route("128.0.0.0/1", "10.0.0.4", "eth0")]
GOTO = {**rule(90, 0), "action": "goto", "target": 101}


def table(number: int, one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "table": number}


def host(*changes: dict[str, Any], omitted: tuple[dict[str, Any], ...] = ()) -> Routing:
    """A host with routes and rules beside the ones of its link."""
    facts = node({"eth0": ["10.0.0.11/24"]}, [one for one in changes if "metric" in one])
    facts["rules"] += [one for one in changes if "priority" in one]
    return read_routing({**facts, "routes_omitted": omitted})[4]


def ways(
    routing: Routing,
    network: str = CLIENTS,
    *,
    source: str = "",
    mark: int | None = 0,
    vrf: str = "",
) -> list[str]:
    """Each answer as text."""
    sender = ipaddress.ip_address(source) if source else None
    found = routing.lookup(Flow(ipaddress.ip_network(network), sender, mark=mark, vrf=vrf))
    assert bool(found.doubts) or len(found.answers) == 1
    return [", ".join(str(one.gateway or one) for one in answer) for answer in found.answers]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([ROUTER], "10.0.0.1", id="default route"),
        pytest.param([ROUTER, *LOW], "10.0.0.3, 10.0.0.4", id="halves go before the whole"),
        pytest.param([ROUTER, LOW[0]], "10.0.0.1", id="one half is an exception"),
        pytest.param([LOW[0]], "", id="one half is not the whole"),
        pytest.param(
            [
                route("0.0.0.0/2", "10.0.0.5", "eth0"),
                route("64.0.0.0/2", "10.0.0.6", "eth0"),
                LOW[1],
            ],
            "10.0.0.5, 10.0.0.6, 10.0.0.4",
            id="three parts",
        ),
        pytest.param(
            [LOW[0], *(route(f"{n}.0.0.0/3", "10.0.0.5", "eth0") for n in (128, 160, 192))],
            "10.0.0.3, 10.0.0.5, 10.0.0.5, 10.0.0.5",
            id="nobody is in 224.0.0.0/3",
        ),
        pytest.param([ROUTER, OTHER], "10.0.0.1, 10.0.0.2", id="several next hops"),
        pytest.param([{**ROUTER, "metric": 5}, OTHER], "10.0.0.2", id="the smallest metric"),
        pytest.param(
            [ROUTER, {**OTHER, "type": "blackhole", "gateway": "", "metric": 7}],
            "10.0.0.1",
            id="a refusal behind it",
        ),
        pytest.param([{**ROUTER, "type": "prohibit", "gateway": ""}], "prohibit 0.0.0.0/0"),
        pytest.param([ROUTER, rule(100, 0) | {"action": "blackhole"}], "blackhole 0.0.0.0/0"),
        pytest.param([ROUTER, rule(100, 7), table(7, OTHER)], "10.0.0.2", id="another table"),
        pytest.param(
            [ROUTER, rule(100, 7), table(7, {**OTHER, "type": "throw", "gateway": ""})],
            "10.0.0.1",
            id="throw",
        ),
        pytest.param(
            [ROUTER, rule(100, 7), table(7, OTHER), GOTO, rule(101, 0) | {"action": "nop"}],
            "10.0.0.1",
            id="goto",
        ),
        pytest.param(
            [ROUTER, rule(100, 7) | {"suppressed": 0}, table(7, OTHER)],
            "10.0.0.1",
            id="suppressed",
        ),
    ],
)
def test_ways_to_clients(changes: list[dict[str, Any]], expected: str) -> None:
    assert ways(host(*changes)) == [expected]


def test_the_source_decides() -> None:
    routing = host(rule(100, 7, "10.0.0.100/32"), table(7, ROUTER))
    assert ways(routing, source="10.0.0.100") == ["10.0.0.1"]
    assert ways(routing, source="10.0.0.11") == [""]
    assert ways(routing) == [""]


@pytest.mark.parametrize(
    "selector",
    [
        {"mark": 1, "mask": 3},
        {"mark": 1, "mask": 3, "inverted": True},
        {"destination_ports": [1024, 2048]},
        {"other": ["uid_start"]},
    ],
)
def test_what_nobody_knows_has_both_answers(selector: dict[str, Any]) -> None:
    routing = host(ROUTER, rule(100, 7) | selector, table(7, OTHER))
    assert ways(routing, mark=None) == ["10.0.0.2", "10.0.0.1"]
    same = host(ROUTER, rule(100, 7) | selector, table(7, ROUTER))
    assert len(same.lookup(Flow(ipaddress.ip_network(CLIENTS), mark=None)).answers) == 2


def test_a_mark_that_is_known() -> None:
    routing = host(ROUTER, rule(100, 7) | {"mark": 1, "mask": 3}, table(7, OTHER))
    assert ways(routing) == ["10.0.0.1"]
    assert ways(routing, mark=5) == ["10.0.0.2"]


def test_halves_in_two_tables_are_in_doubt() -> None:
    assert ways(host(rule(100, 7), LOW[0], table(7, LOW[1]))) == [""]
    doubts = host(rule(100, 7), LOW[0], table(7, LOW[1])).lookup(
        Flow(ipaddress.ip_network(CLIENTS))
    )
    assert doubts.doubts == ("several tables have routes to parts of it",)


def test_routes_that_were_not_read_are_in_doubt() -> None:
    left = {"family": "ipv4", "table": 254, "networks": ["198.0.0.0/8"]}
    routing = host(ROUTER, omitted=(left,))
    for network, is_certain in (("198.51.100.7/32", False), ("203.0.113.7/32", True)):
        assert (routing.lookup(Flow(ipaddress.ip_network(network))).doubts == ()) is is_certain


def test_a_vrf_has_its_own_table() -> None:
    facts = node({"eth0": ["10.0.0.11/24"]}, [table(9, ROUTER), OTHER])
    facts["links"][0]["vrf"] = "blue"
    facts["links"].append({**facts["links"][0], "name": "blue", "vrf": "", "vrf_table": 9})
    facts["rules"].append({**rule(1000, 0), "vrf": True})
    routing = read_routing(facts)[4]
    assert ways(routing, vrf="blue") == ["10.0.0.1"]
    assert ways(routing) == ["10.0.0.2"]


def test_its_own_addresses_are_local() -> None:
    assert ways(host(), "10.0.0.11/32") == ["local 10.0.0.11/32"]
