# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

from scenario.faults import Fault, detect_and_repair
from scenario.topology import Topology

ROUNDS = (
    (
        Fault(
            "marks of a range taken away",
            host="director",
            finding="packets to tcp 10.0.0.101:81 do not get the mark 2 there",
            break_={
                "director": "nft delete element inet lvs_director marks_ipv4 "
                "'{ 10.0.0.101 . tcp . 80-82 }'"
            },
        ),
        Fault(
            "all marks for IPv6 taken away",
            host="director",
            finding="packets to tcp [2001:db8:10::100]:80 do not get the mark 1 there",
            break_={"director": "nft flush map inet lvs_director marks_ipv6"},
        ),
    ),
)


def test_faults_are_detected(topology: Topology) -> None:
    detect_and_repair(topology, ROUNDS)
