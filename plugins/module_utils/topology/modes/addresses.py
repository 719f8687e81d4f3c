# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""That RIP and DIP are known, where a mode wants them in one subnet."""

from __future__ import annotations

from typing import Iterable, Iterator

from ...net.addresses import family
from ..paths.facts import Interface
from ..paths.path import Path
from ..topology import Topology
from ..violation import Finding
from .check import PathCheck, check_once_per_leg


@check_once_per_leg
def _rip_on_host(path: Path, _topology: Topology) -> Iterator[Finding]:
    if path.node and path.declared and not path.rips:
        own = path.node.own_interfaces(path.vip.version)
        yield Finding(f"{path.declared} declared as its RIP", f"one of its own: {_listed(own)}")


SAY_WHICH = (
    "one: say which by topology_networks (for all hosts), topology_rip (for this host) or "
    "address (for this service)"
)


@check_once_per_leg
def _single_rip(path: Path, _topology: Topology) -> Iterator[Finding]:
    if len(path.rips) > 1:
        yield Finding(
            f"several addresses that may be its RIP: {_listed(path.rips)}",
            SAY_WHICH,
        )
    elif path.leg.is_guess and path.rips and not path.leg.on_director:
        yield Finding(
            f"{_listed(path.rips)}, alone on a link with a director, and of a network that has "
            f"neither the VIP {path.vip} nor the host's way to the clients",
            SAY_WHICH,
        )


def _rip_in_dip_subnet(path: Path, topology: Topology) -> Iterator[Finding]:
    if len(path.dips) == len(topology.directors):
        return
    version = path.vip.version
    missing = [
        director
        for director in topology.directors
        if director.name not in [dip.director.name for dip in path.dips]
    ]
    for director in missing:
        candidates: Iterable[Interface] = path.rips
        if path.node and not path.rips:
            candidates = path.node.own_interfaces(version)
        yield Finding(
            _listed(candidates) or f"no {family(path.vip)} address",
            f"an address in a subnet of the director {director.name}, which has "
            f"{_listed(director.own_interfaces(version)) or 'none of that family'}"
            f"{restriction(topology, version)}; "
            f"the VIP is {path.vip}; each of the two has a route to the other without a gateway, "
            "and topology_rip and topology_dip tell which addresses they are",
        )


def restriction(topology: Topology, version: int) -> str:
    """Where addresses are looked for, in words; "" = anywhere."""
    networks = [str(network) for network in topology.options.networks if network.version == version]
    return f" (topology_networks: {', '.join(networks)})" if networks else ""


def _listed(interfaces: Iterable[Interface]) -> str:
    # A bare address has no device, and its prefix length says nothing.
    return ", ".join(
        str(interface) if interface.device else str(interface.address) for interface in interfaces
    )


@check_once_per_leg
def _route_to_rip(path: Path, topology: Topology) -> Iterator[Finding]:
    if not path.rips:
        yield Finding(
            "no address that could be its RIP" + restriction(topology, path.vip.version),
            f"an {family(path.vip)} address",
        )
        return
    found = {dip.director.name for dip in path.dips}
    for director in topology.directors:
        if director.name not in found:
            yield Finding(
                f"{director.name} has no route to {path.rip.address}, or no address on its device",
                "a route from every director to every real server",
            )


SINGLE_RIP = (
    PathCheck(
        "rip.on-host",
        "a declared RIP is an address of its host",
        _rip_on_host,
        is_basic=True,
    ),
    PathCheck(
        "rip.single",
        "it is clear which address is the RIP",
        _single_rip,
        is_basic=True,
    ),
)
"""The checks of every mode."""


def shared_subnet(mode: str) -> tuple[PathCheck, ...]:
    """The checks of a mode that wants RIP and DIP in one subnet; they go before its others."""
    return (
        *SINGLE_RIP,
        PathCheck(
            f"{mode}.rip-in-dip-subnet",
            "RIP and DIP are on one link",
            _rip_in_dip_subnet,
            is_basic=True,
        ),
    )


def routed(mode: str) -> tuple[PathCheck, ...]:
    """The checks of a mode with any network between RIP and DIP; they go before its others."""
    return (
        *SINGLE_RIP,
        PathCheck(
            f"{mode}.route-to-rip",
            "every director has a route to every real server",
            _route_to_rip,
            is_basic=True,
        ),
    )
