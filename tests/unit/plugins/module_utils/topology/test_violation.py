# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Violations, as people read them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.lvs.topology.plugins.module_utils.listing import MOST_NAMES
from ansible_collections.lvs.topology.plugins.module_utils.topology.violation import (
    MOST_CAUSES,
    PAGE,
    REPOSITORY,
    Violation,
    in_short,
    report,
    summary,
)

ROOT = Path(__file__).resolve().parents[5]
PORT = Violation("dr.port", "web", "web1", "port 8080", "80")
OWNER = Violation("director.table-owner", "", "director", "keepalived", "one owner")
MODE = Violation("declaration.mode", "web", "", "mode: 'ndr'", "one of nat, dr")


def test_the_report_groups_by_service_and_host() -> None:
    assert report([PORT, OWNER, MODE, PORT]).splitlines() == [
        "host director:",
        "  - got keepalived",
        "    expected one owner [docs/checks.md#director.table-owner]",
        "service web:",
        "  - got mode: 'ndr'",
        "    expected one of nat, dr [docs/checks.md#declaration.mode]",
        "service web, host web1:",
        "  - got port 8080",
        "    expected 80 [docs/checks.md#dr.port]",
    ]


def test_one_cause_in_many_places_is_one_sentence() -> None:
    many = [
        PORT._replace(service=f"web{number % 2}", host=f"r{number:04}") for number in range(9999)
    ]
    assert report(many).splitlines() == [
        "services web0, web1, hosts r0000, r0001, r0002, r0003, r0004 and 9994 more:",
        "  - got port 8080",
        "    expected 80 [docs/checks.md#dr.port]",
    ]
    assert [*in_short(many)] == [
        f"{report(many).splitlines()[0]} got port 8080; expected 80 [docs/checks.md#dr.port]"
    ]


def test_of_one_check_with_many_causes_the_first_are_shown() -> None:
    many = [PORT._replace(got=f"port {number}") for number in range(1000, 9999)]
    lines = report([*many, OWNER]).splitlines()
    assert len(lines) == 3 + 1 + 2 * MOST_CAUSES + 1
    assert lines[-1] == "and 8989 more like that [docs/checks.md#dr.port]"
    assert [*in_short([*many, OWNER])][-1] == lines[-1]


@pytest.mark.parametrize(
    "many",
    [
        [PORT._replace(got=f"port {number}") for number in range(MOST_CAUSES + 1)],
        [PORT._replace(host=f"web{number}") for number in range(MOST_NAMES + 1)],
        [PORT._replace(service=f"web{number}") for number in range(MOST_NAMES + 1)],
    ],
)
def test_it_is_said_where_all_are(many: list[Violation]) -> None:
    shown = f"{len(many) - 1} violations, listed above; no host was changed. {PAGE} of"
    assert summary(many[1:]).startswith(shown)
    assert summary(many).startswith(f"{len(many)} violations, the first of each kind listed above")
    assert "-e validate_report=FILE" in summary(many)
    assert "all in report.json" in summary(many, "report.json")


def test_violations_are_counted_once() -> None:
    assert summary([PORT, PORT]).startswith("1 violation, listed above; no host was changed")


def test_the_page_is_where_it_is_said_to_be() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    assert summary([PORT]).endswith(f"{galaxy['repository']}/blob/main/{PAGE}")
    assert galaxy["repository"] == REPOSITORY
    assert (ROOT / PAGE).exists()


def test_messages_say_where() -> None:
    assert (
        PORT.message
        == "service web, host web1: got port 8080; expected 80 [docs/checks.md#dr.port]"
    )
    assert MODE.message.startswith("service web: got")
    assert OWNER.message.startswith("host director: got")
    assert PORT.as_dict()["message"] == PORT.message
