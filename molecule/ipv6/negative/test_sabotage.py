# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

from scenario.sabotage import Sabotage, prove_and_mend
from scenario.topology import Topology

ROUNDS = (
    (
        Sabotage(
            "VIP taken from the director",
            host="director",
            finding="no host answers neighbour discovery for 2001:db8:10::100",
            spoil={"director": "ip address delete 2001:db8:10::100/128 dev inside"},
        ),
        Sabotage(
            "IPv6 forwarding switched off",
            host="director",
            finding="net.ipv6.conf.all.forwarding is 0",
            spoil={"director": "sysctl -w net.ipv6.conf.all.forwarding=0"},
        ),
    ),
)


def test_sabotages(topology: Topology) -> None:
    prove_and_mend(topology, ROUNDS)
