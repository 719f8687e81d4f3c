# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of all scenarios: the topology under test, and its nodes for testinfra."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import testinfra  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))

from scenario.extent import IS_LONG
from scenario.node import Node, hold_guard
from scenario.topology import Topology, load

SNAPSHOT = """
ip -o address show; ip rule show; ip -6 rule show
ip route show table all; ip -6 route show table all; ip neighbour show nud permanent
sysctl -a 2>/dev/null | grep -E 'forward|arp_|rp_filter|send_redirects|[.]vs[.]'
test ! -e /var/lib/lvs-topology || {
  ls -l --time-style=full-iso /var/lib/lvs-topology; cat /var/lib/lvs-topology/*
}
test ! -e /proc/net/ip_vs || ipvsadm -Sn
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to the long form what is marked for it."""
    items[:] = [item for item in items if IS_LONG or not item.get_closest_marker("long_form")]


@pytest.fixture(scope="session")
def state() -> Path:
    """The scenario's ephemeral directory, which molecule names."""
    return Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"])


@pytest.fixture(scope="session")
def topology(state: Path) -> Topology:
    """The topology under test."""
    return load(state / "inventory")


@pytest.fixture(scope="session")
def hosts(topology: Topology) -> Mapping[str, testinfra.host.Host]:
    """Its nodes, through the SSH connections that the lab and Ansible share."""
    return {
        name: testinfra.get_host(
            f"ssh://{node.user}@{node.address}:{node.port}",
            ssh_identity_file=node.key,
            ssh_extra_args=" ".join(node.options),
        )
        for name, node in topology.inventory.nodes.items()
    }


@pytest.fixture(scope="session")
def client(topology: Topology) -> Node:
    """The node that sends requests."""
    return topology.inventory.nodes["client"]


@pytest.fixture(scope="session")
def director(topology: Topology) -> Node:
    """The director, where there is one alone."""
    return topology.inventory.nodes["director"]


@pytest.fixture(scope="session", autouse=True)
def _held(topology: Topology) -> None:
    """Tests break hosts on purpose, and nobody puts back what they break."""
    with ThreadPoolExecutor() as pool:
        [*pool.map(hold_guard, topology.inventory.nodes.values())]


@pytest.fixture
def snapshots(hosts: Mapping[str, testinfra.host.Host]) -> Callable[[], dict[str, str]]:
    """Record everything that the collection could change on each node."""
    return lambda: {name: host.check_output(SNAPSHOT) for name, host in hosts.items()}
