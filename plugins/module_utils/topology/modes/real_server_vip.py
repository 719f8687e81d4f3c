# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What every mode demands in which the real server has the VIP and replies by itself."""

from __future__ import annotations

from typing import Iterator

from ...net.addresses import family
from ..declaration.key import Key
from ..paths.path import Path
from ..paths.replies import Back
from ..routing.routes import Route
from ..topology import Topology
from ..violation import Finding
from .back import NO_ROUTE, director_next, doubts, faults
from .check import PathCheck

EVERY_INTERFACE = "all"

KEYS = {
    "prepared": Key(
        "Only for an unmanaged real server: you have prepared it by hand, as the collection "
        "prepares managed ones (VIP, ARP suppression, tunnel, C(rp_filter)).",
        "bool",
        default=False,
    )
}
"""What a real server of such a mode may say."""


def _by_director(path: Path, _back: Back, route: Route, topology: Topology) -> str | None:
    name = director_next(path, route, topology)
    return f", the director {name}" if name else None


def _return_route(path: Path, topology: Topology) -> Iterator[Finding]:
    # ip_route_input_slow() in net/ipv4/route.c takes a source of the host's own for a martian.
    drops = "drops packets from its own VIP" if family(path.vip) == "ipv4" else "has no part in it"
    for fault in faults(path, path.vip, topology, _by_director):
        if not fault.doubts:
            through = f"a route through a router: the director {drops}"
            yield Finding(fault.wrong.got, through if fault.wrong.has_way else NO_ROUTE)


def doubts_of_replies(path: Path, topology: Topology) -> Iterator[str]:
    """Warnings of ways that may lead to a director."""
    return doubts(path, path.vip, topology, _by_director)


def _prepared_by_hand(path: Path, _topology: Topology) -> Iterator[Finding]:
    if path.node is not None and path.server.extra["prepared"]:
        yield Finding(
            "prepared: true for a managed host",
            "prepared only beside an address alone: managed hosts are prepared by us",
        )


def checks(mode: str, *, reason: str, by_hand: str) -> tuple[PathCheck, ...]:
    """The checks of such a mode; why it maps no ports, and what is done by hand elsewhere."""

    def same_port(path: Path, _topology: Topology) -> Iterator[Finding]:
        port, expected = path.server.port, path.service.port
        if port != expected:
            yield Finding(
                f"port {port}",
                f"{expected}, the service's own: {reason} (NAT maps ports)",
            )

    def managed(path: Path, _topology: Topology) -> Iterator[Finding]:
        if path.node is None and not path.server.extra["prepared"]:
            yield Finding(
                "a real server that is not managed",
                f"a host of lvs_real_servers, or prepared: true where {by_hand} were done by hand",
            )

    return (
        PathCheck(
            f"{mode}.port",
            "a real server has the service's port",
            same_port,
            holds_on_director=True,
        ),
        PathCheck(f"{mode}.managed", "a real server is managed, or prepared by hand", managed),
        PathCheck(
            f"{mode}.prepared",
            "only hosts that are not managed are prepared",
            _prepared_by_hand,
            holds_on_director=True,
        ),
        PathCheck(
            f"{mode}.return-route",
            "the way to the clients avoids the director",
            _return_route,
            is_acceptable=True,
        ),
    )
