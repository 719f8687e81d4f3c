# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

from scenario.faults import Fault, detect_and_repair
from scenario.topology import Topology

ROUNDS = (
    (
        Fault(
            "tunnel device deleted",
            host="web1",
            finding="web1 has no device that unwraps ipip over IPv4",
            break_={"web1": "ip link delete ipip-0a00010b"},
        ),
        Fault(
            "strict rp_filter",
            host="web2",
            finding="rp_filter is strict (1) for ipip-0a00010c",
            break_={"web2": "sysctl -w net.ipv4.conf.ipip-0a00010c.rp_filter=1"},
        ),
        Fault(
            "port for GUE closed",
            host="web1",
            finding="web1 has no device that unwraps gue over IPv4",
            break_={"web1": "ip fou delete port 6080"},
        ),
    ),
)


def test_faults_are_detected(topology: Topology) -> None:
    detect_and_repair(topology, ROUNDS)
