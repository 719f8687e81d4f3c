# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Violations, as people read them."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.topology.violation import (
    Violation,
    report,
)

PORT = Violation("dr.port", "web", "web1", "port 8080", "80")
OWNER = Violation("director.table-owner", "", "director", "keepalived", "one owner")
MODE = Violation("declaration.mode", "web", "", "mode: 'ndr'", "one of nat, dr")


def test_the_report_groups_by_service_and_host() -> None:
    assert report([PORT, OWNER, MODE, PORT]).splitlines() == [
        "The topology has 3 violations; no host was changed.",
        "topology:",
        "  director:",
        "    - got keepalived",
        "      expected one owner [director.table-owner]",
        "service web:",
        "  - got mode: 'ndr'",
        "    expected one of nat, dr [declaration.mode]",
        "  web1:",
        "    - got port 8080",
        "      expected 80 [dr.port]",
    ]


def test_one_violation() -> None:
    assert report([PORT]).startswith("The topology has 1 violation;")


def test_messages_say_where() -> None:
    assert PORT.message == "service web, host web1: got port 8080; expected 80 [dr.port]"
    assert MODE.message.startswith("service web: got")
    assert OWNER.message.startswith("host director: got")
    assert PORT.as_dict()["message"] == PORT.message
