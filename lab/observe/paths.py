# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The path that each request and its reply took, from requests and captured packets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .declaration import Endpoint, written
from .frames import Advertisement, Packet
from .traffic import Request
from .wiring import Wiring


@dataclass(frozen=True)
class Path:
    """One request and what was seen of it. Nodes are named by their MAC addresses' owners."""

    request: Request
    sent_to: frozenset[str] = frozenset()
    """To whom the router gave the request."""
    replied_by: frozenset[str] = frozenset()
    """From whom the router got replies."""
    replied_as: frozenset[str] = frozenset()
    """The source, address and port, that these replies had."""
    reply_passed: frozenset[str] = frozenset()
    """Directors that replies passed."""


@dataclass(frozen=True)
class Observation:
    """All that was seen of one endpoint."""

    endpoint: Endpoint
    owners: frozenset[str]
    """Who said, by ARP or ND, to have the VIP."""
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Sight:
    """What a node's interface saw."""

    node: str
    frames: Sequence[Packet | Advertisement]


@dataclass(frozen=True)
class Scene:
    """All that was captured, and what is needed to read it."""

    wiring: Wiring
    client: Collection[str]
    """The client's addresses."""
    router: Sight
    directors: Sequence[Sight]


def owners(vip: str, scene: Scene) -> frozenset[str]:
    """Name all nodes that claimed the VIP in the router's hearing."""
    return frozenset(
        scene.wiring.owner(frame.mac)
        for frame in scene.router.frames
        if isinstance(frame, Advertisement) and frame.address == vip
    )


def trace(request: Request, endpoint: Endpoint, scene: Scene) -> Path:
    """Find a request's packets by the client's address and port, which no director changes."""
    owner = scene.wiring.owner
    there = [
        packet
        for packet in _packets(scene.router, endpoint.protocol)
        if packet.source in scene.client
        and packet.source_port == request.port
        and (packet.target, packet.target_port) == (endpoint.vip, endpoint.port)
    ]
    back = _replies(scene.router, request, endpoint, scene)
    return Path(
        request=request,
        sent_to=frozenset(owner(packet.target_mac) for packet in there),
        replied_by=frozenset(owner(packet.source_mac) for packet in back),
        replied_as=frozenset(written(packet.source, packet.source_port) for packet in back),
        reply_passed=frozenset(
            sight.node
            for sight in scene.directors
            for packet in _replies(sight, request, endpoint, scene)
            # A bridge floods what it has not learnt: frames for others pass nobody.
            if sight.node in (owner(packet.source_mac), owner(packet.target_mac))
        ),
    )


def _replies(sight: Sight, request: Request, endpoint: Endpoint, scene: Scene) -> list[Packet]:
    return [
        packet
        for packet in _packets(sight, endpoint.protocol)
        if packet.target in scene.client and packet.target_port == request.port
    ]


def _packets(sight: Sight, protocol: str) -> list[Packet]:
    return [
        frame for frame in sight.frames if isinstance(frame, Packet) and frame.protocol == protocol
    ]
