# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks in the other modes, and for the other protocols."""

import json

from scenario.topology import SITE, Topology

COMMON = {"ports": ["80-81"], "scheduler": "rr", "real_servers": [{"group": "lvs_real_servers"}]}
SERVICES = {
    "tunnelled": {"mode": "tun", "fwmark": 11, "vips": ["10.0.0.111", "2001:db8:10::111"]},
    "translated": {
        "mode": "fullnat",
        "fwmark": 12,
        "vips": ["10.0.0.112", "2001:db8:10::112"],
        "protocol": ["tcp", "udp"],
    },
    "datagrams": {"mode": "dr", "fwmark": 13, "vips": ["10.0.0.113"], "protocol": "udp"},
    "messages": {
        "mode": "nat",
        "return_route": "policy",
        "fwmark": 14,
        "vips": ["2001:db8:10::114"],
        "protocol": "sctp",
    },
}


def test_every_endpoint_is_green(topology: Topology) -> None:
    declared = {
        "topology_services": {name: {**COMMON, **one} for name, one in SERVICES.items()},
        # Tunnels and FULLNAT would also reach real servers by the management network.
        "topology_networks": ["10.0.0.0/24", "2001:db8:10::/64"],
    }
    given = ("-e", json.dumps(declared))
    assert topology.run(SITE, *given).status == 0
    assert topology.verify(*given) == []
