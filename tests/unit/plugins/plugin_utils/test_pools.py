# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools as a table for people."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.plugin_utils.pools import (
    is_ok,
    names_down,
    render,
    summary,
)


def server(number: int, **others: object) -> dict[str, Any]:
    return {
        "name": f"web{number}",
        "address": f"10.0.0.{10 + number}",
        "port": 80,
        "state": "up",
        "since": "",
        "reason": "",
        "declared_weight": 10,
        "weight": 10,
        "drained": False,
        "fallback": False,
        "active_connections": 3,
        "inactive_connections": 12,
        **others,
    }


SINCE = "2026-11-26 12:03:05 UTC"
DOWN = {"state": "down", "since": SINCE, "reason": "connection refused", "weight": 0}


def told(*servers: dict[str, Any], running: bool = True, **others: object) -> dict[str, Any]:
    service = {"name": "web", "service": "tcp 192.0.2.10:80", "real_servers": [*servers]}
    return {"running": running, "problems": [], "services": [{**service, **others}]}


def test_a_pool() -> None:
    pool = told(
        server(1),
        server(2, **DOWN),
        server(3, drained=True, weight=0),
        server(4, weight=4, since=SINCE, reason="it returns"),
        server(5, name="", weight=None),
        server(9, fallback=True, state="untried", weight=0, declared_weight=1),
    )
    heading, empty, head, rule, *rows = render({"lb1": pool}).splitlines()
    assert (heading, empty) == ("lb1: lvs-topology-health.service is running", "")
    assert {*rule} == {"-", " "}
    assert [len(word) for word in rule.split("  ")][:3] == [17, 11, 10]
    assert _cells(head)[:4] == ["service", "real server", "weight", "state"]
    assert [_cells(row) for row in rows] == [
        ["web", "web1", "10", "up", "3", "12"],
        ["tcp 192.0.2.10:80", "web2", "0 of 10", "down", SINCE, "3", "12", "connection refused"],
        ["web3", "0 of 10", "drained", "3", "12"],
        ["web4", "4 of 10", "up", SINCE, "3", "12", "it returns"],
        ["10.0.0.15", "none of 10", "up", "3", "12"],
        ["web9", "0", "fallback", "3", "12"],
    ]


def _cells(line: str) -> list[str]:
    return re.split("  +", line.strip())


def test_a_fallback_that_serves() -> None:
    shown = render({"lb1": told(server(9, fallback=True, state="untried", weight=10))})
    assert "serves as fallback" in shown


def test_one_that_is_drained_and_down() -> None:
    assert "drained, down" in render({"lb1": told(server(2, **DOWN, drained=True))})


def test_a_service_without_real_servers_or_a_name() -> None:
    (row,) = render({"lb1": told(name="")}).splitlines()[4:]
    assert row.split("  ") == ["tcp 192.0.2.10:80", "none"]


@pytest.mark.parametrize(
    ("director", "shown", "sentence"),
    [
        (told(server(1)), "is running", "all real servers that are tried are up"),
        (told(server(2, **DOWN)), "connection refused", "down: web2"),
        (
            told(server(1), running=False),
            "is not running (decides: `systemctl status lvs-topology-health.service`)",
            "lvs-topology-health.service is not running on lb1",
        ),
        ({"msg": "no route to host"}, "could not be read: no route to host", "lb1 could not be"),
        ({}, "could not be read: no answer", "lb1 could not be read"),
        (
            {"running": False, "problems": [], "services": []},
            "no service has health checks",
            "all real servers that are tried are up",
        ),
    ],
    ids=str,
)
def test_what_is_wrong_is_said(director: dict[str, Any], shown: str, sentence: str) -> None:
    directors = {"lb1": director}
    assert shown in render(directors)
    assert summary(directors).startswith(sentence)
    assert is_ok(directors) == sentence.startswith("all")


def test_problems_are_shown() -> None:
    broken = {**told(server(1)), "problems": ["what the health daemon has seen cannot be read"]}
    assert "  what the health daemon has seen cannot be read" in render({"lb1": broken})


def test_who_is_down_is_named_once() -> None:
    directors = {"lb1": told(server(2, **DOWN)), "lb2": told(server(2, **DOWN), server(1))}
    assert names_down(directors) == ["web2"]
    assert render(directors).count("lvs-topology-health.service is running") == 2
