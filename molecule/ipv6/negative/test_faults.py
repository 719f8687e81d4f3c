# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

from scenario.faults import Fault, detect_and_repair
from scenario.topology import Topology

ROUNDS = (
    (
        Fault(
            "VIP taken from the director",
            host="director",
            finding="no host answers neighbour discovery for 2001:db8:10::100",
            break_={"director": "ip address delete 2001:db8:10::100/128 dev inside"},
        ),
        Fault(
            "IPv6 forwarding switched off",
            host="director",
            finding="net.ipv6.conf.all.forwarding is 0",
            break_={"director": "sysctl -w net.ipv6.conf.all.forwarding=0"},
        ),
    ),
)


def test_faults_are_detected(topology: Topology) -> None:
    detect_and_repair(topology, ROUNDS)
