# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks in the other modes, and for the other protocols; FTP, whose ports nobody knows before."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scenario.topology import SITE, Topology

FTP_SCRIPTS = Path(__file__).resolve().parents[3] / "lab/ftp"
SERVERS = {"scheduler": "rr", "real_servers": [{"group": "lvs_real_servers"}]}
COMMON = {"ports": ["80-81"], **SERVERS}
FTP: dict[str, Any] = {
    "mode": "nat",
    "return_route": "policy",
    "vips": ["10.0.0.115", "2001:db8:10::115"],
    "port": 21,
    "helper": "ftp",
    **SERVERS,
}
MARKED = {
    "tunnelled": {"mode": "tun", "fwmark": 11, "vips": ["10.0.0.111", "2001:db8:10::111"]},
    "translated": {
        "mode": "fullnat",
        "fwmark": 12,
        "vips": ["10.0.0.112", "2001:db8:10::112"],
        "protocol": ["tcp", "udp"],
    },
    "datagrams": {"mode": "dr", "fwmark": 13, "vips": ["10.0.0.113"], "protocol": "udp"},
    "messages": {
        "mode": "nat",
        "return_route": "policy",
        "fwmark": 14,
        "vips": ["2001:db8:10::114"],
        "protocol": "sctp",
    },
}


@pytest.fixture(autouse=True)
def ftp_servers(topology: Topology) -> Iterator[None]:
    """Serve FTP on both real servers."""
    script = (FTP_SCRIPTS / "server.py").read_text()
    nodes = [topology.inventory.nodes[name] for name in ("web1", "web2")]
    for node in nodes:
        node.run("systemd-run", "--quiet", "--collect", "--unit=ftp", "python3", "-c", script)
    yield
    for node in nodes:
        node.run("systemctl", "stop", "ftp")


def test_every_endpoint_is_green_and_ftp_has_its_data(topology: Topology) -> None:
    marked = {name: {**COMMON, **one} for name, one in MARKED.items()}
    declared = {
        "topology_services": {**marked, "files": FTP},
        # Tunnels and FULLNAT would also reach real servers by the management network.
        "topology_networks": ["10.0.0.0/24", "2001:db8:10::/64"],
    }
    given = ("-e", json.dumps(declared))
    assert topology.run(SITE, *given).status == 0
    assert topology.verify(*given) == []
    client = topology.inventory.nodes["client"]
    script = (FTP_SCRIPTS / "client.py").read_text()
    for vip in FTP["vips"]:
        servers = set()
        for _connection in range(2):
            passive, active = json.loads(client.run("python3", "-", vip, stdin=script))
            assert (passive[0], active[0]) == (vip, vip)
            assert passive[1] == active[1]
            servers.add(passive[1])
        assert servers == {"web1", "web2"}
