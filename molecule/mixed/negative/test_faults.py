# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Injected faults turn verdicts red, for the right reason; site.yml repairs them."""

import json
from pathlib import Path

from scenario.faults import Fault, detect_and_repair
from scenario.topology import VERIFY, Topology

ROUNDS = (
    (
        Fault(
            "return route of one NAT service taken away, beside direct routing that goes on",
            host="web1",
            finding="left through inside towards router (10.0.0.1), not through the DIP 10.0.0.5",
            break_={"web1": "ip rule delete priority 20020 from 10.0.0.11 ipproto udp sport 80"},
        ),
        Fault(
            "application on the director, which is a real server too",
            host="director",
            finding="nothing listens on 10.0.0.103:81 at director",
            break_={"director": "systemctl stop lab-web"},
            repair={"director": "systemctl start lab-web"},
        ),
        Fault(
            "the director is missing in its own table",
            host="director",
            finding="director's IPVS table does not have it",
            break_={"director": "ipvsadm -d -t 10.0.0.104:8081 -r 10.0.0.5:81"},
        ),
        Fault(
            "real server that does not answer any more",
            host="web2",
            finding="director asked for 10.0.0.12 and got no answer",
            break_={
                "web2": "ip link set inside arp off",
                "director": "ip neighbour flush dev inside",
            },
            repair={
                "web2": "ip link set inside arp on && ip neighbour flush dev inside nud all",
                "router": "ip neighbour flush dev inside",
            },
        ),
    ),
)


def test_faults_are_detected(topology: Topology) -> None:
    detect_and_repair(topology, ROUNDS)


def test_a_real_server_that_ansible_does_not_reach_either(
    topology: Topology, tmp_path: Path
) -> None:
    web2 = topology.inventory.nodes["web2"]
    away = tmp_path / "away.json"
    away.write_text(json.dumps({"all": {"hosts": {"web2": {"ansible_port": 1}}}}))
    web2.run("sh", "-c", "ip link set inside arp off && systemctl stop lab-web")
    run = topology.run(VERIFY, "-i", str(away))
    web2.run("sh", "-c", "ip link set inside arp on && systemctl start lab-web")
    assert (run.status != 0, run.changed) == (True, set())
    assert "got a host that Ansible cannot reach" in run.output
    assert "its IPVS table sends requests to 10.0.0.12 too" in run.output
    assert topology.verify() == []
