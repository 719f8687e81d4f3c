# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

from scenario.sabotage import Sabotage, prove_and_mend
from scenario.topology import Topology

ROUNDS = (
    (
        Sabotage(
            "return route taken away",
            host="web1",
            finding="towards router (2001:db8:10::1), not through the DIP 2001:db8:10::5",
            spoil={"web1": "ip -6 rule delete priority 20020"},
        ),
        Sabotage(
            "forwarding switched off",
            host="director",
            finding="net.ipv4.ip_forward is 0",
            spoil={"director": "sysctl -w net.ipv4.ip_forward=0"},
        ),
        Sabotage(
            "VIP on another host",
            host="web2",
            finding="ARP for 10.0.0.102 is answered by web2 too",
            spoil={"web2": "ip address add 10.0.0.102/32 dev inside"},
            mend={
                "web2": "ip address delete 10.0.0.102/32 dev inside",
                "router": "ip neighbour flush dev inside",
            },
        ),
    ),
)


def test_sabotages(topology: Topology) -> None:
    prove_and_mend(topology, ROUNDS)
