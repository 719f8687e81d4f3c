# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for the agent."""

from __future__ import annotations

import json

from lvslab import topology_file
from lvslab.plan import IN_VM, mac, make_plan
from lvslab.settings import LAB_ROOT

DEMO = topology_file.load(LAB_ROOT / "topologies/demo.yml")


def test_it_is_the_same_every_time_and_plain_data() -> None:
    plan = make_plan(DEMO, IN_VM)
    assert json.loads(json.dumps(plan)) == plan == make_plan(DEMO, IN_VM)


def test_no_two_interfaces_or_machines_are_the_same() -> None:
    nodes = make_plan(DEMO, IN_VM)["nodes"]
    macs = [node["management"]["mac"] for node in nodes]
    macs += [link["mac"] for node in nodes for link in node["links"]]
    assert len(set(macs)) == len(macs)
    assert len({node["machine_id"] for node in nodes}) == len(nodes)
    assert nodes[0]["management"]["address"] == "10.0.2.101/24"


def test_mac_addresses_are_unicast_and_locally_administered() -> None:
    first = int(mac("a", "b").split(":")[0], 16)
    assert (first & 1, first & 2) == (0, 2)


def test_every_node_knows_the_names_of_all() -> None:
    lines = make_plan(DEMO, IN_VM)["hosts"].splitlines()
    assert "10.0.0.11 web1" in lines
    assert "2001:db8:10::5 lb1" in lines
