# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The input format: accepted and refused input, and its conversion back."""

from __future__ import annotations

import pytest
from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import Table
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import (
    parse_services,
    render_table,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.ipvs.strategies import tables

WEB: dict[str, object] = {"address": "192.0.2.1", "port": 80}
MARK: dict[str, object] = {"fwmark": 7}


@given(tables())
def test_what_is_rendered_can_be_read_again(table: Table) -> None:
    assert parse_services(render_table(table)) == (table, [])


def _with(service: dict[str, object], **fields: object) -> dict[str, object]:
    return {**service, **fields}


def _to(destination: dict[str, object]) -> dict[str, object]:
    return _with(WEB, destinations=[{"address": "10.0.0.1", **destination}])


GOOD = {
    "the least": WEB,
    "a mark": MARK,
    "numbers as text": _with(WEB, port="80"),
    "port 0 with persistence": _with(WEB, port=0, persistence_timeout=300),
    "one packet over udp": _with(WEB, protocol="udp", one_packet=True),
    "one packet by mark": _with(MARK, one_packet=True),
    "masq maps ports": _to({"forwarding": "masq", "port": 8080}),
    "a tunnel mixes families": _to({"address": "2001:db8::1", "forwarding": "tunnel"}),
    "gue with its port": _to(
        {
            "forwarding": "tunnel",
            "tunnel_type": "gue",
            "tunnel_port": 6080,
            "tunnel_checksum": "remcsum",
        }
    ),
    "gre with checksums": _to(
        {"forwarding": "tunnel", "tunnel_type": "gre", "tunnel_checksum": "csum"}
    ),
    "sh with flags": _with(WEB, scheduler="sh", scheduler_flags=["port", "fallback"]),
    "the sip engine": _with(WEB, protocol="udp", persistence_timeout=60, persistence_engine="sip"),
}
BAD = {
    "neither address nor mark": ({"port": 80}, "services[0]: got 'neither'"),
    "both address and mark": (_with(WEB, fwmark=1), "services[0]: got 'both'"),
    "a malformed address": (
        _with(WEB, address="192.0.2.256"),
        "services[0].address: got '192.0.2.256'",
    ),
    "a name as address": (
        _with(WEB, address="web.example"),
        "services[0].address: got 'web.example'",
    ),
    "no port": ({"address": "192.0.2.1"}, "services[0].port: got None"),
    "a port out of range": (
        _with(WEB, port=65536),
        "services[0].port: got 65536, expected a number from 0 to 65535",
    ),
    "port 0 without persistence": (
        _with(WEB, port=0),
        "services[0].port: got 0, expected 1 to 65535",
    ),
    "a mark with a port": (_with(MARK, port=80), "services[0].port: got 80"),
    "mark 0": ({"fwmark": 0}, "services[0].fwmark: got 0"),
    "a mark of health probes": (
        {"fwmark": 0x4C560007},
        "services[0].fwmark: got 1280704519, expected another mark: 1280704512 to 1280770047",
    ),
    "another family than the address's": (
        _with(WEB, family="ipv6"),
        "services[0].family: got 'ipv6', expected ipv4",
    ),
    "an unknown scheduler": (
        _with(WEB, scheduler="best"),
        "services[0].scheduler: got 'best', expected one of rr, wrr",
    ),
    "an unknown protocol": (_with(WEB, protocol="icmp"), "services[0].protocol: got 'icmp'"),
    "flags for rr": (
        _with(WEB, scheduler="rr", scheduler_flags=["port"]),
        "services[0].scheduler_flags",
    ),
    "an unknown flag": (
        _with(WEB, scheduler="sh", scheduler_flags=["x"]),
        "services[0].scheduler_flags: got ['x']",
    ),
    "one packet over tcp": (_with(WEB, one_packet=True), "services[0].one_packet: got True"),
    "a prefix that is unused": (
        _with(WEB, persistence_prefix=24),
        "services[0].persistence_prefix: got 24",
    ),
    "a prefix beyond ipv4": (
        _with(WEB, persistence_timeout=60, persistence_prefix=64),
        "expected 1 to 32 for ipv4",
    ),
    "an engine without persistence": (
        _with(WEB, protocol="udp", persistence_engine="sip"),
        "services[0].persistence_engine: got 'sip', expected a persistence_timeout",
    ),
    "the sip engine over tcp": (
        _with(WEB, persistence_timeout=60, persistence_engine="sip"),
        "services[0].persistence_engine: got 'sip', expected none for anything but udp",
    ),
    "a destination without address": (
        _with(WEB, destinations=[{"port": 80}]),
        "services[0].destinations[0].address: got None",
    ),
    "another port in droute": (
        _to({"port": 8080}),
        "destinations[0].port: got 8080, expected 80, the service's",
    ),
    "another port in a tunnel": (
        _to({"port": 8080, "forwarding": "tunnel"}),
        "destinations[0].port: got 8080",
    ),
    "another family in masq": (
        _to({"address": "2001:db8::1", "forwarding": "masq"}),
        "only tunnel mixes families",
    ),
    "a negative weight": (_to({"weight": -1}), "destinations[0].weight: got -1"),
    "a weight that is a truth": (_to({"weight": True}), "destinations[0].weight: got True"),
    "thresholds upside down": (
        _to({"upper_threshold": 5, "lower_threshold": 6}),
        "destinations[0].lower_threshold: got 6",
    ),
    "a lower threshold alone": (
        _to({"lower_threshold": 6}),
        "destinations[0].lower_threshold: got 6",
    ),
    "gue without a port": (
        _to({"forwarding": "tunnel", "tunnel_type": "gue"}),
        "tunnel_port: got None, expected 1 to 65535 for gue",
    ),
    "ipip with a port": (_to({"forwarding": "tunnel", "tunnel_port": 6080}), "ipip has no port"),
    "ipip with checksums": (
        _to({"forwarding": "tunnel", "tunnel_checksum": "csum"}),
        "expected none for ipip",
    ),
    "gre with remcsum": (
        _to({"forwarding": "tunnel", "tunnel_type": "gre", "tunnel_checksum": "remcsum"}),
        "for gre",
    ),
}


@pytest.mark.parametrize("service", GOOD.values(), ids=GOOD.keys())
def test_accepted(service: dict[str, object]) -> None:
    table, problems = parse_services([service])
    assert problems == []
    assert len(table) == 1


@pytest.mark.parametrize(("service", "said"), BAD.values(), ids=BAD.keys())
def test_refused(service: dict[str, object], said: str) -> None:
    table, problems = parse_services([service])
    assert len(problems) == 1
    assert said in str(problems[0])
    assert table == {}


def test_every_problem_is_reported_at_once() -> None:
    broken = {
        "address": "x",
        "port": 0,
        "scheduler": "best",
        "destinations": [{"address": "y", "weight": "z"}, {}],
    }
    _table, problems = parse_services([broken, WEB, WEB])
    assert [problem.where for problem in problems] == [
        "services[0].address",
        "services[0].scheduler",
        "services[0].destinations[0].weight",
        "services[0].destinations[0].address",
        "services[0].destinations[1].address",
        "services[2]",
    ]


def test_a_duplicate_names_both_places() -> None:
    _table, problems = parse_services([WEB, _with(WEB, scheduler="rr")])
    assert str(problems[0]) == (
        "services[1]: got 'tcp 192.0.2.1:80', expected one service only: services[0] is the same"
    )


def test_a_duplicate_destination_names_both_places() -> None:
    twice = _with(WEB, destinations=[{"address": "2001:DB8:0::1"}, {"address": "2001:db8::1"}])
    _table, problems = parse_services([_with(twice, address="2001:db8::9")])
    assert [problem.where for problem in problems] == ["services[0].destinations[1]"]
    assert "services[0].destinations[0] is the same" in problems[0].expected


def test_defaults_are_those_of_ipvsadm() -> None:
    table, _problems = parse_services([_to({})])
    entry = next(iter(table.values()))
    destination = next(iter(entry.destinations.values()))
    assert (entry.service.scheduler, destination.forwarding, destination.weight) == (
        "wlc",
        "droute",
        1,
    )
    assert destination.key.port == 80
