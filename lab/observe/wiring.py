# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which node owns which MAC address, and which interface of a node faces an address."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .errors import ObserveError
from .node import Node


@dataclass(frozen=True)
class Interface:
    """A node's interface."""

    name: str
    mac: str
    addresses: tuple[ipaddress.IPv4Interface | ipaddress.IPv6Interface, ...]


@dataclass(frozen=True)
class Wiring:
    """The interfaces of all nodes."""

    interfaces: Mapping[str, tuple[Interface, ...]]

    def owner(self, mac: str) -> str:
        """Name the node that a MAC address belongs to; a stranger's stays as it is."""
        for node, interfaces in self.interfaces.items():
            if any(interface.mac == mac for interface in interfaces):
                return node
        return mac

    def facing(self, node: str, address: str) -> str:
        """Name the node's interface in the same network as an address."""
        wanted = ipaddress.ip_address(address)
        for interface in self.interfaces[node]:
            if any(wanted in each.network and wanted != each.ip for each in interface.addresses):
                return interface.name
        raise ObserveError(f"{node} has no interface in the network of {address}")

    def addresses(self, node: str) -> frozenset[str]:
        """List a node's addresses."""
        return frozenset(
            str(address.ip) for each in self.interfaces[node] for address in each.addresses
        )


def read(nodes: Iterable[Node]) -> Wiring:
    """Ask all nodes at once."""
    nodes = list(nodes)
    with ThreadPoolExecutor(len(nodes)) as pool:
        answers = pool.map(lambda node: node.run("ip", "-json", "address", "show"), nodes)
    return Wiring({node.name: parse(answer) for node, answer in zip(nodes, answers, strict=True)})


def parse(text: str) -> tuple[Interface, ...]:
    """Read the output of `ip -json address show`."""
    return tuple(
        Interface(
            name=link["ifname"],
            mac=link.get("address", ""),
            addresses=tuple(
                ipaddress.ip_interface(f"{each['local']}/{each['prefixlen']}")
                for each in link.get("addr_info", ())
                if "local" in each
            ),
        )
        for link in json.loads(text)
        if link.get("link_type") == "ether"
    )
