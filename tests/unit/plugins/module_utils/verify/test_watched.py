# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts of services whose real servers are tried."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.state.names import HEALTH_UNIT
from ansible_collections.lvs.topology.plugins.module_utils.verify.evidence import Evidence
from ansible_collections.lvs.topology.plugins.module_utils.verify.flows import (
    Scene as EvidenceScene,
)
from ansible_collections.lvs.topology.plugins.module_utils.verify.hosts import read_hosts
from ansible_collections.lvs.topology.plugins.module_utils.verify.table import render
from ansible_collections.lvs.topology.plugins.module_utils.verify.verdict import watching
from ansible_collections.lvs.topology.plugins.module_utils.verify.watched import is_dead

from .scenes import GROUPS, INSIDE, Scene


def scene(*, fwmark: int = 0, **others: Any) -> Scene:  # noqa: ANN401 - of a scene
    ports = (80,) if fwmark else ()
    return Scene("dr", is_watched=True, fwmark=fwmark, ports=ports, **others)


def ask(one: Scene, *servers: str) -> dict[str, Any]:
    for name in servers:
        one.request(name)
    return one.verdict()


@pytest.mark.parametrize("fwmark", [0, 7])
def test_who_is_out_by_health_gets_nothing_and_that_is_right(fwmark: int) -> None:
    one = scene(fwmark=fwmark)
    one.decide({"web2": 0})
    verdict = ask(one, "web1", "web1")
    assert (verdict["verdict"], verdict["findings"]) == ("green", [])
    assert "web2 has weight 0: connection refused" in verdict["notes"]
    assert "0 web2 (0, by health)" in render([verdict])


def test_who_is_up_has_to_get_its_share() -> None:
    one = scene()
    one.decide({})
    (finding,) = ask(one, "web1", "web1", "web1", "web1")["findings"]
    assert (finding["id"], finding["host"]) == ("verify.share", "web2")


def test_what_another_service_decides_is_none_of_this_one() -> None:
    one = scene()
    one.decide({"web2": 0})
    one.facts["director"]["health"]["weights"][0]["service"]["port"] = 443
    assert ask(one, "web1", "web1", "web1", "web1")["verdict"] == "red"


def test_a_fallback_that_is_not_needed() -> None:
    one = scene(fallback="web2")
    one.decide({})
    verdict = ask(one, "web1", "web1")
    assert verdict["verdict"] == "green"
    assert any("web2 has weight 0: the fallback serves only" in note for note in verdict["notes"])


def test_a_fallback_that_serves() -> None:
    one = scene(fallback="web2")
    one.decide({"web1": 0, "web2": 1})
    assert ask(one, "web2", "web2")["verdict"] == "green"


def test_a_smaller_weight_is_expected_while_one_returns() -> None:
    one = scene(weights={"web1": 4, "web2": 4})
    one.decide({"web2": 1})
    assert [server.weight for server in one.endpoints()[0].servers] == [4, 1]


def test_a_weight_is_never_above_the_declared_one() -> None:
    one = scene(weights={"web1": 4, "web2": 2})
    one.decide({"web2": 3})
    assert [server.weight for server in one.endpoints()[0].servers] == [4, 2]


def test_nobody_is_left() -> None:
    one = scene()
    one.decide({"web1": 0, "web2": 0})
    finding = ask(one)["findings"][0]
    assert finding["cause"] == (
        "health checks have taken out web1 (connection refused), web2 (connection refused)"
    )


def test_a_dead_daemon_is_named() -> None:
    one = scene()
    one.decide({}, is_running=False)
    (finding,) = ask(one, "web1", "web2")["findings"]
    assert (finding["id"], finding["host"]) == ("verify.health", "director")
    assert finding["got"] == f"{HEALTH_UNIT} is not running on director"
    assert (
        f"decides: `systemctl status {HEALTH_UNIT}; journalctl -u {HEALTH_UNIT}` on director"
        in (finding["cause"])
    )


@pytest.mark.parametrize("dead", ["director", "standby"])
def test_a_dead_daemon_is_named_on_either_director(dead: str) -> None:
    one = scene()
    one.decide({})
    one.facts["standby"] = copy.deepcopy(one.facts["director"])
    one.facts[dead]["health"]["running"] = False
    directors = ("director", "standby")
    evidence = Evidence(EvidenceScene(read_hosts(one.facts), "client", directors, {}), {})
    found = [*watching(one.endpoints()[0], evidence)]
    assert [(each.host, each.got) for each in found] == [
        (dead, f"{HEALTH_UNIT} is not running on {dead}")
    ]


def test_nobody_asks_for_a_daemon_where_nothing_is_watched() -> None:
    one = Scene("dr")
    one.decide({"web2": 0}, is_running=False)
    assert ask(one, "web1", "web2")["verdict"] == "green"


@pytest.mark.parametrize(
    "told",
    [
        None,
        "dead",
        {"running": "no"},
        {"running": True, "weights": None},
        {"running": True, "weights": [{"service": {"fwmark": []}}]},
        {
            "running": True,
            "weights": [
                {
                    "service": {"fwmark": [], "family": {}},
                    "destination": {"address": "", "port": 0},
                    "weight": 0,
                    "reason": "",
                }
            ],
        },
    ],
    ids=str,
)
def test_what_a_host_says_otherwise_decides_nothing(told: object) -> None:
    one = scene()
    one.facts["director"]["health"] = told
    assert [server.weight for server in one.endpoints()[0].servers] == [1, 1]
    assert not is_dead(read_hosts(one.facts).by_name["director"])


def test_of_two_directors_the_one_with_the_vip_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    one = scene()
    one.decide({"web2": 0})
    monkeypatch.setitem(GROUPS, "lvs_directors", ["router", "director"])
    one.facts["router"]["health"] = {"running": True, "weights": []}
    assert [server.weight for server in one.endpoints()[0].servers] == [1, 0]
    assert one.facts["router"]["addresses"][0]["address"] == INSIDE["router"]
