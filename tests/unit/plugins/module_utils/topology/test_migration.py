# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that go to another mode."""

from __future__ import annotations

from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    Sample,
    both_ways,
)

WAIT = {"wait_for": ["active"], "timeout": 60, "poll_interval": 2, "on_timeout": "fail"}


def moved(*services: str, **times: object) -> Sample:
    return both_ways().changed({"options/migration": {"services": [*services], **WAIT, **times}})


def test_directors_wait_for_what_is_there() -> None:
    sample = moved("web")
    compiled = sample.compile()
    assert compiled.nodes["director"]["director"]["wait"] == {
        "services": ["tcp 10.0.0.100:80", "tcp [2001:db8:10::100]:80"],
        **WAIT,
    }
    drain = compiled.nodes["director"]["director"]["drain_removed"]
    assert drain == WAIT
    assert compiled.notices == [
        (
            "service web is in mode dr from now on: connections that are there go on as they "
            "began; those that are left after 60 s end the run, and go on"
        )
    ]


def test_its_own_times_count_and_not_those_of_other_runs() -> None:
    sample = moved("web").changed({"options/drain_removed": {**WAIT, "timeout": 1}})
    compiled = sample.compile()
    assert compiled.nodes["director"]["director"]["drain_removed"] == WAIT


def test_nothing_moves_without_a_word() -> None:
    compiled = both_ways().compile()
    director = compiled.nodes["director"]["director"]
    assert (director["wait"], director["drain_removed"]) == (None, None)
    assert compiled.notices == []


def test_real_servers_that_are_not_managed_are_named() -> None:
    sample = moved("web", on_timeout="continue")
    sample.services["web"]["real_servers"].append(
        {"address": ["10.0.0.99", "2001:db8:10::99"], "prepared": True}
    )
    first, second = sample.compile().notices
    assert first.endswith("after 60 s are cut")
    assert "loses connections on 10.0.0.99 and 2001:db8:10::99, not managed" in second


def test_a_single_real_server_is_a_loss() -> None:
    sample = moved("web")
    sample.services["web"]["real_servers"].pop()
    assert "1 real servers with a weight" in sample.compile().notices[1]


def test_what_is_wrong_is_said() -> None:
    messages = [one.got for one in moved("wbe", timeout=-1).compile().violations]
    assert messages == ["topology_migration.timeout: -1", "topology_migration.services: 'wbe'"]
