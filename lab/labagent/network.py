# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks, and a node's interfaces and static configuration at boot."""

from __future__ import annotations

import json
from pathlib import Path

from .lab import Lab, Node
from .shell import ip, run

_BRIDGE_FILTER = "/proc/sys/net/bridge/bridge-nf-call-*"


def make_switch(lab: Lab) -> None:
    """Make one bridge for each network; the machine's firewall does not filter them."""
    run("ip", "netns", "add", lab.switch)
    ip(
        [
            f"link add {network['name']} mtu {network['mtu']} up type bridge"
            " stp_state 0 forward_delay 0 mcast_snooping 0"
            for network in lab.plan["networks"]
        ],
        lab.switch,
    )
    script = f"for file in {_BRIDGE_FILTER}; do [ ! -e $file ] || echo 0 > $file; done"
    run("ip", "netns", "exec", lab.switch, "sh", "-c", script)


def make_network(lab: Lab, node: Node) -> None:
    """Make the node's namespace with its interfaces, addresses and routes."""
    namespace = lab.name(node)
    run("ip", "netns", "add", namespace)
    _plug_into_management(lab, node)
    connect(lab, node)
    address = node["management"]["address"]
    ip(["link set lo up", f"address add {address} dev mgmt0", "link set mgmt0 up"], namespace)


def connect(lab: Lab, node: Node) -> None:
    """Give the node its interfaces in the lab's networks, their addresses, and routes."""
    namespace = lab.name(node)
    _plug_into_networks(lab, node)
    _set_forwarding(node, namespace)
    inside = []
    for link in node["links"]:
        # nodad: skip duplicate detection, which takes a second.
        inside += [
            f"address add {address} dev {link['interface']}{' nodad' if ':' in address else ''}"
            for address in link["addresses"]
        ]
        inside.append(f"link set {link['interface']} up")
    ip(inside, namespace)
    # Only now: the kernel refuses an IPv6 route while its interface is down.
    ip([f"route add {r['destination']} via {r['gateway']}" for r in node["routes"]], namespace)


def disconnect(lab: Lab, node: Node) -> None:
    """Undo connect(): the interfaces take addresses and routes along."""
    ip([f"link delete {link['interface']}" for link in node["links"]], lab.name(node))


def _management_port(lab: Lab, node: Node) -> str:
    return f"{lab.plan['management']['port']}{node['number']}"


def _port(node: Node, index: int | str) -> str:
    """Return the name of the switch's end of a link; names of bridges have no dot."""
    return f"p{node['number']}.{index}"


def _plug_into_management(lab: Lab, node: Node) -> None:
    management = lab.plan["management"]
    port = _management_port(lab, node)
    peer = f"mgmt0 netns {lab.name(node)} address {node['management']['mac']}"
    ip([f"link add {port} master {management['bridge']} up type veth peer name {peer}"])


def _plug_into_networks(lab: Lab, node: Node) -> None:
    inside, outside = [], []
    for index, link in enumerate(node["links"]):
        port, mtu = _port(node, index), link["mtu"]
        inside.append(
            f"link add {link['interface']} address {link['mac']} mtu {mtu}"
            f" type veth peer name {port} mtu {mtu} netns {lab.switch}"
        )
        outside.append(f"link set {port} master {link['network']} up")
    ip(inside, lab.name(node))
    ip(outside, lab.switch)


def _set_forwarding(node: Node, namespace: str) -> None:
    """Set forwarding before the links come up, because interfaces read it then."""
    forward = int(node["forward"])
    settings = (
        f"net.ipv4.ip_forward={forward}",
        f"net.ipv6.conf.all.forwarding={forward}",
        "net.ipv6.conf.mgmt0.disable_ipv6=1",
    )
    run("ip", "netns", "exec", namespace, "sysctl", "-qw", *settings)


def drop_network(lab: Lab, node: Node) -> None:
    """Remove everything of make_network() that exists."""
    # A namespace's interfaces vanish some time after it. Until then their other ends keep their
    # names, which a recreated node needs. Deleting one end removes the other at once.
    port = _management_port(lab, node)
    if Path("/sys/class/net", port).exists():
        ip([f"link delete {port}"])
    if Path("/run/netns", lab.switch).exists():
        there = json.loads(run("ip", "-n", lab.switch, "-json", "link", "show", "type", "veth"))
        mine = [link["ifname"] for link in there if link["ifname"].startswith(_port(node, ""))]
        ip([f"link delete {name}" for name in mine], lab.switch)
    _drop_namespace(lab.name(node))


def drop_switch(lab: Lab) -> None:
    """Remove all bridges."""
    _drop_namespace(lab.switch)


def _drop_namespace(name: str) -> None:
    if Path("/run/netns", name).exists():
        run("ip", "netns", "delete", name)
