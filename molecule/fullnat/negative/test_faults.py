# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

from scenario.faults import Fault, detect_and_repair
from scenario.topology import Topology

ROUNDS = (
    (
        Fault(
            "source NAT removed",
            host="director",
            finding="the SNAT rule for the service is missing",
            break_={"director": "nft delete table inet lvs_director"},
        ),
    ),
    (
        Fault(
            "connection tracking of IPVS off",
            host="director",
            finding="net.ipv4.vs.conntrack is 0",
            break_={"director": "sysctl -w net.ipv4.vs.conntrack=0"},
        ),
    ),
)


def test_faults_are_detected(topology: Topology) -> None:
    detect_and_repair(topology, ROUNDS)
