# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""NAT: the director rewrites the destination, and on the way back the source.

Every reply has to come back through the director that rewrote the request.
"""

from __future__ import annotations

from functools import partial
from typing import Iterator

from ...ipvs.model import MASQ
from ...net.addresses import covers, family
from ...net.ports import MAX_RULE_PORT
from ..declaration.key import Key
from ..declaration.model import Shape
from ..paths.path import Dip, Path
from ..paths.replies import Back
from ..paths.shared_subnet import SharedSubnet
from ..routing.flow import Flow
from ..routing.routes import Route
from ..topology import Topology
from ..violation import Finding
from . import ftp
from .addresses import shared_subnet
from .back import doubts, faults, reaches_director
from .check import PathCheck, check_once_per_leg
from .mode import Additions, Demand, Mode, asymmetric_devices

_MAIN, _POLICY = "main", "policy"
_SIP = "sip"
_FEWER = "topology_clients tells where clients are, if that is not anywhere"
_OFFER = "or return_route: policy, which leads the replies of this service there and nothing else"


@check_once_per_leg
def _one_dip(path: Path, _topology: Topology) -> Iterator[Finding]:
    dips = sorted({dip.interface.text for dip in path.dips})
    if len(dips) > 1:
        yield Finding(
            f"{len(dips)} DIPs: {', '.join(dips)}",
            "one DIP that moves with the VIPs: name it as topology_dip of every director",
        )


def _port_of_all(path: Path, _topology: Topology) -> Iterator[Finding]:
    port, expected = path.server.port, path.service.port
    if port and not expected:
        yield Finding(f"port {port}", "no port: the service takes every port, and maps none")
    if expected and not port:
        yield Finding("port 0", f"a port, or none where it is the service's own ({expected})")


def _one_packet(path: Path, _topology: Topology) -> Iterator[Finding]:
    service = path.virtual.service
    # ip_vs_sip has a connection made for the reply too (conn_out in ip_vs_pe_sip.c).
    if service.one_packet and service.persistence_engine != _SIP:
        yield Finding(
            "one_packet",
            "connections that outlive a packet (one_packet: false), or persistence_engine: sip: a "
            "reply that belongs to no connection leaves with the RIP as its source",
        )


def _policy_is_ours(path: Path, _topology: Topology) -> Iterator[Finding]:
    if path.service.extra["return_route"] == _POLICY and path.node is None:
        yield Finding(
            "return_route: policy for a host that is not managed",
            "return_route: main, and a route to the clients through the DIP, made on that host",
        )


def _policy_matches(path: Path, _topology: Topology) -> Iterator[Finding]:
    is_policy = path.service.extra["return_route"] == _POLICY
    if is_policy and "sctp" in path.service.protocols and family(path.vip) == "ipv4":
        yield Finding(
            "return_route: policy for sctp over IPv4",
            "return_route: main, and a route to the clients through the DIP: the kernel chooses "
            "the route before the packet has the source that a rule could match",
        )


def _policy_has_ports(path: Path, _topology: Topology) -> Iterator[Finding]:
    if path.service.extra["return_route"] != _POLICY:
        return
    for ports in path.ports:
        if ports.last > MAX_RULE_PORT:
            yield Finding(
                f"return_route: policy for port {ports}",
                f"ports up to {MAX_RULE_PORT}: the kernel has no policy rules for the last one; or "
                "return_route: main",
            )


def _policy_to_neighbour(path: Path, _topology: Topology) -> Iterator[Finding]:
    for dip in path.dips if path.service.extra["return_route"] == _POLICY else ():
        if not dip.device:
            yield Finding(
                f"return_route: policy, and a router between it and {dip.director.name}",
                "return_route: main, and routes of its own by which replies come to the director: "
                "the DIP is no next hop of it",
            )


def _past_director(path: Path, back: Back, route: Route, topology: Topology) -> str | None:
    return None if reaches_director(path, back, route, topology) else ""


def _return_route(path: Path, topology: Topology) -> Iterator[Finding]:
    if path.service.extra["return_route"] == _POLICY:
        return
    expected = f"a route through the DIP {path.dip.text}, {_OFFER}"
    for fault in faults(path, path.rip.address, topology, _past_director):
        if not fault.doubts:
            yield Finding(
                fault.wrong.got, expected if fault.wrong.has_way else f"{expected}; {_FEWER}"
            )


def _doubts(path: Path, topology: Topology) -> Iterator[str]:
    if path.service.extra["return_route"] == _MAIN:
        yield from doubts(path, path.rip.address, topology, _past_director)


def _client_outside(path: Path, _topology: Topology) -> Iterator[Finding]:
    if path.service.extra["return_route"] == _POLICY:
        return
    subnet = path.rip.network if path.rip.device else path.dip.network
    for clients in path.clients:
        if covers(subnet, clients):
            yield Finding(
                f"clients in {clients}, which is in its own subnet {subnet}: replies to them "
                "bypass the director",
                f"clients in other networks, {_OFFER}",
            )


_CHECKS = (
    *shared_subnet("nat"),
    PathCheck("nat.one-dip", "there is one way back", _one_dip, is_acceptable=True),
    PathCheck(
        "nat.port-of-all",
        "a service for every port maps none",
        _port_of_all,
        holds_on_director=True,
    ),
    PathCheck(
        "nat.one-packet",
        "a reply finds its connection",
        _one_packet,
        is_acceptable=True,
        holds_on_director=True,
    ),
    *ftp.CHECKS,
    PathCheck("nat.policy-managed", "policy routes are written on managed hosts", _policy_is_ours),
    PathCheck("nat.policy-link", "a policy route leads to a neighbour", _policy_to_neighbour),
    PathCheck("nat.policy-port", "a policy rule can match the ports", _policy_has_ports),
    PathCheck("nat.policy-sctp", "SCTP over IPv4 takes no policy route", _policy_matches),
    PathCheck(
        "nat.return-route",
        "the way to the clients leads through the DIP",
        _return_route,
        is_acceptable=True,
    ),
    PathCheck(
        "nat.client-outside",
        "no client is in the real server's subnet",
        _client_outside,
        is_acceptable=True,
    ),
)


def _real_server(path: Path) -> Additions:
    if path.service.extra["return_route"] != _POLICY:
        return {}
    routes = [
        {
            "source": path.rip.text,
            "protocol": protocol,
            "ports": str(ports),
            "gateway": path.dip.text,
        }
        for protocol in path.service.protocols
        for ports in ftp.reply_ports(path)
    ]
    devices = asymmetric_devices(path, path.rip.address)
    return {"return_routes": routes, "loose_rp_filter": devices}


def _director(path: Path, dip: Dip) -> Additions:
    # Replies are forwarded, from the real server's network to the clients'.
    additions = {"forward": [family(path.vip)], "helpers": [*ftp.modules(path.service)]}
    if family(path.vip) == "ipv4":
        # Where they leave by the interface by which they came, the kernel would tell the real
        # server of the short way, past the director. (An IPv6 host believes that of its next hop's
        # link-local address only, and the DIP is none.)
        device, director = dip.device or dip.interface.device, dip.director
        vrf = director.vrfs.get(device, "")
        additions["no_redirects"] = [
            device
            for clients in path.clients
            for route in director.ways(
                Flow(clients, path.rip.address, device=device, vrf=vrf, mark=None)
            ).routes
            if route.device == device
        ]
    return additions


_KEYS = {
    "return_route": Key(
        "V(main) requires that the real server's own route to the clients leads through the DIP, "
        "and writes nothing. V(policy) adds a policy route for the replies of this service only; "
        "with C(helper) V(ftp), also for all TCP from ports 1024 and above.",
        default=_MAIN,
        choices=(_MAIN, _POLICY),
    ),
    **ftp.KEYS,
}

NAT = Mode(
    name="nat",
    shape=Shape(service_keys=_KEYS, server_keys={}),
    forwarding=MASQ,
    demand=Demand(through_director=True, rewritten=True, wrapped=False, local_source=False),
    resolver=partial(SharedSubnet, far=True),
    checks=_CHECKS,
    modules=ftp.modules,
    warnings=ftp.warnings,
    doubts=_doubts,
    real_server=_real_server,
    director=_director,
)
