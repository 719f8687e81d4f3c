# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is watched, from its input format to the model and back; and what the daemon decides."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.health import decisions
from ansible_collections.lvs.topology.plugins.module_utils.health.model import (
    VIP,
    Check,
    Policy,
    Watch,
)
from ansible_collections.lvs.topology.plugins.module_utils.health.schema import (
    parse_watches,
    render_watches,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    DestinationKey,
    ServiceKey,
)

WEB = ServiceKey("ipv4", 0, "tcp", "192.0.2.1", 80)
MARKED = ServiceKey("ipv6", 7, "", "", 0)
WATCHES = (
    Watch(WEB, "web", "192.0.2.1", 80, Check("tcp")),
    Watch(
        MARKED,
        "all",
        "2001:db8::1",
        443,
        Check("tcp", 8080, VIP, 5.0, 2.0, 1, 4),
        Policy(25, "withdraw", 30.0),
        "2001:db8::9",
        (DestinationKey("2001:db8::8", 0),),
    ),
)


def test_there_and_back() -> None:
    assert parse_watches(render_watches(WATCHES)) == (WATCHES, [])


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"check": "ping"}, "health[0].check: got 'ping', expected one of tcp"),
        ({"interval": 1, "timeout": 2}, "health[0].timeout: got 2, expected at most the interval"),
        ({"floor": 100}, "health[0].floor: got 100, expected a number from 0 to 99"),
        ({"source": "lo"}, "health[0].source: got 'lo', expected an IPv4 or IPv6 address"),
        ({"through": "back"}, "health[0].through: got 'back', expected one of vip, rip"),
        ({"fallback": [{"address": "x"}]}, "health[0].fallback[0].address: got 'x', expected an"),
    ],
)
def test_what_is_refused(values: dict[str, Any], problem: str) -> None:
    watches, problems = parse_watches([{"address": "192.0.2.1", "port": 80, **values}])
    assert watches == ()
    assert [str(one)[: len(problem)] for one in problems] == [problem]


def test_decisions_there_and_back() -> None:
    decided = {(WEB, DestinationKey("10.0.0.1", 80)): decisions.Decision(0, "no answer", 17.5)}
    assert decisions.load(decisions.dump(decided)) == decided


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff", b'{"version": 2, "weights": []}', b'{"version": 1}']
)
def test_damaged_decisions(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is the reader's own
        decisions.load(content)
