# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A neighbour that learnt a VIP from a real server gets the right entry after the repair."""

from scenario.faults import expect
from scenario.node import Node
from scenario.topology import Topology

VIP, ROUTER = "10.0.0.100", "10.0.0.1"
# With arp_announce 0 a real server asks for the router's MAC address with the VIP as sender.
ASKS_IN_THE_NAME_OF_THE_VIP = f"""
sysctl -qw net.ipv4.conf.all.arp_announce=0
ip neighbour flush to {ROUTER}
ping -c 1 -W 1 -I {VIP} {ROUTER}
"""


def test_router_is_told_who_has_the_vip(topology: Topology) -> None:
    nodes = topology.inventory.nodes
    router = nodes["router"]
    router.run("ping", "-c", "1", VIP)
    nodes["web1"].run("sh", "-ec", ASKS_IN_THE_NAME_OF_THE_VIP)
    expect(_learnt(router), _mac(nodes["web1"]), "MAC address of the VIP, as the router has it")
    expect(topology.converge().changed, {"web1"}, "hosts changed by site.yml")
    expect(_learnt(router), _mac(nodes["director"]), "MAC address of the VIP, after site.yml")


def _learnt(node: Node) -> str:
    """Return the MAC address, or none while the node waits for an answer."""
    words = node.run("ip", "neighbour", "show", "to", VIP).split()
    return words[words.index("lladdr") + 1] if "lladdr" in words else ""


def _mac(node: Node) -> str:
    return node.run("cat", "/sys/class/net/inside/address").strip()
