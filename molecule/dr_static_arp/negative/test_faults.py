# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

from scenario.faults import Fault, detect_and_repair
from scenario.topology import Topology

ROUNDS = (
    (
        Fault(
            "neighbour entry deleted",
            host="router",
            finding="it has no permanent neighbour entry for 10.0.0.100",
            break_={"router": "ip neighbour delete 10.0.0.100 dev inside"},
        ),
        Fault(
            "application down",
            host="web2",
            finding="web2 refused a request to [2001:db8:10::100]:80",
            break_={"web2": "systemctl stop lab-web"},
            repair={"web2": "systemctl start lab-web"},
        ),
    ),
)


def test_faults_are_detected(topology: Topology) -> None:
    detect_and_repair(topology, ROUNDS)
