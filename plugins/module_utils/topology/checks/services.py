# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What services must not do to each other, whatever their modes."""

from __future__ import annotations

from itertools import groupby
from typing import Iterator

from ...ipvs.model import Endpoint, ServiceKey, endpoint
from ...net.ports import overlaps
from ..declaration.model import Virtual
from ..modes.check import TopologyCheck
from ..modes.table import mode_of
from ..paths.path import Path
from ..topology import Topology
from ..violation import Finding


def _unique_service(topology: Topology) -> Iterator[Finding]:
    expected = "each VIP, port and protocol, and each mark, in one service only"
    owners: dict[ServiceKey, str] = {}
    for service in topology.services:
        for key in dict.fromkeys(virtual.service.key for virtual in service.virtuals):
            first = owners.setdefault(key, service.name)
            if first != service.name and key.fwmark:
                got = f"{key}, which the service {first} has as well"
                yield Finding(got, expected, service.name)
    # What has a mark is lost to a service that has no more than the same VIP and port.
    endpoints = [
        (Endpoint(protocol, virtual.text, ports), service.name)
        for service in topology.services
        for virtual in service.virtuals
        for protocol in service.protocols
        for ports in service.ports
    ]
    places = (((one.protocol, one.address), one.ports) for one, _name in endpoints)
    for earlier, later in overlaps(places):
        (first_one, first), (one, name) = endpoints[earlier], endpoints[later]
        if first != name:
            among = "" if one == first_one else f" (among {first_one.ports})"
            got = f"{one}, which the service {first} has as well{among}"
            yield Finding(got, expected, name)


def _unique_real_server(topology: Topology) -> Iterator[Finding]:
    of_virtual: dict[Virtual, dict[tuple[str, int], Path]] = {}
    for virtual, paths in groupby(topology.paths, key=lambda path: path.virtual):
        first = of_virtual.setdefault(virtual, {})
        for path in paths:
            if len(path.rips) != 1:
                continue
            other = first.setdefault((path.rip.text, path.server.port), path)
            if other is not path:
                place = endpoint(path.rip.text, path.server.port)
                yield Finding(
                    f"{place} in {path.server.where} and in {other.server.where}",
                    "each real server's address and port once in a service",
                    path.service.name,
                    path.name,
                )


def _vip_elsewhere(topology: Topology) -> Iterator[Finding]:
    vips = _vips(topology)
    useless: set[tuple[str, object]] | None = None
    # VIPs put on lo or on a dummy by hand, where our own would go, are no reason to stop. But where
    # none of ours would go, nothing keeps the host from answering for them.
    ours = {"lo", topology.options.vip_device}
    directors = set(topology.inventory.directors)
    for node in topology.nodes.values():
        if node.name in directors:
            continue
        for interface in node.interfaces:
            vip = interface.address
            is_ours = vip in node.owned_vips and interface.network.prefixlen == vip.max_prefixlen
            if vip not in vips or is_ours:
                continue
            useless = _useless_vips(topology) if useless is None else useless
            if interface.device not in ours or (node.name, vip) in useless:
                yield Finding(
                    f"the VIP {interface}",
                    "a VIP that no other host has on an interface where it answers for it",
                    vips[vip],
                    node.name,
                )


def _useless_vips(topology: Topology) -> set[tuple[str, object]]:
    """The VIPs of each real server whose services all reach it by its RIP (NAT)."""
    used: set[tuple[str, object]] = set()
    by_rip: set[tuple[str, object]] = set()
    for path in topology.paths:
        group = used if mode_of(path).real_server_has_vip else by_rip
        group.add((path.server.host, path.vip))
    return by_rip - used


def _vip_is_rip(topology: Topology) -> Iterator[Finding]:
    vips = _vips(topology)
    legs = {path.leg for path in topology.paths}
    taken = {leg: [one for one in leg.rips if one.address in vips] for leg in legs}
    for path in topology.paths:
        for rip in taken[path.leg]:
            yield Finding(
                f"the RIP {rip.address}, which is the VIP of the service {vips[rip.address]}",
                "a RIP that is no service's VIP",
                path.service.name,
                path.name,
            )


def _vips(topology: Topology) -> dict[object, str]:
    """Every VIP, with the first service that has it."""
    vips: dict[object, str] = {}
    for service in topology.services:
        for virtual in service.virtuals:
            vips.setdefault(virtual.vip, service.name)
    return vips


CHECKS = (
    TopologyCheck(
        "service.unique",
        "a VIP, port and protocol, and a mark, belong to one service",
        _unique_service,
    ),
    TopologyCheck("real-server.unique", "a real server is once in a service", _unique_real_server),
    TopologyCheck(
        "vip.elsewhere", "no other host answers for a VIP", _vip_elsewhere, is_acceptable=True
    ),
    TopologyCheck("vip.is-rip", "a VIP is not a RIP", _vip_is_rip),
)
