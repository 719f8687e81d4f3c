# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks alone: a list for people and one for programs, and no change on any host."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scenario.topology import SITE, VALIDATE, Topology

DECLARATION = Path(__file__).with_name("bad_declaration.yml")
NETWORKS = {"topology_networks": ["10.0.0.0/24", "2001:db8:10::/64"]}
VIOLATIONS = {
    ("dr.return-route", "gateway-is-director", "web2"),
    ("nat.return-route", "gateway-is-not-director", "web1"),
    ("dr.port", "maps-a-port", "web1"),
    ("dr.static-router", "router-elsewhere", ""),
    ("nat.one-packet", "one-packet-nat", "web2"),
    ("declaration.value", "unknown-scheduler", ""),
}
WAYS = {
    "playbook": (VALIDATE,),
    "playbook in check mode": (VALIDATE, "--check"),
    "tag": (SITE, "--tags", "validate"),
}
Snapshots = Callable[[], dict[str, str]]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return tmp_path / "report.json"


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_a_bad_declaration(
    way: tuple[str, ...], topology: Topology, snapshots: Snapshots, report: Path
) -> None:
    before = snapshots()
    variables = ("-e", f"@{DECLARATION}", "-e", json.dumps(NETWORKS))
    run = topology.run(*way, *variables, "-e", f"validate_report={report}")
    assert run.status != 0
    assert run.changed == set()
    assert snapshots() == before
    outcome: dict[str, Any] = json.loads(report.read_text())
    assert outcome["ok"] is False
    found = {(one["id"], one["service"], one["host"]) for one in outcome["violations"]}
    assert found == VIOLATIONS
    for one in outcome["violations"]:
        assert one["got"] in one["message"]
        assert one["expected"] in one["message"]
        assert f"#{one['id']}]" in run.output


@pytest.mark.parametrize("way", list(WAYS.values())[1:], ids=list(WAYS)[1:])
def test_a_good_declaration(
    way: tuple[str, ...], topology: Topology, snapshots: Snapshots, report: Path
) -> None:
    before = snapshots()
    run = topology.run(*way, "-e", f"validate_report={report}")
    assert run.status == 0
    assert run.changed == set()
    assert snapshots() == before
    outcome = json.loads(report.read_text())
    assert (outcome["ok"], outcome["violations"]) == (True, [])
    assert outcome["warnings"] == [
        "service web-nat has weight 0 on every real server: none takes new connections",
        (
            "services web, web-nat: nobody tries the real servers, and a dead one gets its share "
            "of requests; declare health, or health: false"
        ),
    ]
