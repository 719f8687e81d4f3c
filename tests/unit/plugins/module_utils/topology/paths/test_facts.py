# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The route that packets to a network take."""

from __future__ import annotations

import ipaddress

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.topology.paths.facts import parse_node
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    node,
    route,
)

NODE = parse_node(
    "host",
    node(
        {"eth0": ["10.0.0.11/24"]},
        [
            route("0.0.0.0/0", "10.0.0.1", "eth0"),
            {**route("0.0.0.0/0", "10.0.0.2", "eth0"), "metric": 100},
            route("192.0.2.0/24", "10.0.0.3", "eth0"),
            route("198.51.100.0/24", "10.0.0.4", "eth0"),
            route("198.51.100.0/24", "10.0.0.5", "eth0"),
        ],
    ),
)


@pytest.mark.parametrize(
    ("network", "gateways"),
    [
        pytest.param("0.0.0.0/0", ["10.0.0.1"], id="default, by metric"),
        pytest.param("203.0.113.0/24", ["10.0.0.1"], id="the rest"),
        pytest.param("192.0.2.7/32", ["10.0.0.3"], id="longest prefix"),
        pytest.param("192.0.2.0/23", ["10.0.0.1"], id="a part of it has another route"),
        pytest.param("198.51.100.0/25", ["10.0.0.4", "10.0.0.5"], id="multipath"),
        pytest.param("10.0.0.0/25", ["None"], id="on the link"),
        pytest.param("::/0", [], id="no route"),
    ],
)
def test_routes_to(network: str, gateways: list[str]) -> None:
    routes = NODE.routes_to(ipaddress.ip_network(network))
    assert [str(one.gateway) for one in routes] == gateways


def test_loopback_addresses_are_nobodys_rip() -> None:
    assert [str(one) for one in NODE.interfaces] == ["10.0.0.11/24 on eth0"]
