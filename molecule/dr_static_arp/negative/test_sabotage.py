# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

from scenario.sabotage import Sabotage, prove_and_mend
from scenario.topology import Topology

ROUNDS = (
    (
        Sabotage(
            "neighbour entry deleted",
            host="router",
            finding="it has no permanent neighbour entry for 10.0.0.100",
            spoil={"router": "ip neighbour delete 10.0.0.100 dev inside"},
        ),
        Sabotage(
            "application down",
            host="web2",
            finding="web2 refused a request to [2001:db8:10::100]:80",
            spoil={"web2": "systemctl stop lab-web"},
            mend={"web2": "systemctl start lab-web"},
        ),
    ),
)


def test_sabotages(topology: Topology) -> None:
    prove_and_mend(topology, ROUNDS)
