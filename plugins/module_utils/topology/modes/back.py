# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether replies take the way that a mode demands, as each host's kernel sends them."""

from __future__ import annotations

from typing import Callable, Iterator, NamedTuple, Optional

from ...net.addresses import IPAddress
from ..paths.facts import Node
from ..paths.path import Path
from ..paths.replies import Back, ways_back
from ..routing.routes import UNICAST, Route
from ..topology import Topology

FindFault = Callable[[Path, Back, Route, Topology], Optional[str]]
"""What to say of a route that replies must not take; None of one that is right."""

_MOST_ROUTERS = 8


NO_ROUTE = (
    "a route by which it answers the clients; or in topology_clients the networks that they come "
    "from, where these are fewer"
)


class Wrong(NamedTuple):
    """A way that a reply must not take."""

    got: str
    has_way: bool = True  # whether it leaves the host at all


class Fault(NamedTuple):
    """A way that replies take, or may take, and should not."""

    wrong: Wrong
    doubts: tuple[str, ...]  # what else decides; none = it is certain


def faults(path: Path, source: IPAddress, topology: Topology, find: FindFault) -> Iterator[Fault]:
    """What is wrong with the ways of replies from a source.

    It is certain where nothing that may decide leads to a better way.
    """
    for back in ways_back(path, source):
        wrong = [_of_answer(answer, path, back, topology, find) for answer in back.ways.answers]
        is_certain = all(wrong) and not back.ways.unread
        for one in dict.fromkeys(one for of_answer in wrong for one in of_answer):
            yield Fault(one, () if is_certain else back.ways.doubts)


def warnings(path: Path, source: IPAddress, topology: Topology, find: FindFault) -> Iterator[str]:
    """A sentence for each way that may be wrong."""
    for fault in faults(path, source, topology, find):
        if fault.doubts:
            yield (
                f"service {path.service.name}, {path.server}: it cannot be told whether "
                f"{fault.wrong.got}: it depends on {', '.join(fault.doubts)}"
            )


def _of_answer(
    answer: tuple[Route, ...], path: Path, back: Back, topology: Topology, find: FindFault
) -> list[Wrong]:
    sender = f", for packets from {back.flow.source}" if back.flow.source else ""
    if not answer:
        return [Wrong(f"no route to {back.clients}{sender}", has_way=False)]
    found = []
    for route in answer:
        if route.kind != UNICAST:
            text = f"replies to {back.clients} are refused by the route {route}{sender}"
            found.append(Wrong(text, has_way=False))
            continue
        fault = find(path, back, route, topology)
        if fault is not None:
            found.append(Wrong(f"replies to {back.clients} go by {route}{fault}{sender}"))
    return found


def director_next(path: Path, route: Route, topology: Topology) -> str:
    """The director that is a route's next hop; "" = none is."""
    if route.gateway is None:
        return ""
    if not route.gateway.is_link_local:
        return topology.director_of.get(route.gateway, "")
    for director in topology.directors:
        for link in director.links:
            if link.address == route.gateway and _is_one_link(
                path, route.device, director, link.device
            ):
                return director.name
    return ""


def _is_one_link(path: Path, device: str, director: Node, other: str) -> bool:
    """Whether a device of the real server and one of a director are on one link, for certain.

    Link-local addresses are alike on many links (fe80::1): other addresses show it, of whatever
    family.
    """
    key = ("one link", device, director.name, other)
    memo, node = path.leg.memo, path.node
    if key not in memo:
        memo[key] = node is not None and any(
            device in node.is_beside(theirs.address, device) and other in director.is_beside(ours)
            for version in (4, 6)
            for theirs in director.on_device.get((other, version), ())
            for ours in [one.address for one in node.on_device.get((device, version), ())]
        )
    return bool(memo[key])


def reaches_director(path: Path, back: Back, route: Route, topology: Topology) -> bool:
    """Whether packets come to a director, by way of no router but known hosts."""
    pending = [route]
    seen: set[str] = set()
    while pending:
        hop = pending.pop()
        if director_next(path, hop, topology):
            continue
        router = topology.owner_of.get(hop.gateway) if hop.gateway else None
        if (
            hop.gateway is None
            or router is None
            or router.name in seen
            or len(seen) == _MOST_ROUTERS
        ):
            return False
        seen.add(router.name)
        at = router.interface_of(hop.gateway)
        flow = back.flow._replace(source=path.rip.address, device=at.device if at else "", vrf="")
        ways = router.ways(flow)
        routes = ways.routes
        if ways.doubts or not routes or any(one.kind != UNICAST for one in routes):
            return False
        pending += routes
    return True
