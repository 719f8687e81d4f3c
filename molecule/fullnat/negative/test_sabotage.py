# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

from scenario.sabotage import Sabotage, prove_and_mend
from scenario.topology import Topology

ROUNDS = (
    (
        Sabotage(
            "source NAT removed",
            host="director",
            finding="the SNAT rule for the service is missing",
            spoil={"director": "nft delete table inet lvs_director"},
        ),
    ),
    (
        Sabotage(
            "connection tracking of IPVS off",
            host="director",
            finding="net.ipv4.vs.conntrack is 0",
            spoil={"director": "sysctl -w net.ipv4.vs.conntrack=0"},
        ),
    ),
)


def test_sabotages(topology: Topology) -> None:
    prove_and_mend(topology, ROUNDS)
