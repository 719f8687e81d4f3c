# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A state file with something that this version does not know stays as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import registry
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.module_utils.state.state_file import VERSION
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import FakeIpvs

SERVICE = {"protocol": "tcp", "address": "10.0.0.100", "port": 80}
DESIRED = {**SERVICE, "scheduler": "rr", "destinations": []}
OTHER = {**DESIRED, "port": 81}


@pytest.mark.parametrize(
    ("desired", "owned", "reason"),
    [
        ({"services": [DESIRED, {**OTHER, "scheduler": "future"}]}, {}, "services[1].scheduler"),
        ({"services": [DESIRED, {**OTHER, "zone": "a"}]}, {}, "desired.services[1].zone"),
        ({"services": [DESIRED, DESIRED]}, {}, "one service only"),
        ({"services": "abc"}, {}, "AttributeError"),
        ({"services": [DESIRED], "health": {"a": 1}}, {}, "desired.health"),
        ({"services": [DESIRED], "hosts": {"web1": "10.0.0.1"}}, {}, "hosts.web1"),
        ({"services": [DESIRED], "hosts": [1]}, {}, "hosts"),
        ({}, {"services": [SERVICE, {**SERVICE, "protocol": "dccp"}]}, "services.protocol"),
        ({}, {"services": [SERVICE, SERVICE]}, "owned.services"),
        ({}, {"drained": {"10.0.0.1": "for ever"}}, "drained"),
        ({}, {"drained": [1, 2]}, "TypeError"),
    ],
)
def test_it_is_refused(
    ipvs: FakeIpvs, desired: dict[str, Any], owned: dict[str, Any], reason: str
) -> None:
    path = paths.state_file("ipvs_services", persist=True)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": VERSION, "desired": desired, "owned": owned}))
    before = path.read_bytes()
    said = registry.attempt("ipvs_services", registry.AT_BOOT["ipvs_services"]).failure
    assert said.startswith(f"ipvs_services: {path} holds something that this version does not know")
    assert reason in said
    assert (ipvs.written, path.read_bytes()) == ([], before)
