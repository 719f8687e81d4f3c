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
        finding="web1 replied as 10.0.0.11:80, past the director",
    ),
    Sabotage(
        "forwarding switched off",
        host="director",
        command="sysctl -w net.ipv4.ip_forward=0",
        finding="requests to 10.0.0.101:8080 failed (timed out)",
    ),
)


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda each: each.name)
def test_sabotage(sabotage: Sabotage, topology: Topology) -> None:
    prove_and_mend(sabotage, topology)
