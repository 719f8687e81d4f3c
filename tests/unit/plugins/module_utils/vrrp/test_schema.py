# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The input format of a pair."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.vrrp.model import Pair
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.schema import (
    is_vrrp_interface,
    parse_vrrp,
    render_vrrp,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.vrrp.pairs import ALONE, PAIR


@pytest.mark.parametrize("pair", [PAIR, ALONE])
def test_there_and_back(pair: Pair) -> None:
    assert parse_vrrp(render_vrrp(pair)) == (pair, [])


def test_nothing() -> None:
    assert parse_vrrp(None) == (None, [])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"router_id": 0}, "vrrp.router_id: got 0, expected a number from 1 to 255"),
        ({"router_id": None}, "vrrp.router_id: got None, expected a value"),
        ({"interval": 41}, "vrrp.interval: got 41, expected a number from 0.1 to 40.0"),
        ({"interface": "a{b"}, "vrrp.interface: got 'a{b', expected the name of an interface"),
        ({"track": ["a b"]}, "vrrp.interface: got "),
        ({"source": "x"}, "vrrp.source: got 'x', expected an address of this host"),
        ({"peer": "2001:db8::1"}, "vrrp.peer: got '2001:db8::1', expected another ipv4 address"),
        ({"peer": "10.0.0.5"}, "vrrp.peer: got '10.0.0.5', expected another ipv4 address"),
        ({"peer": "x"}, "vrrp.peer: got 'x', expected another ipv4 address"),
        ({"addresses": []}, "vrrp.addresses: got [], expected at least one ipv4 address"),
        (
            {"addresses": [{"address": "x", "interface": "a"}]},
            "vrrp.addresses[0].address: got 'x'",
        ),
        ({"sync": {"interface": "eth0"}}, "vrrp.sync.send_id: got None, expected a value"),
        (
            {"sync": {"interface": "eth0", "send_id": 1, "receive_id": 2, "group": "10.0.0.1"}},
            "vrrp.sync.group: got '10.0.0.1', expected a multicast address",
        ),
    ],
)
def test_bad_input(change: dict[str, Any], problem: str) -> None:
    pair, problems = parse_vrrp({**render_vrrp(PAIR), **change})
    assert pair is None
    assert any(str(one).startswith(problem) for one in problems), problems


def test_an_address_moves_once() -> None:
    item = render_vrrp(PAIR)
    item["addresses"] *= 2
    assert "each address only once" in str(parse_vrrp(item)[1][0])


@pytest.mark.fuzz
@given(st.text())
def test_no_name_ends_a_line_of_the_file(name: str) -> None:
    if is_vrrp_interface(name):
        assert not {*name} & {*' \t\n{}#!"$~@'}
