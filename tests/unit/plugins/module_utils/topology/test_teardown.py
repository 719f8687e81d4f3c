# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is taken down although it is declared, and what stays."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    Change,
    Sample,
    both_ways,
    direct_routing,
    full_nat,
    node,
    static_arp,
)

OWNED = {"address": "10.0.0.100", "interface": "inside", "mac": "52:54:0a:00:00:05"}


def without(sample: Sample, **names: object) -> Sample:
    return sample.changed({"options/teardown": names})


def nodes(sample: Sample) -> dict[str, Any]:
    compiled = sample.compile()
    assert compiled.violations == []
    return compiled.nodes


def states(compiled: dict[str, Any]) -> dict[str, list[str]]:
    """What each host is to be, by its modules."""
    return {
        host: [each["state"] for each in modules.values() if "state" in each]
        for host, modules in compiled.items()
    }


def test_a_service_is_as_good_as_not_declared() -> None:
    shorter = both_ways()
    del shorter.services["web-nat"]
    assert nodes(without(both_ways(), services=["web-nat"])) == nodes(shorter)


def test_a_real_server_is_as_good_as_not_declared() -> None:
    shorter = both_ways()
    for service in shorter.services.values():
        service["real_servers"].pop()
    assert nodes(without(both_ways(), hosts=["web2"])) == nodes(shorter)


def test_a_real_server_of_a_group_goes_as_well() -> None:
    sample = direct_routing()
    sample.services["web"]["real_servers"] = [{"group": "lvs_real_servers"}]
    assert states(nodes(without(sample, hosts=["web2"]))) == {
        "director": ["present"],
        "web1": ["present"],
        "web2": ["absent"],
    }


@pytest.mark.parametrize("sample", [both_ways(), full_nat()])
def test_everything_is_taken_down(sample: Sample) -> None:
    sample.options["settings"] = {"tcp_timeout": 60}
    assert states(nodes(without(sample, everything=True))) == {
        "director": ["absent"],
        "web1": ["absent"],
        "web2": ["absent"],
    }


def test_nothing_that_is_wrong_keeps_everything_from_going() -> None:
    sample = direct_routing()
    sample.services["web"]["port"] = 99999
    sample.services["worse"] = {"mode": "none"}
    sample.facts["director"]["owners"] = ["keepalived"]
    del sample.facts["web2"]
    assert states(nodes(without(sample, everything=True))) == {
        "director": ["absent"],
        "web1": ["absent"],
    }


def test_what_is_wrong_with_a_service_does_not_keep_it_from_going() -> None:
    sample = both_ways()
    sample.services["web-nat"]["mode"] = "none"
    assert sample.compile().violations
    nodes(without(sample, services=["web-nat"]))


@pytest.mark.parametrize(
    ("change", "going"),
    [
        ({"services/web-nat/accept": ["nonsense"]}, {"services": ["web-nat"]}),
        ({"options/accept": {"web2": ["nonsense"]}}, {"hosts": ["web2"]}),
        ({"options/accept": {"web2": "nonsense"}}, {"hosts": ["web2"]}),
        ({"options/rips": {"web2": "nonsense"}}, {"hosts": ["web2"]}),
    ],
)
def test_nor_does_what_is_wrong_with_its_options(change: Change, going: dict[str, Any]) -> None:
    sample = both_ways().changed(change)
    assert sample.compile().violations
    nodes(without(sample, **going))


def test_what_is_wrong_with_the_rest_does() -> None:
    sample = both_ways()
    sample.services["web-nat"]["mode"] = "none"
    assert without(sample, services=["web"]).compile().violations


def test_a_dead_real_server_can_go() -> None:
    sample = direct_routing()
    del sample.facts["web2"]
    assert [one.id for one in sample.compile().violations] == ["host.facts"]
    assert "web2" not in nodes(without(sample, hosts=["web2"]))


def test_a_director_can_go_alone() -> None:
    compiled = nodes(without(both_ways(), hosts=["director"]))
    assert states(compiled)["director"] == ["absent"]
    assert {host: compiled[host] for host in ("web1", "web2")} == {
        host: nodes(both_ways())[host] for host in ("web1", "web2")
    }


def test_of_two_directors_the_other_stays_in_the_way() -> None:
    sample = both_ways()
    sample.options["manage_vips"] = False
    sample.groups["lvs_directors"] = ["director", "standby"]
    sample.facts["standby"] = node(
        {"inside": ["10.0.0.6/24", "2001:db8:10::6/64"]}, sample.facts["director"]["routes"][:2]
    )
    compiled = nodes(without(sample, hosts=["director"]))
    gateways = {one["gateway"] for one in compiled["web1"]["real_server"]["return_routes"]}
    assert gateways == {"10.0.0.6", "2001:db8:10::6"}
    assert compiled["director"]["director"]["services"] == []
    vips = [one for service in sample.services.values() for one in service["vips"]]
    assert len(compiled["standby"]["director"]["services"]) == len(vips)


def test_a_router_forgets() -> None:
    sample = static_arp()
    sample.facts["router"]["neighbours_owned"] = [OWNED]
    assert nodes(without(sample, hosts=["router"]))["router"] == {
        "router_finish": {"neighbours": [], "persist": True}
    }


def test_it_is_said_what_stops() -> None:
    def said(**names: object) -> list[str]:
        return without(both_ways(), **names).compile().notices

    web = "service web stops: tcp 10.0.0.100:80, tcp [2001:db8:10::100]:80"
    nat = "service web-nat stops: tcp 10.0.0.101:8080, tcp [2001:db8:10::101]:8080"
    assert said() == []
    assert said(services=["web"]) == [web]
    assert said(hosts=["web2"]) == [
        "service web goes on without web2: web1 stay",
        "service web-nat goes on without web2: web1 stay",
    ]
    assert said(hosts=["web1", "web2"], services=["web-nat"]) == [
        "service web goes on without web1, web2: no real server stays, and none is reached",
        nat,
    ]
    assert said(hosts=["director"]) == [
        "director is no director any more: none stays, and no service is reached"
    ]
    assert said(everything=True)[:2] == [web, nat]


def test_names_that_nobody_has() -> None:
    violations = (
        without(both_ways(), services=["wbe"], hosts=["web3", "client"]).compile().violations
    )
    assert [(one.got, one.expected) for one in violations] == [
        (
            "topology_teardown.services: 'wbe'",
            "a declared service: web, web-nat (did you mean web?)",
        ),
        (
            "topology_teardown.hosts: 'web3'",
            "a director, a real server or a router: director, web1, web2 (did you mean web2?)",
        ),
        (
            "topology_teardown.hosts: 'client'",
            "a director, a real server or a router: director, web1, web2",
        ),
    ]


@pytest.mark.parametrize("by", ["options/drain_removed", "options/teardown/drain"])
def test_what_goes_can_drain(by: str) -> None:
    sample = direct_routing().changed({by: {"timeout": 60, "poll_interval": 2}})
    assert nodes(sample)["director"]["director"]["drain_removed"]["timeout"] == 60
    violations = sample.changed({by: {"timeout": -1, "poll_interval": 2}}).compile().violations
    assert [(one.got, one.expected) for one in violations] == [
        ("topology_drain_removed.timeout: -1", "0 to 86400 seconds")
    ]
