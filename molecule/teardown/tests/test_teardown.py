# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of a topology: created, changed, removed in part and whole, in this order."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from scenario.node import Node
from scenario.snapshot import Snapshot, differences, take
from scenario.steady import requests
from scenario.topology import Topology

TEARDOWN = "lvs.topology.teardown"

NOTHING_YET = {
    "site": (),
    "migrate": ("-e", "service=web"),
    "teardown": (),
    "rolling": ("-e", "rolling_tasks=/dev/null"),
}

# Foreign resources, some of which the kernel cannot tell from ours.
FOREIGN = """
sysctl -qw net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.mgmt0.forwarding=1 \
  net.ipv6.conf.mgmt0.forwarding=1 net.ipv4.conf.inside.send_redirects=0
nft 'table inet others { chain c { type filter hook input priority 0; tcp dport 9 drop; }; }'
ip route add blackhole 203.0.113.0/24
"""
FOREIGN_SERVICE = """
sysctl -qw net.ipv4.vs.sloppy_tcp=1
ipvsadm -A -t 10.0.0.99:9999 -s rr && ipvsadm -a -t 10.0.0.99:9999 -r 10.0.0.11:9999 -g -w 7
"""
LEFTOVERS = {
    "sysctls": "sysctl -qw net.ipv4.conf.all.arp_announce=1",
    "addresses": "ip address add 10.0.0.77/32 dev lo",
    "contents": "echo leftover >> /etc/motd",
}
CLEAN_UP = """
sysctl -qw net.ipv4.conf.all.arp_announce=0
ip address delete 10.0.0.77/32 dev lo
sed -i '/^leftover$/d' /etc/motd
"""

WEB, NAT, FULL = ("10.0.0.100", 80), ("10.0.0.101", 8083), ("10.0.0.102", 80)
TUN, STATIC, NEW = ("10.0.0.103", 81), ("10.0.0.104", 82), ("10.0.0.105", 80)


@pytest.fixture(scope="module")
def nodes(topology: Topology) -> Mapping[str, Node]:
    """The nodes that the collection manages."""
    return {name: node for name, node in topology.inventory.nodes.items() if name != "client"}


@pytest.fixture(scope="module")
def before(nodes: Mapping[str, Node]) -> dict[str, Snapshot]:
    """Every node before the first run, with the foreign resources."""
    for node in nodes.values():
        node.run("sh", "-ec", FOREIGN)
    nodes["director"].run("sh", "-ec", FOREIGN_SERVICE)
    return take(nodes)


@pytest.fixture(scope="module")
def changed(topology: Topology, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A changed declaration of the first services."""
    services = copy.deepcopy(dict(topology.inventory.services))
    services["web"]["vips"] = [WEB[0], NEW[0]]
    services["web-nat"]["real_servers"][0]["weight"] = 3
    services["web-full"]["real_servers"] = [{"host": "web2"}, {"host": "web1", "weight": 2}]
    services["web-tun"]["real_servers"] = [{"host": "web1"}]
    file = tmp_path_factory.mktemp("changed") / "services.json"
    file.write_text(json.dumps({"topology_services": services}))
    return file


def test_check_mode_leaves_hosts_alone_that_have_nothing_yet(
    topology: Topology, nodes: Mapping[str, Node], before: Mapping[str, Snapshot]
) -> None:
    for playbook, given in NOTHING_YET.items():
        run = topology.run(f"lvs.topology.{playbook}", "--check", *given)
        # Nothing to drain, and rolling.yml says so.
        assert (run.status != 0) == (playbook == "rolling")
        assert run.changed == (set(nodes) if playbook in ("site", "migrate") else set())
    after = take(nodes)
    assert {name: differences(before[name], after[name]) for name in nodes} == {
        name: {} for name in nodes
    }


def test_the_topology_is_made(
    topology: Topology, nodes: Mapping[str, Node], before: Mapping[str, Snapshot]
) -> None:
    made = topology.converge()
    assert (made.status, made.changed) == (0, set(nodes))
    after = take(nodes)
    # The comparison would see a difference.
    found = [set(differences(before[name], after[name])) for name in nodes]
    assert set.union(*found) == set(before["web1"])


def test_a_change_costs_no_request(
    topology: Topology, nodes: Mapping[str, Node], client: Node, changed: Path
) -> None:
    everything = [WEB, NAT, FULL, TUN, STATIC]
    with requests(client, everything, long_lived=[WEB, NAT, FULL, STATIC]) as seen:
        run = topology.converge("-e", f"@{changed}")
    assert run.status == 0
    assert seen.failures == []
    assert {name: set(each) for name, each in seen.answered.items()} == {
        f"{host} port {port}": {"web1", "web2"} for host, port in everything
    }
    addresses = {name: nodes[name].run("ip", "address", "show") for name in nodes}
    # The VIPs of the service without web2, and of the removed service.
    assert [TUN[0] in addresses[name] for name in ("web1", "web2")] == [True, False]
    assert not any("2001:db8:10::100" in one for one in addresses.values())
    with requests(client, [NEW, TUN]) as seen:
        pass
    assert seen.failures == []
    assert [set(each) for each in seen.answered.values()] == [{"web1", "web2"}, {"web1"}]


def test_a_service_and_a_host_are_taken_down(
    topology: Topology,
    nodes: Mapping[str, Node],
    before: Mapping[str, Snapshot],
    client: Node,
    changed: Path,
) -> None:
    arguments = ["-e", f"@{changed}", "-e", "service=web-nat host=web2 teardown_drain=true"]
    with requests(client, [WEB, FULL, TUN, STATIC], long_lived=[TUN]) as seen:
        run = topology.run(TEARDOWN, *arguments)
    assert (run.status, seen.failures) == (0, [])
    for sentence in (
        "service web-nat stops: tcp 10.0.0.101:8083",
        "service web-full goes on without web2: web1 stay",
    ):
        assert sentence in run.output
    web2 = {"web2": nodes["web2"]}
    assert differences(before["web2"], take(web2)["web2"]) == {}
    table = nodes["director"].run("ipvsadm", "-Sn")
    assert not any(gone in table for gone in ("10.0.0.101", "10.0.0.12:"))
    assert "10.0.0.99:9999" in table


def test_everything_is_taken_down(
    topology: Topology, nodes: Mapping[str, Node], before: Mapping[str, Snapshot], tmp_path: Path
) -> None:
    predicted = topology.run(TEARDOWN, "--check")
    assert predicted.changed == {"director", "router", "web1"}

    away = tmp_path / "away.json"
    away.write_text(json.dumps({"all": {"hosts": {"web1": {"ansible_port": 1}}}}))
    without = topology.run(TEARDOWN, "-i", str(away))
    assert without.status != 0
    assert "web1 could not be reached" in without.output
    assert without.changed == {"director", "router"}

    rest = topology.run(TEARDOWN)
    assert (rest.status, rest.changed) == (0, {"web1"})
    assert shown(predicted.output) == shown(without.output) | shown(rest.output)
    after = take(nodes)
    assert {name: differences(before[name], after[name]) for name in nodes} == {
        name: {} for name in nodes
    }


def test_the_comparison_finds_what_is_left(
    nodes: Mapping[str, Node], before: Mapping[str, Snapshot]
) -> None:
    for command in LEFTOVERS.values():
        nodes["web1"].run("sh", "-ec", command)
    found = differences(before["web1"], take({"web1": nodes["web1"]})["web1"])
    nodes["web1"].run("sh", "-ec", CLEAN_UP)
    assert set(found) >= set(LEFTOVERS)


def shown(output: str) -> set[str]:
    """The lines of all diffs, without the commas between items."""
    lines = (line.rstrip(", ") for line in output.splitlines())
    return {line for line in lines if line[:1] in "+-" and line[1:2] == " "}
