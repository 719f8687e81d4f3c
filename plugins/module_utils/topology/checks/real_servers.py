# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What the module real_server would refuse, as far as facts tell it before any host is changed."""

from __future__ import annotations

from typing import Iterator

from ...host.sysctl.rules import ALL, arp_suppression, conflict
from ...net.addresses import HOST_PREFIX, IPAddress, family
from ..modes.check import TopologyCheck
from ..modes.table import mode_of
from ..paths.facts import Node
from ..topology import Topology
from ..violation import Finding

_LOOPBACK, _DUMMY = "lo", "dummy"


def _vip_device(topology: Topology) -> Iterator[Finding]:
    device = topology.options.vip_device
    for node, _vips in _with_vips(topology):
        kind = node.kinds.get(device)
        if device != _LOOPBACK and kind not in (None, _DUMMY):
            yield Finding(
                f"topology_vip_device: {device}, which is there"
                + (f" ({kind})" if kind else " and is no dummy device"),
                f"{_LOOPBACK}, a dummy device, or a name that no interface has",
                host=node.name,
            )


def _vip_place(topology: Topology) -> Iterator[Finding]:
    device = topology.options.vip_device
    for node, vips in _with_vips(topology):
        for one in node.interfaces:
            service = vips.get(one.address)
            # Elsewhere it is in the way of more than a module: vip.elsewhere.
            if service is None or one.device not in (_LOOPBACK, device):
                continue
            own = f"{one.address}/{HOST_PREFIX[family(one.address)]}"
            is_alone = str(one.at) == own
            is_in_place = is_alone and (one.device == device or one.address in node.owned_vips)
            if not is_in_place:
                yield Finding(
                    f"the VIP {one}",
                    f"{own} on {device}, or none, as this run adds it: ip address delete {one.at} "
                    f"dev {one.device}",
                    service,
                    node.name,
                )


def _arp_interfaces(topology: Topology) -> Iterator[Finding]:
    for node, vips in _with_vips(topology, arp=True):
        if "ipv4" not in map(family, vips):
            continue
        for name in topology.options.arp_interfaces:
            if name != ALL and name not in node.kinds:
                yield Finding(
                    f"topology_arp_interfaces: {name}",
                    f"{ALL}, or interfaces of the host: {', '.join(node.kinds)}",
                    host=node.name,
                )
                continue
            for setting in arp_suppression(name):
                other = conflict(setting, node.sysctls) if setting.key in node.sysctls else ""
                if other:
                    yield Finding(
                        f"{other.replace('/', '.')}: {node.sysctls[other]}, which overrules what "
                        f"{setting.key.replace('/', '.')} gets (the larger counts)",
                        " or ".join(setting.accepted),
                        host=node.name,
                    )


def _with_vips(
    topology: Topology, *, arp: bool = False
) -> Iterator[tuple[Node, dict[IPAddress, str]]]:
    """Each real server that gets VIPs (and is silent about them), and the service of each."""
    found: dict[str, dict[IPAddress, str]] = {}
    for path in topology.paths:
        mode = mode_of(path)
        is_meant = mode.suppresses_arp(path.service) if arp else mode.real_server_has_vip
        if path.node and is_meant:
            found.setdefault(path.node.name, {}).setdefault(path.vip, path.service.name)
    for name, vips in found.items():
        yield topology.nodes[name], vips


CHECKS = (
    TopologyCheck(
        "real-server.vip-device", "VIPs of real servers are on lo or on a dummy device", _vip_device
    ),
    TopologyCheck(
        "real-server.vip-place", "a VIP that a real server has is as we would add it", _vip_place
    ),
    TopologyCheck(
        "real-server.arp-interfaces",
        "ARP can be suppressed where that is asked for",
        _arp_interfaces,
    ),
)
