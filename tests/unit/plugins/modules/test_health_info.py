# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of health_info."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.health import runtime
from ansible_collections.lvs.topology.plugins.module_utils.health.decisions import Decision
from ansible_collections.lvs.topology.plugins.module_utils.health.pool import FALLBACK
from ansible_collections.lvs.topology.plugins.module_utils.health.verdict import Moment, Verdict
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    DestinationKey,
    ServiceKey,
)
from ansible_collections.lvs.topology.plugins.module_utils.state import files, paths
from ansible_collections.lvs.topology.plugins.modules import health_info
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs
from ansible_collections.lvs.topology.tests.unit.plugins.modules.test_health import (
    DECLARED,
    drain,
    run,
)

WEB = ServiceKey("ipv4", 0, "tcp", "192.0.2.1", 80)


def read() -> dict[str, Any]:
    return run_module(health_info.main)


def target(number: int) -> tuple[ServiceKey, DestinationKey]:
    return WEB, DestinationKey(f"10.0.0.{number}", 80)


def test_a_host_where_nothing_is_watched() -> None:
    result = read()
    assert (result["running"], result["services"], result["problems"]) == (False, [], [])


@pytest.mark.usefixtures("ipvs")
def test_pools() -> None:
    refused = "connection refused"
    runtime.save_decisions(
        {target(2): Decision(0, refused, 5.0), target(9): Decision(5, FALLBACK, 7.0)}
    )
    runtime.save_verdicts({target(2): Verdict(is_up=False, reason=refused, since=Moment(1.0, 4.0))})
    run(**DECLARED)
    drain("drained", "web1", wait=False)
    with runtime.alone():
        result = read()
    assert (result["running"], result["problems"], result["changed"]) == (True, [], False)
    (service,) = result["services"]
    servers = service.pop("real_servers")
    assert service == {
        "name": "web",
        "service": "tcp 192.0.2.1:80",
        "check": "tcp",
        "interval": 2.0,
        "floor": 0,
        "on_floor": "keep",
    }
    both = {
        "port": 80,
        "drained": False,
        "fallback": False,
        "active_connections": 1,
        "inactive_connections": 2,
    }
    assert servers == [
        {
            **both,
            "name": "web1",
            "address": "10.0.0.1",
            "state": "up",
            "since": "",
            "reason": "",
            "declared_weight": 3,
            "weight": 0,
            "drained": True,
        },
        {
            **both,
            "name": "web2",
            "address": "10.0.0.2",
            "state": "down",
            "since": "1970-01-01 00:00:04 UTC",
            "reason": refused,
            "declared_weight": 2,
            "weight": 0,
        },
        {
            **both,
            "name": "",
            "address": "10.0.0.9",
            "state": "untried",
            "since": "1970-01-01 00:00:07 UTC",
            "reason": FALLBACK,
            "declared_weight": 5,
            "weight": 5,
            "fallback": True,
        },
    ]


def test_what_cannot_be_read_is_told(ipvs: FakeIpvs) -> None:
    run(**DECLARED)
    files.write(paths.decisions_file(), b"")
    files.write(paths.verdicts_file(), b"")
    ipvs.content.clear()
    result = read()
    assert [problem.split()[5] for problem in result["problems"]] == ["decided", "seen"]
    assert {one["weight"] for one in result["services"][0]["real_servers"]} == {None}
