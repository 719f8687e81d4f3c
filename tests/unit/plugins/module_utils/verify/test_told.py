# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts may tell anything: it costs no other host its verdict, and breaks nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.verify.endpoints import read_endpoints
from ansible_collections.lvs.topology.plugins.module_utils.verify.hosts import read_hosts
from ansible_collections.lvs.topology.plugins.module_utils.verify.page import page
from ansible_collections.lvs.topology.plugins.module_utils.verify.report import (
    Observed,
    report,
)
from ansible_collections.lvs.topology.plugins.module_utils.verify.table import render
from ansible_collections.lvs.topology.plugins.module_utils.verify.told import as_told
from ansible_collections.lvs.topology.tests.unit.odd_data import changed

from .scenes import GROUPS, Scene

TOLD = ("captures", "neighbour_replies", "results", "tables")


def scene() -> Scene:
    return Scene("nat").requests()


def observed(parts: dict[str, Any]) -> Observed:
    return scene().observed()._replace(**parts)


SOUND = {name: getattr(scene().observed(), name) for name in TOLD}


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
    ],
)
def test_what_is_not_is_left_out_and_said(part: dict[str, Any], sentence: str) -> None:
    readable, odd = as_told(observed(part))
    assert [sentence in one for one in odd] == [True]
    assert readable.captures.keys() == SOUND["captures"].keys()


def test_facts_of_another_shape_are_none() -> None:
    facts = scene().facts
    facts["web1"]["routes"][0]["destination"] = "everywhere"
    facts["web2"]["links"][0]["mac"] = None
    assert read_hosts(facts).by_name.keys() == facts.keys() - {"web1", "web2"}


ENDPOINTS = read_endpoints(scene().paths)


@st.composite
def told(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """The facts of all hosts, and what else they told; one host's part of it is odd."""
    facts, parts = scene().facts, {name: dict(SOUND[name]) for name in TOLD if name != "results"}
    # Without facts of its own the client would not be the client.
    name = draw(st.sampled_from(["facts", *TOLD]))
    if name == "results":
        return facts, {name: draw(changed(SOUND[name]))}
    part = facts if name == "facts" else parts[name]
    host = draw(st.sampled_from(sorted(part.keys() - {"client"})))
    part[host] = next(iter(draw(changed([part[host]]))), None)
    return facts, parts


@pytest.mark.fuzz
@given(told())
def test_nothing_that_hosts_tell_breaks_a_verification(odd: tuple[Any, Any]) -> None:
    facts, parts = odd
    hosts = read_hosts(facts)
    readable, _odd = as_told(observed(parts))
    verdicts = report(ENDPOINTS, hosts, readable)
    assert all(line.isprintable() for line in render(verdicts).split("\n"))
    page(ENDPOINTS, hosts, GROUPS, verdicts)
