# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: the lvs.topology authors
"""The topology file: parsed and validated as a whole, every problem reported at once."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .errors import LabError

Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NODE_NAME = re.compile(r"[a-z]([a-z0-9-]{0,29}[a-z0-9])?")
INTERFACE_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,14}")
GROUP_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RESERVED_NODES = frozenset({"all", "localhost", "ungrouped", "vm"})
RESERVED_INTERFACES = frozenset({"all", "default", "lo", "mgmt0"})
MANAGEMENT = ipaddress.ip_network("10.0.2.0/24")
MAX_NODES = 100


class TopologyError(LabError):
    """Every problem of one file."""

    def __init__(self, source: str, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))


@dataclass(frozen=True)
class Network:
    name: str
    mtu: int = 1500


@dataclass(frozen=True)
class Link:
    network: str
    interface: str
    addresses: tuple[Interface, ...]


@dataclass(frozen=True)
class Route:
    destination: str
    gateway: Address


@dataclass(frozen=True)
class Node:
    name: str
    groups: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    routes: tuple[Route, ...] = ()
    forward: bool = False
    web: tuple[int, ...] = ()


@dataclass(frozen=True)
class Topology:
    networks: tuple[Network, ...]
    nodes: tuple[Node, ...]

    def node(self, name: str) -> Node:
        for node in self.nodes:
            if node.name == name:
                return node
        known = ", ".join(node.name for node in self.nodes)
        raise LabError(f"no node {name!r} in this topology: it has {known}")


class _UniqueKeys(yaml.SafeLoader):
    """PyYAML keeps the last of two equal keys in silence: a node would vanish."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        for key, count in Counter(map(str, keys)).items():
            if count > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is there {count} times", node.start_mark
                )
        return super().construct_mapping(node, deep)


class _Reader:
    """Takes plain data apart, and notes each problem under the key where it was found."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def problem(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")

    def mapping(
        self, where: str, data: object, keys: frozenset[str] | None = None
    ) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.problem(where, "must be a mapping")
            return {}
        for key in data:
            if keys is not None and key not in keys:
                self.problem(f"{where}.{key}", f"unknown key, known are {', '.join(sorted(keys))}")
        return {str(key): value for key, value in data.items()}

    def sequence(self, where: str, data: object) -> list[Any]:
        if not isinstance(data, list):
            self.problem(where, "must be a list")
            return []
        return data

    def integer(self, where: str, data: object, low: int, high: int) -> int | None:
        if isinstance(data, bool) or not isinstance(data, int) or not low <= data <= high:
            self.problem(where, f"must be a whole number from {low} to {high}, is {data!r}")
            return None
        return data

    def boolean(self, where: str, data: object) -> bool:
        if not isinstance(data, bool):
            self.problem(where, f"must be true or false, is {data!r}")
            return False
        return data

    def name(
        self, where: str, data: object, pattern: re.Pattern[str], reserved: frozenset[str]
    ) -> bool:
        if not isinstance(data, str) or not pattern.fullmatch(data):
            self.problem(where, f"{data!r} is not a name like {pattern.pattern}")
        elif data in reserved:
            self.problem(where, f"{data!r} is reserved")
        else:
            return True
        return False

    def interface(self, where: str, data: object) -> Interface | None:
        try:
            found = ipaddress.ip_interface(data if isinstance(data, str) else "")
        except ValueError:
            self.problem(where, f"{data!r} is not an address with a prefix length")
            return None
        if "/" not in str(data):
            self.problem(where, f"{data!r} has no prefix length")
        elif found.version == 4 and found.network.overlaps(MANAGEMENT):
            self.problem(where, f"{found} lies in {MANAGEMENT}, the network of the lab itself")
        elif found.network.num_addresses > 2 and found.ip == found.network.network_address:
            self.problem(where, f"{found} is the address of the network itself")
        elif (
            found.network.num_addresses > 2
            and found.version == 4
            and found.ip == found.network.broadcast_address
        ):
            self.problem(where, f"{found} is the broadcast address")
        else:
            return found
        return None

    def address(self, where: str, data: object) -> Address | None:
        try:
            return ipaddress.ip_address(data if isinstance(data, str) else "")
        except ValueError:
            self.problem(where, f"{data!r} is not an address")
            return None


def _network(read: _Reader, where: str, name: str, data: object) -> Network:
    read.name(where, name, INTERFACE_NAME, RESERVED_INTERFACES)
    fields = read.mapping(where, {} if data is None else data, frozenset({"mtu"}))
    mtu = read.integer(f"{where}.mtu", fields.get("mtu", 1500), 1280, 9000)
    return Network(name, mtu or 1500)


def _link(read: _Reader, where: str, network: str, data: object, networks: frozenset[str]) -> Link:
    if network not in networks:
        read.problem(where, f"no such network, there are {', '.join(sorted(networks))}")
    if isinstance(data, list):
        data = {"addresses": data}
    fields = read.mapping(where, data, frozenset({"addresses", "interface"}))
    interface = fields.get("interface", network)
    read.name(f"{where}.interface", interface, INTERFACE_NAME, RESERVED_INTERFACES)
    found = [
        read.interface(where, item)
        for item in read.sequence(f"{where}.addresses", fields.get("addresses", []))
    ]
    return Link(network, str(interface), tuple(item for item in found if item))


def _routes(read: _Reader, where: str, data: object, links: tuple[Link, ...]) -> tuple[Route, ...]:
    """One gateway for each destination and family; `default` may have one of each family."""
    routes = []
    for destination, gateways in read.mapping(where, data).items():
        key = f"{where}.{destination}"
        target = None
        if destination != "default":
            try:
                target = ipaddress.ip_network(destination)
            except ValueError:
                read.problem(key, "is neither `default` nor a network")
                continue
        versions = set()
        for item in gateways if isinstance(gateways, list) else [gateways]:
            gateway = read.address(key, item)
            if gateway is None:
                continue
            if target is not None and target.version != gateway.version:
                read.problem(key, f"{gateway} is of the other family")
            elif gateway.version in versions:
                read.problem(key, f"more than one gateway for IPv{gateway.version}")
            elif not any(
                gateway in address.network for link in links for address in link.addresses
            ):
                read.problem(key, f"the gateway {gateway} is on none of the node's links")
            versions.add(gateway.version)
            routes.append(Route(destination, gateway))
    return tuple(routes)


NODE_KEYS = frozenset({"groups", "links", "routes", "forward", "web"})


def _node(read: _Reader, where: str, name: str, data: object, networks: frozenset[str]) -> Node:
    read.name(where, name, NODE_NAME, RESERVED_NODES)
    fields = read.mapping(where, data, NODE_KEYS)
    groups = read.sequence(f"{where}.groups", fields.get("groups", []))
    for group in groups:
        read.name(f"{where}.groups", group, GROUP_NAME, RESERVED_NODES)
    links = tuple(
        _link(read, f"{where}.links.{network}", network, value, networks)
        for network, value in read.mapping(f"{where}.links", fields.get("links", {})).items()
    )
    for interface, count in Counter(link.interface for link in links).items():
        if count > 1:
            read.problem(f"{where}.links", f"{count} links with the interface name {interface!r}")
    ports = [
        read.integer(f"{where}.web", port, 1, 65535)
        for port in read.sequence(f"{where}.web", fields.get("web", []))
    ]
    return Node(
        name=name,
        groups=tuple(map(str, groups)),
        links=links,
        routes=_routes(read, f"{where}.routes", fields.get("routes", {}), links),
        forward=read.boolean(f"{where}.forward", fields.get("forward", False)),
        web=tuple(port for port in ports if port),
    )


def _whole(read: _Reader, nodes: list[Node]) -> None:
    """What only shows when all nodes are seen together."""
    if not 1 <= len(nodes) <= MAX_NODES:
        read.problem("nodes", f"there must be 1 to {MAX_NODES}, there are {len(nodes)}")
    owners: dict[tuple[str, Address], str] = {}
    for node in nodes:
        for link in node.links:
            for address in link.addresses:
                other = owners.setdefault((link.network, address.ip), node.name)
                if other != node.name:
                    read.problem(
                        f"nodes.{node.name}.links.{link.network}",
                        f"{address.ip} is {other}'s already",
                    )
    names = {node.name for node in nodes}
    for group in sorted({group for node in nodes for group in node.groups} & names):
        read.problem("nodes", f"{group!r} is the name of a node and of a group")


def parse(text: str, source: str) -> Topology:
    try:
        data = yaml.load(text, _UniqueKeys)  # noqa: S506  (a SafeLoader)
    except yaml.YAMLError as error:
        raise TopologyError(source, [f"not valid YAML: {error}"]) from error
    read = _Reader()
    top = read.mapping("the file", data, frozenset({"networks", "nodes"}))
    networks = [
        _network(read, f"networks.{name}", name, value)
        for name, value in read.mapping("networks", top.get("networks", {})).items()
    ]
    known = frozenset(network.name for network in networks)
    nodes = [
        _node(read, f"nodes.{name}", name, value, known)
        for name, value in read.mapping("nodes", top.get("nodes", {})).items()
    ]
    _whole(read, nodes)
    if read.problems:
        raise TopologyError(source, read.problems)
    return Topology(tuple(networks), tuple(nodes))


def load(path: Path) -> Topology:
    try:
        text = path.read_text()
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}") from error
    return parse(text, str(path))
