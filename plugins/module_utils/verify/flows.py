# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Flows: the path of each request and its reply, from the captures of all hosts."""

from __future__ import annotations

from typing import Callable, Container, Iterable, Iterator, Mapping, NamedTuple, Sequence

from ..packets.frames import OTHER, PORT_UNREACHABLE, Error, Frame, Neighbour, Packet
from ..packets.results import Result
from .endpoints import Endpoint
from .hosts import Hosts

IN, OUT = "in", "out"


class Crossing(NamedTuple):
    """A packet that enters or leaves a host."""

    host: str
    packet: Packet
    sender: str  # on this link: a host's name, an unknown MAC address, or "" (no such addresses)
    receiver: str

    @property
    def direction(self) -> str:
        """Whether it enters or leaves the host."""
        return self.packet.seen.direction

    @property
    def interface(self) -> str:
        """The host's device."""
        return self.packet.seen.interface


class Flow(NamedTuple):
    """One request with its captured packets."""

    request: Result
    there: tuple[Crossing, ...]
    back: tuple[Crossing, ...]
    errors: tuple[tuple[str, Error], ...]  # host that saw it, ICMP error about it

    def requests(self, host: str, direction: str) -> list[Crossing]:
        """Return the request's packets into or out of a host."""
        return [one for one in self.there if (one.host, one.direction) == (host, direction)]

    def replies(self, host: str, direction: str) -> list[Crossing]:
        """Return the reply's packets into or out of a host."""
        return [one for one in self.back if (one.host, one.direction) == (host, direction)]


class Scene(NamedTuple):
    """The captures of all hosts."""

    hosts: Hosts
    client: str
    directors: tuple[str, ...]
    frames: Mapping[str, Sequence[Frame]]  # by host
    incomplete: frozenset[str] = frozenset()  # hosts whose captures lack frames

    def packets(self, protocol: str) -> Iterator[tuple[str, Packet]]:
        """Return the packets of a protocol that entered or left a host."""
        for host, frames in self.frames.items():
            for frame in frames:
                # Frames for other hosts: a switch floods them until it has learnt the address.
                if (
                    isinstance(frame, Packet)
                    and frame.protocol == protocol
                    and frame.seen.direction != OTHER
                ):
                    yield host, frame

    def asked_by(self, address: str) -> frozenset[str]:
        """Return the hosts that any capture saw asking for an address."""
        return frozenset(
            self.hosts.owner(frame.seen.source_mac)
            for frames in self.frames.values()
            for frame in frames
            if isinstance(frame, Neighbour) and frame.address == address and not frame.is_answer
        )

    def heard(self, host: str, address: str) -> bool:
        """Tell whether a question for an address reached a host."""
        return any(
            isinstance(frame, Neighbour)
            and frame.address == address
            and not frame.is_answer
            and frame.seen.direction == IN
            for frame in self.frames.get(host, ())
        )

    def unanswered(self, host: str, address: str) -> bool:
        """Tell whether a host asked for an address and got no answer, which it would have seen."""
        if host in self.incomplete:
            return False
        about = [
            frame
            for frame in self.frames.get(host, ())
            if isinstance(frame, Neighbour) and frame.address == address
        ]
        asked = any(not one.is_answer and one.seen.direction == OUT for one in about)
        return asked and not any(one.is_answer and one.seen.direction == IN for one in about)


def trace(request: Result, endpoint: Endpoint, scene: Scene) -> Flow:
    """Find the packets of a request.

    The client's address and port identify them. In FULLNAT, which replaces both, a TCP request
    keeps its initial sequence number, and other protocols keep the port.
    """
    client = scene.hosts.by_name[scene.client].addresses
    packets = [*scene.packets(endpoint.protocol)]
    own = {(address, request.port) for address in client}
    own |= {*_local_sources(request, endpoint, own, packets)}
    return Flow(
        request=request,
        there=_crossings(
            scene.hosts, packets, lambda packet: (packet.source, packet.source_port) in own
        ),
        back=_crossings(
            scene.hosts, packets, lambda packet: (packet.target, packet.target_port) in own
        ),
        errors=tuple(_errors(endpoint, client, own, scene)),
    )


def _local_sources(
    request: Result,
    endpoint: Endpoint,
    own: set[tuple[str, int]],
    packets: Iterable[tuple[str, Packet]],
) -> Iterator[tuple[str, int]]:
    # A DIP as well: a masquerading rule on the director puts it there.
    lips = {one for server in endpoint.servers for one in (*server.lips, *server.dips.values())}
    rips = {server.rip for server in endpoint.servers}
    numbers = {
        packet.sequence
        for _host, packet in packets
        if packet.flags == "S" and (packet.source, packet.source_port) in own
    }
    for _host, packet in packets:
        if packet.source in lips and packet.target in rips:
            same = (
                packet.flags == "S" and packet.sequence in numbers
                if packet.protocol == "tcp"
                else packet.source_port == request.port
            )
            if same:
                yield packet.source, packet.source_port


def _crossings(
    hosts: Hosts,
    packets: Iterable[tuple[str, Packet]],
    wanted: Callable[[Packet], bool],
) -> tuple[Crossing, ...]:
    return tuple(
        Crossing(
            host, packet, hosts.owner(packet.seen.source_mac), hosts.owner(packet.seen.target_mac)
        )
        for host, packet in packets
        if wanted(packet)
    )


def _errors(
    endpoint: Endpoint, client: frozenset[str], own: Container[tuple[str, int]], scene: Scene
) -> Iterator[tuple[str, Error]]:
    """Return ICMP errors about the endpoint's packets, matched by the quoted addresses.

    One about a port belongs to the request that it quotes; the others are about the path.
    """
    far = {endpoint.vip, *(server.rip for server in endpoint.servers)}
    near = {*client, *(lip for server in endpoint.servers for lip in server.lips)}
    near |= {dip for server in endpoint.servers for dip in server.dips.values()}
    for host, frames in scene.frames.items():
        for frame in frames:
            if isinstance(frame, Error):
                ends = {frame.source, frame.target}
                places = (frame.source, frame.source_port), (frame.target, frame.target_port)
                is_own = frame.reason != PORT_UNREACHABLE or any(one in own for one in places)
                if ends & far and ends & near and is_own:
                    yield host, frame
