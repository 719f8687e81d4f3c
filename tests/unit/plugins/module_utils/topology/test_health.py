# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is declared of health checks: what is refused, and what the daemon is told."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.kind import UDP, Kind
from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.table import KINDS
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    ROUTER,
    Change,
    Sample,
    both_ways,
    direct_routing,
    full_nat,
    inside,
    nat,
    node,
    on,
    route,
    tunnels,
    with_director,
)

HEALTH, OF_ALL = "services/web/health", "options/health"
DR, NAT = direct_routing(), nat()
PERSISTENT: Change = {"services/web/port": 0, "services/web/persistence_timeout": 60}
MARKED: Change = {
    "services/web/fwmark": 7,
    "services/web/ports": ["8000-8010", 80],
    "services/web/port": None,
}
FREE = "10.0.0.99"


def _prepared(address: str) -> dict[str, object]:
    return {"address": address, "prepared": True}


class Case(NamedTuple):
    """One thing that is wrong, and the same thing done rightly."""

    check: str
    sample: Sample
    bad: Change
    got: str
    expected: str
    good: Change


CASES = {
    "neither true nor false": Case(
        "declaration.value",
        DR,
        {HEALTH: "yes"},
        "health: 'yes'",
        "true, false, or a dict of keys",
        {HEALTH: True},
    ),
    "an unknown key": Case(
        "declaration.key",
        DR,
        {HEALTH: {"intervall": 1}},
        "health.intervall",
        "did you mean interval?",
        {HEALTH: {"interval": 1}},
    ),
    "a key at the wrong place": Case(
        "declaration.key",
        DR,
        {"services/web/fallback": FREE},
        "fallback",
        "no such key: health has it",
        {HEALTH: {"fallback": _prepared(FREE)}},
    ),
    "an unknown check": Case(
        "declaration.value",
        DR,
        {HEALTH: {"check": "tpc"}},
        "health.check: 'tpc'",
        "did you mean tcp?",
        {HEALTH: {"check": "tcp"}},
    ),
    "an interval out of range": Case(
        "declaration.value",
        DR,
        {HEALTH: {"interval": 0}},
        "health.interval: 0",
        "a number from 0.1 to 3600",
        {HEALTH: {"interval": 1}},
    ),
    "a timeout above the interval": Case(
        "declaration.value",
        DR,
        {HEALTH: {"interval": 1, "timeout": 2}},
        "health.timeout: 2",
        "at most the interval, 1",
        {HEALTH: {"interval": 2, "timeout": 2}},
    ),
    "a timeout of all above the interval of one": Case(
        "declaration.value",
        DR,
        {OF_ALL: {"timeout": 2}, HEALTH: {"interval": 1}},
        "health.timeout: 2",
        "at most the interval, 1",
        {OF_ALL: {"timeout": 2}, HEALTH: {"interval": 3}},
    ),
    "a floor below which nothing is": Case(
        "declaration.value",
        DR,
        {HEALTH: {"floor": 100}},
        "health.floor: 100",
        "a number from 0 to 99",
        {HEALTH: {"floor": 99}},
    ),
    "a floor that is not there": Case(
        "declaration.value",
        DR,
        {HEALTH: {"on_floor": "withdraw"}},
        "health.on_floor: 'withdraw'",
        "a floor above 0",
        {HEALTH: {"on_floor": "withdraw", "floor": 50}},
    ),
    "no VIP to go through": Case(
        "declaration.value",
        NAT,
        {HEALTH: {"through": "vip"}},
        "health.through: 'vip'",
        "rip: in mode nat real servers do not have the VIP",
        {HEALTH: {"through": "rip"}},
    ),
    "no port to ask": Case(
        "declaration.value",
        DR,
        {**PERSISTENT, HEALTH: True},
        "no health.port",
        "the service is for every port",
        {**PERSISTENT, HEALTH: {"port": 80}},
    ),
    "port 0": Case(
        "declaration.value",
        DR,
        {HEALTH: {"port": 0}},
        "health.port: 0",
        "a number from 1 to 65535",
        {HEALTH: {"port": 1}},
    ),
    "another protocol": Case(
        "declaration.value",
        DR,
        {"services/web/protocol": "udp", HEALTH: True},
        "health.check: 'tcp', which asks by tcp, for a service of udp",
        "health.port: the tcp port that is asked",
        {"services/web/protocol": "udp", HEALTH: {"port": 80}},
    ),
    "a key of another kind of check": Case(
        "declaration.value",
        DR,
        {HEALTH: {"url": "/"}},
        "health.url: '/'",
        "nothing: only http and https has it",
        {HEALTH: {"url": "/", "check": "http"}},
    ),
    "a script that is no path": Case(
        "declaration.value",
        DR,
        {HEALTH: {"check": "script", "script": "bin/check"}},
        "health.script: 'bin/check'",
        "the absolute path of a program",
        {HEALTH: {"check": "script", "script": "/bin/check"}},
    ),
    "a wrong option of a kind that nobody has": Case(
        "options.value",
        DR,
        {OF_ALL: {"statuses": 200}},
        "topology_health.statuses: 200",
        "a list",
        {OF_ALL: {"statuses": ["200"]}},
    ),
    "a fallback in its own pool": Case(
        "real-server.unique",
        DR,
        {HEALTH: {"fallback": "web1"}},
        "10.0.0.11:80 in health.fallback and in real_servers[0]",
        "once in a service",
        {HEALTH: {"fallback": _prepared(FREE)}},
    ),
    "a fallback that is nobody": Case(
        "declaration.host",
        DR,
        {OF_ALL: {"fallback": "sorry"}},
        "topology_health.fallback: sorry, which is not in the inventory",
        "a host of the group lvs_real_servers",
        {OF_ALL: {"fallback": _prepared(FREE)}},
    ),
    "a fallback with a weight": Case(
        "declaration.key",
        DR,
        {HEALTH: {"fallback": {**_prepared(FREE), "weight": 5}}},
        "health.fallback.weight",
        "its weight is 1",
        {HEALTH: {"fallback": _prepared(FREE)}},
    ),
    "two fallbacks": Case(
        "declaration.value",
        DR,
        {HEALTH: {"fallback": [FREE]}},
        f"health.fallback: ['{FREE}']",
        "a host, an address, or a dict",
        {HEALTH: {"fallback": _prepared(FREE)}},
    ),
    "a fallback without the VIP": Case(
        "dr.managed",
        DR,
        {HEALTH: {"fallback": FREE}},
        "a real server that is not managed",
        "prepared: true",
        {HEALTH: {"fallback": _prepared(FREE)}},
    ),
    "an unknown key of all": Case(
        "options.value",
        DR,
        {OF_ALL: {"intervall": 1}},
        "topology_health.intervall",
        "did you mean interval?",
        {OF_ALL: {"interval": 1}},
    ),
    "a wrong default": Case(
        "options.value",
        DR,
        {OF_ALL: {"fall": 0}},
        "topology_health.fall: 0",
        "a number from 1 to 100",
        {OF_ALL: {"fall": 1}},
    ),
    "no default at all": Case(
        "options.value",
        DR,
        {OF_ALL: ["tcp"]},
        "topology_health: ['tcp']",
        "true, false, or a dict of keys",
        {OF_ALL: True},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=[*CASES])
def test_what_is_wrong_is_found_and_what_is_right_passes(case: Case) -> None:
    found = case.sample.changed(case.bad).compile().violations
    assert [one.id for one in found] == [case.check]
    assert case.got in found[0].got
    assert case.expected in found[0].expected
    assert case.sample.changed(case.good).compile().violations == []


def test_what_is_torn_down_may_be_wrong() -> None:
    change = {HEALTH: {"interval": 0}, "options/teardown": {"services": ["web"]}}
    assert DR.changed(change).compile().violations == []


def _warnings(change: Change) -> list[str]:
    compiled = both_ways().changed(change).compile()
    assert compiled.violations == []
    return [one for one in compiled.warnings if "health" in one]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({OF_ALL: None}, "services web, web-nat:"),
        ({OF_ALL: None, HEALTH: False}, "service web-nat:"),
        ({OF_ALL: None, HEALTH: True}, "service web-nat:"),
    ],
)
def test_who_tries_nobody_is_told_in_one_sentence(change: Change, names: str) -> None:
    warnings = _warnings(change)
    assert len(warnings) == 1
    assert warnings[0].startswith(names)


@pytest.mark.parametrize("of_all", [True, False, {}])
def test_a_decision_for_all_needs_no_warning(of_all: object) -> None:
    assert _warnings({OF_ALL: of_all}) == []


def watched(sample: Sample, director: str = "director") -> list[dict[str, Any]]:
    """What the module is told."""
    compiled = sample.compile()
    assert compiled.violations == []
    told: list[dict[str, Any]] = compiled.nodes[director]["director"]["health"]
    return told


DEFAULTS = {
    "check": "tcp",
    "check_port": 0,
    "through": "vip",
    "interval": 2.0,
    "timeout": 1.0,
    "rise": 2,
    "fall": 3,
    "floor": 0,
    "on_floor": "keep",
    "slow_start": 0.0,
}


def test_each_service_of_the_table_is_watched() -> None:
    told = watched(both_ways().changed({OF_ALL: True}))
    assert [(one["name"], one["ask_address"], one["ask_port"]) for one in told] == [
        ("web", "10.0.0.100", 80),
        ("web", "2001:db8:10::100", 80),
        ("web-nat", "10.0.0.101", 8080),
        ("web-nat", "2001:db8:10::101", 8080),
    ]
    key = {"protocol": "tcp", "address": "10.0.0.100", "port": 80}
    shared = {**DEFAULTS, "name": "web", "ask_address": "10.0.0.100", "ask_port": 80}
    assert told[0] == {**key, **shared, "source": "10.0.0.5"}
    assert [one["through"] for one in told] == ["vip", "vip", "rip", "rip"]


def test_through_the_vip_a_director_asks_from_its_dip() -> None:
    """And not from the VIP, which the kernel may choose; a real server would drop that."""
    sample = both_ways().changed({OF_ALL: True})
    told = watched(sample)
    assert [one.get("source") for one in told] == ["10.0.0.5", "2001:db8:10::5", None, None]
    # Another program has put the VIP on the director, before the DIP.
    vip = {"device": "inside", "address": "2001:db8:10::100", "prefix": 64, "family": "ipv6"}
    sample.facts["director"]["addresses"].insert(0, vip)
    assert watched(sample)[1]["source"] == "2001:db8:10::5"


def test_what_a_service_says_goes_before_what_all_have() -> None:
    change = {OF_ALL: {"interval": 5, "fall": 2, "floor": 30}, HEALTH: {"fall": 4, "floor": None}}
    told = watched(both_ways().changed(change))
    assert [(one["interval"], one["fall"], one["floor"]) for one in told[::2]] == [
        (5.0, 4, 0),
        (5.0, 2, 30),
    ]


def test_options_of_other_kinds_are_left_aside() -> None:
    of_all = {"check": "http", "url": "/health", "script": "/bin/check"}
    sample = both_ways().changed({OF_ALL: of_all, HEALTH: {"check": "tcp"}})
    tcp, _ipv6, http, _ipv6 = watched(sample)
    assert "url" not in tcp
    assert http["url"] == "/health"
    assert "script" not in http


def test_templates_give_numbers_as_text() -> None:
    (one,) = watched(DR.changed({HEALTH: {"interval": "0.5", "timeout": "0.25", "fall": "4"}}))
    assert (one["interval"], one["timeout"], one["fall"]) == (0.5, 0.25, 4)
    for text in ("-1", "1e3", "nan", "٣", "9" * 5000, ""):
        (found,) = DR.changed({HEALTH: {"interval": text}}).compile().violations
        assert found.expected == "a number from 0.1 to 3600"


@pytest.mark.parametrize(("own", "number"), [(None, 4), (False, 2)])
def test_false_of_a_service_is_a_decision(own: object, number: int) -> None:
    sample = both_ways().changed({OF_ALL: True})
    sample.services["web"]["health"] = own
    assert len(watched(sample)) == number


def test_a_service_with_a_mark_asks_its_first_vip_and_port() -> None:
    vips = ["10.0.0.100", "10.0.0.101", "2001:db8:10::100"]
    told = watched(DR.changed({**MARKED, "services/web/vips": vips, HEALTH: True}))
    assert [(one["fwmark"], one["ask_address"], one["ask_port"]) for one in told] == [
        (7, "10.0.0.100", 8000),
        (7, "2001:db8:10::100", 8000),
    ]


def test_full_nat_asks_from_a_local_address() -> None:
    lips = {"director": "10.1.0.20-10.1.0.22"}
    told = watched(full_nat().changed({HEALTH: True, "options/lips": lips}))
    assert [(one["through"], one["source"]) for one in told] == [("rip", "10.1.0.20")]


def test_a_pair_asks_from_addresses_that_each_has_for_itself() -> None:
    """What they share is on one of them alone, and the other one cannot ask from it."""
    directors = {"director": 5, "spare": 6}
    shared = ["10.0.0.9", "2001:db8:10::9"]
    change: Change = {
        OF_ALL: True,
        "groups/lvs_directors": [*directors],
        "facts/spare": inside(directors["spare"], ROUTER),
        "options/dips": dict.fromkeys(directors, shared),
        "options/high_availability": {"engine": "vrrp"},
    }
    sample = both_ways().changed(change)
    sample.facts["director"]["addresses"].insert(0, on("inside", "10.0.0.9/24"))
    for name, host in directors.items():
        told = [one.get("source") for one in watched(sample, name)]
        assert told == [f"10.0.0.{host}", f"2001:db8:10::{host}", None, None]
    of_both = [[{**one, "source": ""} for one in watched(sample, name)] for name in directors]
    assert of_both[0] == of_both[1]


def test_a_pair_asks_from_no_local_address_of_full_nat() -> None:
    """They move along with the VIPs; the kernel chooses one that stays."""
    change: Change = {
        HEALTH: True,
        "options/lips": {"director": "10.1.0.20-10.1.0.22"},
        "options/high_availability": {"engine": "vrrp"},
    }
    assert "source" not in watched(full_nat().changed(change))[0]


def test_a_fallback_is_a_real_server_like_any_other() -> None:
    change = {
        HEALTH: {"fallback": {"host": "web2"}},
        "services/web/real_servers": [{"host": "web1"}],
    }
    nodes = DR.changed(change).compile().nodes
    director = nodes["director"]["director"]
    assert director["health"][0]["fallback"] == [{"address": "10.0.0.12", "port": 80}]
    destinations = director["services"][0]["destinations"]
    assert [(one["address"], one["weight"]) for one in destinations] == [
        ("10.0.0.11", 1),
        ("10.0.0.12", 1),
    ]
    assert director["hosts"]["web2"] == ["10.0.0.12"]
    assert nodes["web2"]["real_server"]["vips"] == ["10.0.0.100"]


def test_the_director_can_be_the_fallback() -> None:
    sample = with_director(DR).changed({HEALTH: {"fallback": "director"}})
    sample.services["web"]["real_servers"] = [{"host": "web1"}]
    assert watched(sample)[0]["fallback"] == [{"address": "10.0.0.5", "port": 80}]


def test_a_fallback_can_be_in_another_network() -> None:
    far = {"fallback": {"host": "far1", "mode": "tun"}}
    sample = DR.changed(
        {
            HEALTH: far,
            "facts/far1": tunnels().facts["web1"],
            "groups/lvs_real_servers": ["web1", "web2", "far1"],
            "groups/all": ["client", "director", "web1", "web2", "far1"],
            "facts/director": tunnels().facts["director"],
        }
    )
    nodes = sample.compile().nodes
    assert len(nodes["far1"]["real_server"]["tunnels"]) == 1


@pytest.mark.parametrize(
    "servers", [[], [{"host": "web1", "weight": 0}, {"host": "web2", "weight": 0}]]
)
def test_a_fallback_does_not_count(servers: list[dict[str, object]]) -> None:
    change = {HEALTH: {"fallback": _prepared(FREE)}, "services/web/real_servers": servers}
    compiled = DR.changed(change).compile()
    assert len(compiled.warnings) == 1
    assert "real server" in compiled.warnings[0]


def test_a_fallback_that_is_taken_down_is_none() -> None:
    change: Change = {
        HEALTH: {"fallback": "web2"},
        "services/web/real_servers": [{"host": "web1"}],
        "options/teardown": {"hosts": ["web2"]},
    }
    assert "fallback" not in watched(DR.changed(change))[0]


def test_a_fallback_is_all_that_stays() -> None:
    change = {
        HEALTH: {"fallback": _prepared(FREE)},
        "options/teardown": {"hosts": ["web1", "web2"], "services": []},
    }
    (notice,) = DR.changed(change).compile().notices
    assert notice.endswith("no real server stays, and the fallback serves: 10.0.0.99")


def test_replies_to_probes_are_let_in_where_they_arrive() -> None:
    def interfaces(sample: Sample) -> list[str]:
        director = sample.compile().nodes["director"]["director"]
        found: list[str] = director["probe_interfaces"]
        return found

    assert interfaces(DR.changed({HEALTH: True})) == ["inside"]
    assert interfaces(tunnels().changed({HEALTH: True})) == ["inside"]
    assert interfaces(DR) == []
    assert interfaces(DR.changed({HEALTH: {"through": "rip"}})) == []
    assert interfaces(NAT.changed({HEALTH: True})) == []
    assert interfaces(DR.changed({HEALTH: True, "services/web/vips": ["2001:db8:10::100"]})) == []


def test_nothing_is_watched_by_a_director_that_goes() -> None:
    gone = {"options/teardown": {"hosts": ["director"]}, HEALTH: True}
    director = DR.changed(gone).compile().nodes["director"]["director"]
    assert (director["health"], director["probe_interfaces"]) == ([], [])
    assert director["state"] == "absent"


@pytest.fixture
def udp(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of check with an option, whatever others there are."""
    kind = Kind("ask", UDP, "An answer comes.", KINDS["tcp"].fields)
    monkeypatch.setitem(KINDS, "ask", kind)


@pytest.mark.usefixtures("udp")
def test_who_speaks_the_protocol_is_named() -> None:
    sample = DR.changed({"services/web/protocol": "udp", HEALTH: True})
    expected = sample.compile().violations[0].expected
    assert expected.startswith("health.check: one of ")
    assert "ask" in expected
    assert "tcp," not in expected


def test_the_first_of_many_services_are_named() -> None:
    sample = DR.changed({OF_ALL: None})
    for number in range(9):
        sample.services[f"w{number}"] = {**sample.services["web"], "port": 8000 + number}
    assert "and 5 more" in sample.compile().warnings[0]


def test_real_servers_by_a_router_are_probed_where_their_replies_arrive() -> None:
    """The route to the RIP tells nothing of the way back, which is to the DIP."""
    sample = tunnels().changed({HEALTH: True})
    sample.facts["director"] = node(
        {"outside": ["198.51.100.5/24"], "inside": ["10.0.0.5/24"]},
        [route("0.0.0.0/0", "198.51.100.1", "outside"), route("10.0.1.0/24", "10.0.0.1", "inside")],
    )
    director = sample.compile().nodes["director"]["director"]
    assert director["probe_interfaces"] == ["inside"]
