# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""FULLNAT: NAT in which the director puts an address of its own in place of the client's."""

from __future__ import annotations

from typing import Any, Iterator, NamedTuple

from ...ipvs.model import MASQ
from ...net.addresses import MAX_PORT, alone, family
from ..declaration.model import Shape
from ..paths.path import Dip, Path
from ..paths.routed import Routed
from ..routing.flow import Flow
from ..routing.routes import UNICAST
from ..topology import Topology
from ..violation import Finding
from .addresses import routed
from .check import PathCheck, check_once_per_leg
from .mode import Additions, Demand, Mode

PROTOCOLS = ("tcp", "udp")
# What nf_nat_l4proto_unique_tuple() in net/netfilter/nf_nat_core.c chooses from for a client's port
# of 1024 and above, when that port itself is taken.
_PORTS = MAX_PORT - 1024 + 1


def capacity(lips: int) -> int:
    """How many connections these many local addresses can have to one real server and port."""
    return lips * _PORTS


def _protocol(path: Path, _topology: Topology) -> Iterator[Finding]:
    for protocol in path.service.protocols:
        if protocol not in PROTOCOLS:
            yield Finding(
                f"protocol {protocol}",
                f"{' or '.join(PROTOCOLS)}: source addresses of others are not translated (NAT, DR "
                "and TUN leave them alone)",
            )


def _port_of_all(path: Path, _topology: Topology) -> Iterator[Finding]:
    if path.service.fwmark:
        return
    for what, port in (("service", path.service.port), ("real server", path.server.port)):
        if not port:
            yield Finding(
                f"port 0 of the {what}",
                "a port: requests are found by it when their source is translated",
            )


def _one_packet(path: Path, _topology: Topology) -> Iterator[Finding]:
    if path.virtual.service.one_packet:
        yield Finding(
            "one_packet: true",
            "false: without a connection there is nothing by which a reply finds its client",
        )


def _conntrack_on(_path: Path, topology: Topology) -> Iterator[Finding]:
    declared = topology.options.settings.get("sysctls", {}).get("conntrack")
    if declared is not None and str(declared) != "1":
        yield Finding(
            f"topology_settings.sysctls.conntrack: {declared}",
            "1, or no value: sources are translated by connection tracking",
        )


class _Astray(NamedTuple):
    """Replies that do not come to a director, or may not."""

    lip: str
    refusal: str  # the route that says so; "" = there is none
    doubts: tuple[str, ...]  # what else decides; none = it is certain


def _astray(path: Path) -> Iterator[_Astray]:
    if path.node is None:
        return
    for dip in path.dips:
        for lip in sorted({dip.lips.first, dip.lips.last}, key=int):
            vrf = path.node.vrfs.get(path.rip.device, "")
            ways = path.node.ways(Flow(alone(lip), path.rip.address, vrf=vrf, mark=None))
            wrong = [one for one in ways.answers if not any(each.kind == UNICAST for each in one)]
            if wrong:
                is_certain = len(wrong) == len(ways.answers) and not ways.unread
                refusal = f" but {wrong[0][0]}" if wrong[0] else ""
                name = f"the LIP {lip} of {dip.director.name}"
                yield _Astray(name, refusal, () if is_certain else ways.doubts)


@check_once_per_leg
def _return_route(path: Path, _topology: Topology) -> Iterator[Finding]:
    for one in _astray(path):
        if not one.doubts:
            yield Finding(
                f"no route to {one.lip}{one.refusal}", "a route by which it answers the director"
            )


def _doubts(path: Path, _topology: Topology) -> Iterator[str]:
    for one in _astray(path):
        if one.doubts:
            yield (
                f"it cannot be told whether there is a route to {one.lip}: it depends on "
                f"{', '.join(one.doubts)}"
            )


@check_once_per_leg
def _lip_is_vip(path: Path, topology: Topology) -> Iterator[Finding]:
    for dip in path.dips:
        for lip in dip.lips.addresses:
            if lip in topology.vips:
                yield Finding(
                    f"the LIP {lip}, which is a VIP",
                    "a LIP of its own: a translated port could be that of a service",
                )


@check_once_per_leg
def _lip_of_one(path: Path, topology: Topology) -> Iterator[Finding]:
    if topology.options.high_availability:
        return  # they move
    owners: dict[object, str] = {}
    for dip in path.dips:
        for lip in dip.lips.addresses:
            first = owners.setdefault(lip, dip.director.name)
            if first != dip.director.name:
                yield Finding(
                    f"the LIP {lip} of {first} and of {dip.director.name}",
                    "different LIPs for each director (topology_lips): a reply goes to the "
                    "director with its LIP",
                )
                return


def _enough_ports(path: Path, _topology: Topology) -> Iterator[Finding]:
    threshold = path.server.settings.upper_threshold
    for dip in path.dips if threshold else ():
        room = capacity(dip.lips.size)
        if threshold > room:
            yield Finding(
                f"upper_threshold: {threshold}, with {dip.lips.size} LIP on {dip.director.name}",
                f"at most {room}, the source ports that there are; or more LIPs (topology_lips)",
            )


_CHECKS = (
    *routed("fullnat"),
    PathCheck("fullnat.protocol", "sources of this protocol are translated", _protocol),
    PathCheck(
        "fullnat.port-of-all",
        "service and real server have a port",
        _port_of_all,
        holds_on_director=True,
    ),
    PathCheck(
        "fullnat.one-packet", "a reply finds its client", _one_packet, holds_on_director=True
    ),
    PathCheck("fullnat.conntrack", "connection tracking of IPVS is on", _conntrack_on),
    PathCheck(
        "fullnat.return-route",
        "a real server has a route to every LIP",
        _return_route,
        is_acceptable=True,
    ),
    PathCheck("fullnat.lip-is-vip", "a LIP is not a VIP", _lip_is_vip),
    PathCheck("fullnat.lip-of-one", "a LIP belongs to one director", _lip_of_one),
    PathCheck("fullnat.ports", "there are source ports enough", _enough_ports, is_acceptable=True),
)


def _director(path: Path, dip: Dip) -> Additions:
    lips: list[dict[str, Any]] = []
    if dip.pool:
        device = dip.interface.device
        lips = [{"address": str(lip), "interface": device} for lip in dip.pool.addresses]
    return {
        # Replies are forwarded, once the client is their destination again.
        "forward": [family(path.vip)],
        "snat": [
            {
                "address": path.virtual.text,
                "protocol": protocol,
                "ports": str(ports),
            }
            for protocol in path.service.protocols
            for ports in path.service.ports
        ],
        "local_addresses": [
            {
                "real_server": path.rip.text,
                "first": str(dip.lips.first),
                "last": str(dip.lips.last),
            }
        ],
        "lips": lips,
    }


FULLNAT = Mode(
    name="fullnat",
    shape=Shape(service_keys={}, server_keys={}),
    forwarding=MASQ,
    demand=Demand(through_director=True, rewritten=True, wrapped=False, local_source=True),
    resolver=Routed,
    checks=_CHECKS,
    director=_director,
    doubts=_doubts,
    settings={"conntrack": 1},
)
