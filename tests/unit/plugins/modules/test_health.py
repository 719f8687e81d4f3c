# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a director keeps of health checks, and how its modules leave decided weights alone."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.converge import watches
from ansible_collections.lvs.topology.plugins.module_utils.converge.director import PART
from ansible_collections.lvs.topology.plugins.module_utils.state.part import Part
from ansible_collections.lvs.topology.plugins.module_utils.state.section import HEALTH, Section
from ansible_collections.lvs.topology.plugins.modules import director
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)

pytestmark = pytest.mark.usefixtures("ipvs")

ONE, TWO, SORRY = "10.0.0.1", "10.0.0.2", "10.0.0.9"
WEB: dict[str, Any] = {
    "address": "192.0.2.1",
    "port": 80,
    "destinations": [
        {"address": ONE, "weight": 3},
        {"address": TWO, "weight": 2},
        {"address": SORRY, "weight": 5},
    ],
}
WATCH: dict[str, Any] = {
    "address": "192.0.2.1",
    "port": 80,
    "name": "web",
    "fallback": [{"address": SORRY}],
}


def run(*, check: bool = False, **arguments: object) -> dict[str, Any]:
    return run_module(director.main, check=check, **{"services": [WEB], **arguments})


def test_what_is_watched_comes_changes_and_goes(host: FakeHost) -> None:
    before = host.snapshot()
    for health, expected in (
        ([WATCH], ["watch service web: tcp every 2 s"]),
        ([WATCH], []),
        ([{**WATCH, "interval": 5}], ["watch service web: tcp every 5 s"]),
        ([], ["watch service web no more"]),
        ([{**WATCH, "name": ""}], ["watch service tcp 192.0.2.1:80: tcp every 2 s"]),
    ):
        predicted = run(check=True, health=health)
        done = run(health=health)
        assert predicted == done
        assert [one for one in done["operations"] if one.startswith("watch ")] == expected
        assert ("health" in done["diff"]["after"]) == bool(expected)
        kept = watches.load(Section(Part(PART), HEALTH))
        assert len(kept) == len(health)
    gone = run(state="absent")
    assert "watch service tcp 192.0.2.1:80 no more" in gone["operations"]
    assert host.snapshot() == before


@pytest.mark.parametrize(
    ("health", "problem"),
    [
        ([{**WATCH, "port": 81}], "health of service web: got 'tcp 192.0.2.1:81', expected a serv"),
        ([WATCH, WATCH], "health[1]: got 'tcp 192.0.2.1:80', expected each service only once"),
        (
            [{**WATCH, "fallback": [{"address": "10.0.0.7"}]}],
            "health of service web: fallback: got '10.0.0.7:80', expected a destination of the ser",
        ),
        ([{**WATCH, "timeout": 3}], "health[0].timeout: got 3.0, expected at most the interval, "),
    ],
)
def test_what_cannot_be_watched(health: list[dict[str, Any]], problem: str) -> None:
    assert [one[: len(problem)] for one in run(health=health)["problems"]] == [problem]
