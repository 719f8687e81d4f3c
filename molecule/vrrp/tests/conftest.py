# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pair, and the requests that it has to keep."""

import pytest
from scenario.node import Node
from scenario.pair import Pair
from scenario.steady import Load, requests
from scenario.topology import Topology

# Direct routing, NAT and tunnels: connections go on at the other director.
LASTING = [
    ("10.0.0.100", 80),
    ("2001:db8:10::100", 80),
    ("10.0.0.101", 8080),
    ("10.0.0.102", 80),
]
# FULLNAT: new ones are served there.
NEW = [*LASTING, ("10.0.0.103", 80)]
MOVING = {"10.0.0.9", "2001:db8:10::9", "10.0.0.20", "10.0.0.21", *(vip for vip, _port in NEW)}


@pytest.fixture
def client(topology: Topology) -> Node:
    return topology.inventory.nodes["client"]


@pytest.fixture
def pair(topology: Topology) -> Pair:
    nodes = topology.inventory.nodes
    return Pair((nodes["lb1"], nodes["lb2"]), frozenset(MOVING), "inside")


@pytest.fixture
def load(client: Node) -> Load:
    """Short and long requests to every VIP, for as long as a with statement lasts."""
    return lambda: requests(client, NEW, LASTING, timeout=20)
