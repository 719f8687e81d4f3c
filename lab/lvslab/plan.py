# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: a topology in full detail, for the agent on the nodes' machine."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from .topology import Network, Node, Topology

FIRST_NODE = 101


@dataclass(frozen=True)
class Placement:
    """Where the nodes run: the differences between the virtual machine and the user's host."""

    tree: PurePosixPath
    store: PurePosixPath
    management: ipaddress.IPv4Network
    bridge: str
    bridge_port: str
    prefix: str = ""

    def address(self, number: int) -> ipaddress.IPv4Address:
        """Return the management address of the node with this number."""
        return self.management[FIRST_NODE + number]


# QEMU's user network: the machine is 10.0.2.15, and the image makes its bridge `mgmt`.
IN_VM = Placement(
    tree=PurePosixPath("/"),
    store=PurePosixPath("/var/lib/lab"),
    management=ipaddress.IPv4Network("10.0.2.0/24"),
    bridge="mgmt",
    bridge_port="m",
)


def mac(*names: str) -> str:
    """Return a locally administered MAC address, the same for the same names on every run."""
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return ":".join(f"{byte:02x}" for byte in b"\x02" + digest[:5])


def _hosts(topology: Topology) -> str:
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
    for node in topology.nodes:
        addresses = [address for link in node.links for address in link.addresses]
        for version in (4, 6):
            first = next((item for item in addresses if item.version == version), None)
            if first is not None:
                lines.append(f"{first.ip} {node.name}")
    return "".join(f"{line}\n" for line in lines)


def _node(node: Node, number: int, mtus: dict[str, int], place: Placement) -> dict[str, Any]:
    return {
        "name": node.name,
        "number": number,
        "machine_id": hashlib.sha256(f"machine-id/{node.name}".encode()).hexdigest()[:32],
        "forward": node.forward,
        "web": list(node.web),
        "management": {
            "mac": mac(place.prefix, node.name, "management"),
            "address": f"{place.address(number)}/{place.management.prefixlen}",
        },
        "links": [
            {
                "network": link.network,
                "interface": link.interface,
                "mtu": mtus[link.network],
                "mac": mac(node.name, link.network),
                "addresses": [str(address) for address in link.addresses],
            }
            for link in node.links
        ],
        "routes": [
            {"destination": route.destination, "gateway": str(route.gateway)}
            for route in node.routes
        ],
    }


def make_plan(topology: Topology, place: Placement) -> dict[str, Any]:
    """Make the topology's plan for this placement."""
    networks: tuple[Network, ...] = topology.networks
    mtus = {network.name: network.mtu for network in networks}
    return {
        "tree": str(place.tree),
        "store": str(place.store),
        "prefix": place.prefix,
        "management": {"bridge": place.bridge, "port": place.bridge_port},
        "networks": [{"name": network.name, "mtu": network.mtu} for network in networks],
        "hosts": _hosts(topology),
        "nodes": [_node(node, number, mtus, place) for number, node in enumerate(topology.nodes)],
    }
