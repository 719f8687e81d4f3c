# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

from scenario.faults import Fault, detect_and_repair
from scenario.topology import Topology

ROUNDS = (
    (
        Fault(
            "ARP suppression taken back",
            host="web1",
            finding="ARP for 10.0.0.100 is answered by web1 too",
            break_={
                "web1": "sysctl -w net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.all.arp_announce=0"
            },
        ),
        Fault(
            "weight 0 everywhere",
            host="director",
            finding="every real server of tcp [2001:db8:10::100]:80 has weight 0",
            break_={
                "director": " && ".join(
                    f"ipvsadm -e -t [2001:db8:10::100]:80 -r [{rip}]:80 -g -w 0"
                    for rip in ("2001:db8:10::11", "2001:db8:10::12")
                )
            },
        ),
    ),
)


def test_faults_are_detected(topology: Topology) -> None:
    detect_and_repair(topology, ROUNDS)
