# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the nodes of one topology can become in another."""

from __future__ import annotations

from typing import Any

import pytest
from labagent.change import change_between
from lvslab import topology_file
from lvslab.plan import IN_VM, make_plan
from lvslab.settings import LAB_ROOT


def nodes(topology: str) -> list[dict[str, Any]]:
    """The nodes of a topology's plan."""
    loaded = topology_file.load(LAB_ROOT / f"topologies/{topology}.yml")
    found: list[dict[str, Any]] = make_plan(loaded, IN_VM)["nodes"]
    return found


@pytest.mark.parametrize(
    ("topology", "new"),
    [
        ("two_gateways", []),
        ("tun", []),
        ("drift", []),
        ("drain", ["standby"]),
        ("fullnat", ["between"]),
        ("ipv6", ["web3"]),
    ],
)
def test_the_usual_five_nodes_serve_many_topologies(topology: str, new: list[str]) -> None:
    before, after = nodes("one_subnet"), nodes(topology)
    change = change_between(before, after)
    assert change is not None
    assert [node["name"] for node in change.kept] == [node["name"] for node in before]
    assert [node["name"] for node in change.new] == new
    assert all(node in after for node in (*change.kept, *change.new))


def test_no_node_goes_and_none_takes_the_management_address_of_another() -> None:
    assert change_between(nodes("drain"), nodes("one_subnet")) is None
    before = nodes("one_subnet")
    moved = [{**node, "number": 9} if node["name"] == "web2" else node for node in before]
    assert change_between(before, moved) is None


def test_a_node_has_its_web_application_from_its_start() -> None:
    before = nodes("one_subnet")
    without = [{**node, "web": []} for node in before]
    assert change_between(before, without) is None
    other = [{**node, "web": node["web"] and [8080]} for node in before]
    assert change_between(before, other) is not None
