# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole proof: watch, ask, send, join, judge."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from . import neighbours, traffic, wiring
from .capture import capture
from .declaration import Endpoint, endpoints
from .errors import ObserveError
from .inventory import CLIENTS, DIRECTORS, ROUTERS, Inventory
from .judge import Finding, Surroundings, judge
from .node import Node
from .paths import Observation, Scene, Sight, owners, trace
from .wiring import Wiring


@dataclass(frozen=True)
class Verdict:
    """What was seen of an endpoint, and what is wrong with it."""

    seen: Observation
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Watch:
    """A node's interface to be watched."""

    node: Node
    interface: str
    expression: str


def prove(inventory: Inventory) -> list[Verdict]:
    """Prove every declared endpoint."""
    targets = endpoints(inventory.services, inventory.groups)
    if not targets:
        raise ObserveError("the inventory declares no service")
    known = wiring.read(inventory.nodes.values())
    observations = observe(inventory, targets, known)
    given = Surroundings(
        directors=inventory.groups[DIRECTORS],
        client=known.addresses(inventory.first(CLIENTS).name),
        router=inventory.first(ROUTERS).name,
    )
    return [Verdict(seen, tuple(judge(seen, given))) for seen in observations]


def observe(
    inventory: Inventory, targets: Sequence[Endpoint], known: Wiring
) -> tuple[Observation, ...]:
    """Send requests to all endpoints while router and directors are watched."""
    client, router = inventory.first(CLIENTS), inventory.first(ROUTERS)
    directors = [inventory.nodes[name] for name in inventory.groups.get(DIRECTORS, ())]
    client_addresses = known.addresses(client.name)
    of_client = " or ".join(f"host {address}" for address in sorted(client_addresses))
    at_router = f"arp or icmp6 or {of_client}"
    watches = [
        Watch(node, interface, at_router if node == router else of_client)
        for node in (router, *directors)
        for interface in sorted({known.facing(node.name, each.vip) for each in targets})
    ]
    with ExitStack() as stack:
        captures = [
            stack.enter_context(capture(each.node, each.interface, each.expression))
            for each in watches
        ]
        facing = {each.vip: known.facing(router.name, each.vip) for each in targets}
        asked = {(each.vip, facing[each.vip], each.is_static) for each in targets}
        neighbours.ask(router, sorted(asked))
        requests = traffic.send(client, targets)
    sights = [
        Sight(watch.node.name, seen.frames) for watch, seen in zip(watches, captures, strict=True)
    ]
    scene = Scene(
        wiring=known,
        client=client_addresses,
        router=Sight(
            router.name,
            [frame for each in sights if each.node == router.name for frame in each.frames],
        ),
        directors=[each for each in sights if each.node != router.name],
    )
    return tuple(
        Observation(
            endpoint=target,
            owners=owners(target.vip, scene),
            paths=tuple(trace(request, target, scene) for request in sent),
        )
        for target, sent in zip(targets, requests, strict=True)
    )
