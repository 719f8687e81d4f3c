# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is declared of metrics: what is refused, and what directors are told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import parse_services
from ansible_collections.lvs.topology.plugins.module_utils.metrics.settings import (
    parse_metrics,
    problems_with,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    both_ways,
    direct_routing,
)

DEFAULTS = {
    "directory": "/var/lib/prometheus/node-exporter",
    "interval": 15,
    "real_servers": True,
}


def told(given: object) -> dict[str, Any] | None:
    """What the director of a sound topology is told."""
    compiled = both_ways().changed({"options/metrics": given}).compile()
    assert compiled.violations == []
    result: dict[str, Any] | None = compiled.nodes["director"]["director"]["metrics"]
    return result


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (True, DEFAULTS),
        ({}, DEFAULTS),
        ({"interval": "30"}, {**DEFAULTS, "interval": 30}),
        ({"directory": "/srv/m", "real_servers": False},
         {**DEFAULTS, "directory": "/srv/m", "real_servers": False}),
    ],
)  # fmt: skip
def test_directors_are_told(given: object, expected: dict[str, Any]) -> None:
    found = told(given)
    assert found is not None
    services = found.pop("services")
    assert found == expected
    assert {*services} == {*both_ways().services}
    table = parse_services(both_ways().compile().nodes["director"]["director"]["services"])[0]
    assert {one for ones in services.values() for one in ones} == {*map(str, table)}
    settings, problems = parse_metrics({**found, "services": services})
    assert (problems, problems_with(settings, table)) == ([], [])


def test_nothing_is_written_unless_it_is_declared() -> None:
    assert told(given=False) is None
    assert both_ways().compile().nodes["director"]["director"]["metrics"] is None


def test_a_director_that_goes_writes_nothing() -> None:
    sample = both_ways().changed(
        {"options/metrics": True, "options/teardown": {"everything": True}}
    )
    assert sample.compile().nodes["director"]["director"]["metrics"] is None


@pytest.mark.parametrize(
    ("given", "got", "expected"),
    [
        ("yes", "topology_metrics: 'yes'", "true, false, or a dict of keys: directory, interval"),
        ({"intervall": 5}, "topology_metrics.intervall", "no such key (did you mean interval?)"),
        ({"interval": 4}, "topology_metrics.interval: 4", "a number from 5 to 3600"),
        ({"directory": "x"}, "topology_metrics.directory: 'x'", "an absolute path"),
        ({"real_servers": "x"}, "topology_metrics.real_servers: 'x'", "true or false"),
    ],
)
def test_what_is_refused(given: object, got: str, expected: str) -> None:
    (found,) = direct_routing().changed({"options/metrics": given}).compile().violations
    assert (found.id, found.got) == ("options.value", got)
    assert expected in found.expected


def test_a_timer_needs_systemd() -> None:
    change = {"options/metrics": True, "options/persist": False}
    (found,) = direct_routing().changed(change).compile().violations
    assert found.got == "topology_persist: False"
    assert "topology_persist: true beside topology_metrics" in found.expected
