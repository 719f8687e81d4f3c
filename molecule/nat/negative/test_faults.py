# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

from scenario.faults import Fault, detect_and_repair
from scenario.topology import Topology

ROUNDS = (
    (
        Fault(
            "return route taken away",
            host="web1",
            finding="towards router (2001:db8:10::1), not through the DIP 2001:db8:10::5",
            break_={"web1": "ip -6 rule delete priority 20020"},
        ),
        Fault(
            "forwarding switched off",
            host="director",
            finding="net.ipv4.ip_forward is 0",
            break_={"director": "sysctl -w net.ipv4.ip_forward=0"},
        ),
        Fault(
            "VIP on another host",
            host="web2",
            finding="ARP for 10.0.0.102 is answered by web2 too",
            break_={"web2": "ip address add 10.0.0.102/32 dev inside"},
            repair={
                "web2": "ip address delete 10.0.0.102/32 dev inside",
                "router": "ip neighbour flush dev inside",
            },
        ),
    ),
)


def test_faults_are_detected(topology: Topology) -> None:
    detect_and_repair(topology, ROUNDS)
