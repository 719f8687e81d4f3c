# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is spoilt by hand turns the proof red, for the right reason; site.yml mends it."""

import pytest
from scenario.sabotage import Sabotage, prove_and_mend
from scenario.topology import Topology

SABOTAGES = (
    Sabotage(
        "return route taken away",
        host="web1",
        command="ip rule delete priority 20020",
        finding="left through inside towards router (10.0.0.1), not through the DIP 10.0.0.5",
    ),
    Sabotage(
        "forwarding switched off",
        host="director",
        command="sysctl -w net.ipv4.ip_forward=0",
        finding="net.ipv4.ip_forward is 0",
    ),
)


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda each: each.name)
def test_sabotage(sabotage: Sabotage, topology: Topology) -> None:
    prove_and_mend(sabotage, topology)
