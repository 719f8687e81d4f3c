# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether replies take the way that a mode demands, as each host's kernel sends them."""

from __future__ import annotations

from typing import Callable, Dict, Iterator, NamedTuple, Optional

from ...net.addresses import IPAddress
from ..paths.facts import Node
from ..paths.path import Path
from ..paths.replies import Back, ways_back
from ..routing.flow import Flow
from ..routing.routes import UNICAST, Route
from ..topology import Topology

FindFault = Callable[[Path, Back, Route, Topology], Optional[str]]
"""What to say of a route that replies must not take; None of one that is right."""

Memo = Dict[object, object]


class _Arrival(NamedTuple):
    """Where packets come to a router: what it does with them may depend on that."""

    router: str
    device: str


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


def doubts(path: Path, source: IPAddress, topology: Topology, find: FindFault) -> Iterator[str]:
    """What may be wrong, for each way."""
    for fault in faults(path, source, topology, find):
        if fault.doubts:
            yield (
                f"it cannot be told whether {fault.wrong.got}: it depends on "
                f"{', '.join(fault.doubts)}"
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
    """The director that is the next hop of a real server's route; "" = none is."""
    return _director_at(path.node, route, topology, path.leg.memo) if path.node else ""


def _director_at(node: Node, hop: Route, topology: Topology, memo: Memo) -> str:
    """The director that is the next hop of a host's route; "" = none is."""
    if hop.gateway is None:
        return ""
    if not hop.gateway.is_link_local:
        return topology.director_of.get(hop.gateway, "")
    for director in topology.directors:
        for link in director.links:
            if link.address == hop.gateway and _is_one_link(
                node, hop.device, director, link.device, memo
            ):
                return director.name
    return ""


def _is_one_link(node: Node, device: str, director: Node, other: str, memo: Memo) -> bool:
    """Whether a device of a host and one of a director are on one link, for certain.

    Link-local addresses are alike on many links (fe80::1): other addresses show it, of whatever
    family.
    """
    key = ("one link", node.name, device, director.name, other)
    if key not in memo:
        memo[key] = any(
            device in node.is_beside(theirs.address, device) and other in director.is_beside(ours)
            for version in (4, 6)
            for theirs in director.on_device.get((other, version), ())
            for ours in [one.address for one in node.on_device.get((device, version), ())]
        )
    return bool(memo[key])


def reaches_director(path: Path, back: Back, route: Route, topology: Topology) -> bool:
    """Whether packets come to a director, by way of no router but known hosts."""
    flow = back.flow._replace(source=path.rip.address)
    return path.node is not None and _Walk(flow, topology, path.leg.memo, set()).arrives(
        path.node, route, ()
    )


class _Walk(NamedTuple):
    """The ways of packets from host to host."""

    flow: Flow
    topology: Topology
    memo: Memo
    right: set[_Arrival]  # from where every way leads to a director

    def arrives(self, node: Node, hop: Route, via: tuple[_Arrival, ...]) -> bool:
        """Whether a host's route leads to a director."""
        if _director_at(node, hop, self.topology, self.memo):
            return True
        router = self.topology.owner_of.get(hop.gateway)
        at = router.interface_of(hop.gateway) if router and hop.gateway else None
        if router is None or at is None:
            return False
        here = _Arrival(router.name, at.device)
        if here not in self.right:
            # Ways that part may meet again; a loop comes back to itself.
            if here in via or len(via) == _MOST_ROUTERS:
                return False
            device, vrf = at.device, router.vrfs.get(at.device, "")
            ways = router.ways(self.flow._replace(device=device, vrf=vrf))
            is_sure = ways.routes and not ways.doubts
            if not is_sure or not all(
                one.kind == UNICAST and self.arrives(router, one, (*via, here))
                for one in ways.routes
            ):
                return False
            self.right.add(here)
        return True
