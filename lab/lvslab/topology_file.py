# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads and checks a topology file, and reports all problems at once."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from .checker import Checker
from .errors import LabError
from .topology import Address, Link, Network, Node, Route, Topology

_NODE_NAME = re.compile(r"[a-z]([a-z0-9-]{0,29}[a-z0-9])?")
_INTERFACE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,14}")
_GROUP_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED_NODES = frozenset({"all", "localhost", "switch", "ungrouped", "vm"})
# Last line: devices of the tunnel modules in every network namespace.
_RESERVED_INTERFACES = frozenset(
    {"all", "default", "lo", "mgmt0"}
    | {"tunl0", "gre0", "gretap0", "erspan0", "ip6tnl0", "ip6gre0", "sit0"}
)
_MAX_NODES = 100
_NODE_KEYS = frozenset({"groups", "links", "routes", "forward", "web"})


class TopologyError(LabError):
    """Every problem of one file."""

    def __init__(self, source: str, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{source}: {problem}" for problem in problems))


class _UniqueKeys(yaml.SafeLoader):
    """Refuses equal keys, of which PyYAML silently keeps the last."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002  (PyYAML calls it so)
    ) -> dict[Hashable, Any]:
        """Refuse a mapping with equal keys."""
        keys = [key.value for key, _ in node.value]
        for key, count in Counter(map(str, keys)).items():
            if count > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} appears {count} times", node.start_mark
                )
        return super().construct_mapping(node, deep)


def _network(read: Checker, where: str, name: str, data: object) -> Network:
    read.name(where, name, _INTERFACE_NAME, _RESERVED_INTERFACES)
    fields = read.mapping(where, {} if data is None else data, frozenset({"mtu"}))
    mtu = read.integer(f"{where}.mtu", fields.get("mtu", 1500), 1280, 9000)
    return Network(name, mtu or 1500)


def _link(read: Checker, where: str, network: str, data: object, networks: frozenset[str]) -> Link:
    if network not in networks:
        read.problem(where, f"no such network, there are {', '.join(sorted(networks))}")
    if isinstance(data, list):
        data = {"addresses": data}
    fields = read.mapping(where, data, frozenset({"addresses", "interface"}))
    interface = fields.get("interface", network)
    read.name(f"{where}.interface", interface, _INTERFACE_NAME, _RESERVED_INTERFACES)
    found = [
        read.interface(where, item)
        for item in read.sequence(f"{where}.addresses", fields.get("addresses", []))
    ]
    return Link(network, str(interface), tuple(item for item in found if item))


def _routes(read: Checker, where: str, data: object, links: tuple[Link, ...]) -> tuple[Route, ...]:
    """Return one gateway for each destination and family; `default` may have both families."""
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


def _node(read: Checker, where: str, name: str, data: object, networks: frozenset[str]) -> Node:
    read.name(where, name, _NODE_NAME, _RESERVED_NODES)
    fields = read.mapping(where, data, _NODE_KEYS)
    groups = read.sequence(f"{where}.groups", fields.get("groups", []))
    for group in groups:
        read.name(f"{where}.groups", group, _GROUP_NAME, _RESERVED_NODES)
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


def _whole(read: Checker, nodes: list[Node]) -> None:
    """Check the nodes together."""
    if not 1 <= len(nodes) <= _MAX_NODES:
        read.problem("nodes", f"there must be 1 to {_MAX_NODES}, there are {len(nodes)}")
    owners: dict[tuple[str, Address], str] = {}
    for node in nodes:
        for link in node.links:
            for address in link.addresses:
                other = owners.setdefault((link.network, address.ip), node.name)
                if other != node.name:
                    read.problem(
                        f"nodes.{node.name}.links.{link.network}",
                        f"{address.ip} already belongs to {other}",
                    )
    names = {node.name for node in nodes}
    for group in sorted({group for node in nodes for group in node.groups} & names):
        read.problem("nodes", f"{group!r} is the name of a node and of a group")


def parse(text: str, source: str) -> Topology:
    """Parse a file's text; `source` is its name in messages."""
    try:
        data = yaml.load(text, _UniqueKeys)  # noqa: S506  (a SafeLoader)
    except yaml.YAMLError as error:
        raise TopologyError(source, [f"not valid YAML: {' '.join(str(error).split())}"]) from error
    read = Checker()
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
    """Read a file."""
    try:
        text = path.read_text()
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}") from error
    return parse(text, str(path))
