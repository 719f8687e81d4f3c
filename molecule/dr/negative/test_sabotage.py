# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is spoilt by hand turns the proof red, for the right reason; site.yml mends it."""

import pytest
from scenario.sabotage import Sabotage, prove_and_mend
from scenario.topology import Topology

SABOTAGES = (
    Sabotage(
        "ARP suppression taken back",
        host="web1",
        command="sysctl -w net.ipv4.conf.all.arp_ignore=0 net.ipv4.conf.all.arp_announce=0",
        finding="ARP for 10.0.0.100 is answered by web1 too",
    ),
    Sabotage(
        "VIP taken from the director",
        host="director",
        command="ip address delete 10.0.0.100/32 dev inside",
        finding="nobody answers ARP for 10.0.0.100",
    ),
)


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda each: each.name)
def test_sabotage(sabotage: Sabotage, topology: Topology) -> None:
    prove_and_mend(sabotage, topology)
