# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is spoilt by hand turns the proof red, for the right reason; site.yml mends it."""

import pytest
from scenario.sabotage import Sabotage, prove_and_mend
from scenario.topology import Topology

SABOTAGES = (
    Sabotage(
        "neighbour entry deleted",
        host="router",
        command="ip neighbour delete 10.0.0.100 dev inside",
        finding="it has no permanent neighbour entry for 10.0.0.100",
    ),
)


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda each: each.name)
def test_sabotage(sabotage: Sabotage, topology: Topology) -> None:
    prove_and_mend(sabotage, topology)
