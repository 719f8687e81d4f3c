# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change away from static entries, and back while a foreign entry exists."""

import json
from collections.abc import Mapping

from scenario.topology import Topology
from testinfra.host import Host  # type: ignore[import-untyped]

ENTRIES = "ip neighbour show nud permanent"


def test_suppression_instead_and_an_entry_of_somebody_else(
    hosts: Mapping[str, Host], topology: Topology
) -> None:
    services = topology.inventory.services
    suppress = {name: {**one, "arp": "suppress"} for name, one in services.items()}
    changed = topology.converge("-e", json.dumps({"topology_services": suppress}))
    assert changed.status == 0
    assert changed.changed == {"router", "web1", "web2"}
    assert hosts["router"].check_output(ENTRIES) == ""
    assert not hosts["router"].file("/var/lib/lvs-topology").exists
    assert hosts["web1"].check_output("sysctl -n net.ipv4.conf.all.arp_ignore") == "1"

    foreign = "10.0.0.100 lladdr 52:54:00:99:99:99 dev inside"
    hosts["router"].check_output(f"ip neighbour replace {foreign} nud permanent")
    refused = topology.converge()
    assert refused.status != 0
    assert "is not ours and in the way of" in refused.output
    assert refused.changed == set()
    assert foreign.split()[2] in hosts["router"].check_output(ENTRIES)
