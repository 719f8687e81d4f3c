# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A mode where the director is the real server itself (LocalNode).

IPVS delivers such requests on the director, whatever the forwarding method: where the route to the
real server is a local one, net/netfilter/ipvs/ip_vs_xmit.c accepts the packet instead of sending
it. In NAT it has the real server's address and port by then, and the application's reply gets
those of the VIP before it leaves. The director has the VIP anyway: such a path needs nothing.
"""

from __future__ import annotations

from typing import Callable, Iterator

from ...net.addresses import IPAddress, family
from ..paths.path import Path
from ..paths.replies import Back
from ..routing.routes import Route
from ..topology import Topology
from ..violation import Finding
from .addresses import SAY_WHICH, SINGLE_RIP, restriction
from .back import NO_ROUTE, doubts, faults
from .check import PathCheck, check_once_per_leg
from .mode import Demand, Mode, no_warnings


def on_director(mode: Mode) -> Mode:
    """What is left of a mode."""
    source = _source(mode.demand)
    return Mode(
        name=mode.name,
        shape=mode.shape,
        forwarding=mode.forwarding,
        demand=mode.demand._replace(
            through_director=False, wrapped=False, local_source=False, on_director=True
        ),
        resolver=mode.resolver,
        checks=(
            _alone(mode.demand),
            *SINGLE_RIP,
            _SOME_RIP,
            *([_CLEAR_RIP] if mode.demand.rewritten else []),
            *(check for check in mode.checks if check.holds_on_director),
            *([_SCTP] if mode.demand.rewritten else []),
            _return_route(source),
        ),
        destination=mode.destination,
        # Those of a mode with tunnels are about its tunnel, into which nothing goes here.
        warnings=no_warnings if mode.demand.wrapped else mode.warnings,
        doubts=lambda path, topology: doubts(path, source(path), topology, _no_fault),
        suppresses_arp=lambda _service: False,
    )


def _no_fault(_path: Path, _back: Back, _route: Route, _topology: Topology) -> str | None:
    """Any way is right that leads to the clients."""
    return None


def _source(demand: Demand) -> Callable[[Path], IPAddress]:
    """The source of a reply, when the kernel looks for its route."""
    return lambda path: path.rip.address if demand.rewritten else path.vip


def _alone(demand: Demand) -> PathCheck:
    if demand.local_source:
        reason = "would see LIPs, and the clients themselves while it is active"
    elif demand.rewritten:
        reason = "would have to answer through the DIP, which is its own while it is active"
    else:
        reason = (
            "would need the VIP without answering ARP for it, and its own IPVS would balance again "
            "what it is sent"
        )

    def alone(path: Path, topology: Topology) -> Iterator[Finding]:
        names = topology.inventory.directors
        if path.node is None or len(names) == 1:
            return
        others = ", ".join(name for name in names if name != path.node.name)
        address = "" if path.server.host else f"{path.server}, an address of "
        yield Finding(
            f"{path.server.where}: {address}{path.node.name}, which is a director beside {others}",
            "a real server that is no director, or one director alone: as the standby of another "
            f"one, it {reason}",
        )

    return PathCheck(
        "on-director.alone",
        "a director that is a real server too is the only one",
        alone,
        is_basic=True,
    )


@check_once_per_leg
def _some_rip(path: Path, topology: Topology) -> Iterator[Finding]:
    if not path.rips:
        version = path.vip.version
        yield Finding(
            "no address of its own that could be its RIP" + restriction(topology, version),
            f"an {family(path.vip)} address that is no VIP",
        )


_SOME_RIP = PathCheck(
    "on-director.rip",
    "a director that is a real server too has an address beside its VIPs",
    _some_rip,
    is_basic=True,
)


@check_once_per_leg
def _clear_rip(path: Path, _topology: Topology) -> Iterator[Finding]:
    if path.leg.is_guess and len(path.rips) == 1:
        yield Finding(
            f"{path.rip}, all that is left beside the VIPs, of which one is its own address in "
            f"another network; the application has to listen there, and the VIP is {path.vip}",
            SAY_WHICH,
        )


_CLEAR_RIP = PathCheck(
    "on-director.clear-rip",
    "where the application of a director listens is no guess",
    _clear_rip,
    is_basic=True,
)


def _sctp(path: Path, _topology: Topology) -> Iterator[Finding]:
    # The stack chooses the source of answers: for IPv6 sctp_v6_get_dst() in net/sctp/ipv6.c does.
    if "sctp" in path.service.protocols:
        yield Finding(
            f"protocol sctp and mode {path.mode}",
            "dr, tun or another real server; or an application that has bound the RIP "
            f"{path.rip.address} alone: others answer from any address of the host, of which IPVS "
            "knows nothing",
        )


_SCTP = PathCheck(
    "on-director.sctp",
    "a director that is a real server too answers SCTP from the RIP",
    _sctp,
    is_acceptable=True,
)


def _return_route(source: Callable[[Path], IPAddress]) -> PathCheck:
    def return_route(path: Path, topology: Topology) -> Iterator[Finding]:
        for fault in faults(path, source(path), topology, _no_fault):
            if not fault.doubts:
                yield Finding(fault.wrong.got, NO_ROUTE)

    return PathCheck(
        "on-director.return-route",
        "a director that is a real server too has a route to the clients",
        return_route,
        is_acceptable=True,
    )
