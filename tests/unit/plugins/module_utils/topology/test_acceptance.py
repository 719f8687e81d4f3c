# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of which the operator knows better."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    Change,
    inside,
    nat,
)

# Its replies leave by a router, of which nothing is known.
ASTRAY = nat().changed({"facts/web1": inside(11, 1), "facts/web2": inside(12, 1)})
ID = "nat.return-route"
HOSTS = ("director", "web1", "web2")


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        ({}, set()),
        ({"services/web/accept": [ID]}, {"web1", "web2"}),
        ({"options/accept": {"web1": [ID], "web2": []}}, {"web1"}),
        ({"options/accept": {"web1": [ID]}}, {"web1"}),
        ({"options/accept": {host: [ID] for host in HOSTS}}, {"web1", "web2"}),
        ({"services/web/accept": ["nat.client-outside"]}, set()),
    ],
)
def test_what_is_accepted_stops_nothing(change: Change, accepted: set[str]) -> None:
    compiled = ASTRAY.changed(change).compile()
    assert {one.host for one in compiled.accepted} == accepted
    assert {one.host for one in compiled.violations} == {"web1", "web2"} - accepted
    assert bool(compiled.nodes) == (accepted == {"web1", "web2"})
    if compiled.nodes:
        assert len(compiled.warnings) == 1
        assert compiled.warnings[0].startswith(
            "accepted: service web, hosts web1, web2: got replies"
        )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nat.return-rout", "did you mean nat.return-route?"),
        ("rip.single", "nothing: what this check finds is refused"),
        ("declaration.value", "one of "),
    ],
)
def test_what_cannot_be_accepted(name: str, expected: str) -> None:
    change = {"services/web/accept": [name], "options/accept": {"web1": [name]}}
    violations = nat().changed(change).compile().violations
    assert [(one.id, one.service, one.host) for one in violations] == [
        ("declaration.value", "web", ""),
        ("options.value", "", "web1"),
    ]
    assert all(expected in one.expected for one in violations)


@pytest.mark.parametrize("change", [{"services/web/accept": ID}, {"options/accept": {"web1": ID}}])
def test_a_list_is_wanted(change: Change) -> None:
    assert "a list of ids" in nat().changed(change).compile().violations[0].expected
