# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A declaration that cannot work ends with all violations, before any host changes."""

from collections.abc import Callable
from pathlib import Path

from scenario.topology import Topology

DECLARATION = Path(__file__).with_name("bad_declaration.yml")


def test_all_violations_are_listed_and_nothing_is_touched(
    snapshots: Callable[[], dict[str, str]], topology: Topology
) -> None:
    before = snapshots()
    refused = topology.converge("-e", f"@{DECLARATION}")
    assert refused.status != 0
    for part in ("gateway-is-director", "web2", "gateway-is-not-director", "web1",
                 "unknown-host", "web9", "duplicate", "10.0.0.112"):  # fmt: skip
        assert part in refused.output
    assert snapshots() == before
