# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of all scenarios use: the topology under test, and its nodes for testinfra."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import testinfra  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))

from scenario.topology import Topology, load


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
