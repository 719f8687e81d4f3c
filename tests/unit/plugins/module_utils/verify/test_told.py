# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts may tell anything: it costs no other host its verdict, and breaks nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.verify.endpoints import read_endpoints
from ansible_collections.lvs.topology.plugins.module_utils.verify.hosts import read_hosts
from ansible_collections.lvs.topology.plugins.module_utils.verify.report import (
    Observed,
    report,
)
from ansible_collections.lvs.topology.plugins.module_utils.verify.table import render
from ansible_collections.lvs.topology.plugins.module_utils.verify.told import as_told
from ansible_collections.lvs.topology.plugins.plugin_utils.about import About
from ansible_collections.lvs.topology.plugins.plugin_utils.page import Verified, page
from ansible_collections.lvs.topology.tests.unit.odd_data import changed

from .scenes import FORWARDINGS, GROUPS, INSIDE, WATCHED, Scene, Step

MODES, WEB1 = [*FORWARDINGS], INSIDE["web1"]

TOLD = ("captures", "neighbour_replies", "results", "tables", "sync_daemons", "obstacles")
DAEMON = {"role": "master", "interface": "eth0", "sync_id": 5, "group": "224.0.0.81", "port": 8848}
OBSTACLES = {
    "listening": [{"protocol": "tcp", "address": "0.0.0.0", "port": 80}],
    "filters": [{"table": "inet filter", "hooks": ["input"], "by_state": True}],
    "redirects": ["ip nat"],
    "connections": {"tracked": 1, "most": 10},
}
BROKEN: dict[str, Callable[[list[Step]], list[Step]]] = {
    "green": lambda steps: steps,
    "lost before the director": lambda steps: steps[:1],
    "not forwarded": lambda steps: steps[:2],
    "no reply": lambda steps: steps[:3],
    "not returned": lambda steps: steps[:4],
    "other method": lambda steps: [*steps[:2], replace(steps[2], target=(WEB1, 80), outer=None)],
    "other way back": lambda steps: [*steps[:3], replace(steps[3], receiver="router")],
    "through the director": lambda steps: [*steps[:3], replace(steps[3], receiver="director")],
}


def scene(mode: str = "nat", kind: str = "green") -> Scene:
    made = Scene(mode)
    made.obstacles = {name: copy.deepcopy(OBSTACLES) for name in WATCHED}
    made.sync_daemons = {"director": [DAEMON]}
    return made.requests(BROKEN[kind], "answered" if kind == "green" else "timed out")


def sound(mode: str = "nat", kind: str = "green") -> dict[str, Any]:
    whole = scene(mode, kind).observed()
    return {name: getattr(whole, name) for name in TOLD}


def observed(parts: dict[str, Any]) -> Observed:
    return scene().observed()._replace(**parts)


SOUND = sound()


def test_what_is_as_it_should_be_is_kept() -> None:
    assert as_told(observed({})) == (observed({}), [])


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (
            {"captures": {**SOUND["captures"], "web1": {"packets": [{}]}}},
            "web1 told as its capture",
        ),
        ({"neighbour_replies": {"router": [{"mac": 7}]}}, "router told as replies"),
        ({"results": [{"target": 0}]}, "client told as its results"),
        ({"tables": {"director": None}}, "director told as its table"),
        (
            {
                "tables": {
                    "director": [
                        {"destinations": [{"address": "10.0.0.11", "port": 80, "weight": 1}]}
                    ]
                }
            },
            "director told as its table",
        ),
        ({"sync_daemons": {"director": [{}]}}, "director told as its sync daemons"),
        (
            {"sync_daemons": {"director": [{**DAEMON, "group": "all"}]}},
            "director told as its sync daemons",
        ),
        ({"obstacles": {"web1": {}}}, "web1 told as its obstacles"),
        ({"obstacles": {"web1": "x"}}, "web1 told as its obstacles"),
        (
            {"obstacles": {"web1": {**OBSTACLES, "listening": [{}]}}},
            "web1 told as its obstacles",
        ),
        (
            {"obstacles": {"web1": {**OBSTACLES, "connections": {"tracked": 3}}}},
            "web1 told as its obstacles",
        ),
    ],
)
def test_what_is_not_is_left_out_and_said(part: dict[str, Any], sentence: str) -> None:
    readable, odd = as_told(observed(part))
    assert [sentence in one for one in odd] == [True]
    assert readable.captures.keys() == SOUND["captures"].keys()


@pytest.mark.parametrize(
    ("field", "value", "is_kept"),
    [
        ("source", "junk", False),
        ("outer_source", "junk", False),
        ("outer_source", "", True),
        ("length", 10**30, False),
    ],
)
def test_a_frame_has_addresses_and_numbers(field: str, value: object, *, is_kept: bool) -> None:
    captures = copy.deepcopy(SOUND["captures"])
    captures["web1"]["packets"][0][field] = value
    readable, odd = as_told(observed({"captures": captures}))
    assert bool(readable.captures["web1"]["packets"]) == is_kept
    assert bool(odd) != is_kept


def test_facts_of_another_shape_are_none() -> None:
    facts = scene().facts
    facts["web1"]["routes"][0]["destination"] = "everywhere"
    facts["web2"]["links"][0]["mac"] = None
    assert read_hosts(facts).by_name.keys() == facts.keys() - {"web1", "web2"}


Told = tuple[str, str, str, Any, Any]


@st.composite
def told(draw: st.DrawFn) -> Told:
    """A mode, what is broken, and which part a host told in what odd way."""
    mode, kind = draw(st.sampled_from(MODES)), draw(st.sampled_from([*BROKEN]))
    parts = {"facts": scene(mode, kind).facts, **sound(mode, kind)}
    name = draw(st.sampled_from([*parts]))
    if name == "results":
        return mode, kind, name, None, draw(changed(parts[name]))
    # Without facts of its own the client would not be the client.
    host = draw(st.sampled_from(sorted(parts[name].keys() - {"client"})))
    return mode, kind, name, host, next(iter(draw(changed([parts[name][host]]))), None)


@pytest.mark.fuzz
@given(told())
def test_nothing_that_hosts_tell_breaks_a_verification(odd: Told) -> None:
    mode, kind, name, host, part = odd
    made = scene(mode, kind)
    parts = {"facts": made.facts, **sound(mode, kind)}
    if host:
        parts[name][host] = part
    else:
        parts[name] = part
    facts = parts.pop("facts")
    endpoints, hosts = read_endpoints(made.paths), read_hosts(facts)
    readable, _odd = as_told(scene(mode, kind).observed()._replace(**parts))
    verdicts = report(endpoints, hosts, readable)
    assert all(line.isprintable() for line in render(verdicts).split("\n"))
    page(Verified(endpoints, hosts, GROUPS, verdicts), About("today", []))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", BROKEN)
def test_each_scene_is_what_it_is_called(mode: str, kind: str) -> None:
    (verdict,) = scene(mode, kind).verdicts()
    assert verdict["verdict"] == ("green" if kind == "green" else "red")
