# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service changes its mark and ports, then drops the mark, and loses no request."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from scenario.steady import requests
from scenario.topology import SITE, Topology

ENDPOINTS = [("10.0.0.101", 80), ("2001:db8:10::101", 80)]
# Long connections end within the drain's timeout.
RENEW_SECONDS, DRAIN_SECONDS = 5, 20


def without(service: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in service.items() if name not in names}


@pytest.mark.parametrize("change", [{"fwmark": 3, "ports": [80, 8080]}, {"port": 80}])
def test_another_mark_and_none(topology: Topology, change: Mapping[str, object]) -> None:
    services = topology.inventory.services
    changed = {**without(services["web-nat"], "fwmark", "ports"), **change}
    given = {
        "topology_services": {**services, "web-nat": changed},
        "topology_drain_removed": {"timeout": DRAIN_SECONDS},
    }
    client = topology.inventory.nodes["client"]
    with requests(client, ENDPOINTS, ENDPOINTS, renew=RENEW_SECONDS) as seen:
        run = topology.run(SITE, "-e", json.dumps(given))
    assert (run.status, seen.failures) == (0, [])
    assert "director" in run.changed
