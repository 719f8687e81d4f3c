# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a real server's connections have ended."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.wait import left, problems, summary

TCP = {
    "service": "tcp 192.0.2.1:80",
    "protocol": "tcp",
    "destination": "10.0.0.1:80",
    "active": 3,
    "inactive": 4,
    "persistent": 5,
}
UDP = {**TCP, "service": "udp 192.0.2.1:53", "protocol": "udp", "active": 0, "persistent": 0}


@pytest.mark.parametrize(
    ("wait_for", "connections", "count"),
    [
        (["active"], [TCP], 3),
        (["active", "inactive"], [TCP], 7),
        (["active", "inactive", "persistent"], [TCP], 12),
        (["persistent"], [UDP], 0),
        (["active"], [UDP], 4),
        (["active", "inactive"], [UDP], 4),
        (["active"], [TCP, UDP], 7),
        (["active"], [], 0),
    ],
)
def test_what_is_waited_for(
    wait_for: list[str], connections: list[dict[str, object]], count: int
) -> None:
    assert left(connections, wait_for) == count


def test_the_summary_names_who_has_connections() -> None:
    idle = {**TCP, "active": 0, "inactive": 0, "persistent": 0}
    assert summary([TCP, idle, UDP]) == (
        "10.0.0.1:80 of tcp 192.0.2.1:80: 3 active, 4 inactive, 5 persistent; "
        "10.0.0.1:80 of udp 192.0.2.1:53: 4 inactive"
    )
    assert summary([idle]) == ""


def test_the_summary_of_many_is_short() -> None:
    many = [{**TCP, "destination": f"10.0.{number}.1:80"} for number in range(200)]
    assert summary(many).endswith("10.0.4.1:80 of tcp 192.0.2.1:80: 3 active, 4 inactive, "
                                  "5 persistent and 195 more")  # fmt: skip


def test_all_that_is_wrong_is_said() -> None:
    assert problems({"timeout": 0, "poll_interval": 1}) == []
    assert problems({"timeout": -1, "poll_interval": 0}) == [
        "timeout: got -1, expected 0 to 86400 seconds",
        "poll_interval: got 0, expected 1 to 3600 seconds",
    ]
