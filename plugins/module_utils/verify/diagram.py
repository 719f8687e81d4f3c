# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A diagram of the declared paths, which needs no facts of hosts."""

from __future__ import annotations

from typing import Iterable, Iterator, Mapping, NamedTuple, Sequence

from ..topology.declaration.model import RealServer, Service
from .endpoints import Endpoint, Server
from .svg import CLIENTS, DIRECTORS, Arrow, Box, boxes, declared_arrows, draw

_TITLE = "The declared topology, with the paths of requests and replies"
_NOBODY = "clients"


class Sketch(NamedTuple):
    """Hosts, and the paths between them with their services."""

    hosts: tuple[Box, ...]
    ways: Mapping[Arrow, tuple[str, ...]]


def sketch(services: Iterable[Service], groups: Mapping[str, Sequence[str]]) -> Sketch:
    """Sketch the declaration; without a client in the inventory, add one."""
    known = {**groups, CLIENTS: groups.get(CLIENTS) or [_NOBODY]}
    directors = known.get(DIRECTORS, ())
    endpoints = [one for service in services for one in _endpoints(service, directors)]
    ways: dict[Arrow, dict[str, None]] = {}
    for endpoint in endpoints:
        for server in endpoint.servers:
            for arrow in declared_arrows(server, known):
                what = f"{server.mode}, fallback" if server.is_fallback else server.mode
                ways.setdefault(arrow, {})[f"{endpoint.service} ({what})"] = None
    return Sketch(
        tuple(boxes(endpoints, known, {})), {arrow: tuple(names) for arrow, names in ways.items()}
    )


def svg(one: Sketch) -> str:
    """Draw it as on the page of the verification."""
    return draw(one.hosts, one.ways, _TITLE) + "\n"


def mermaid(one: Sketch) -> str:
    """Write it as a Mermaid flowchart; requests are solid, replies dotted."""
    ids = {box.name: f"host{number}" for number, box in enumerate(one.hosts)}
    servers = {box.name for box in one.hosts if box.column == max(b.column for b in one.hosts)}
    lines = ["flowchart LR"]
    lines += [f"  {ids[box.name]}[{_quoted(box.name, *box.lines)}]" for box in one.hosts]
    for arrow, names in one.ways.items():
        line = "-->" if arrow.kind == "request" else "-.->"
        # The rest of a path is the same for all services.
        label = f"|{_quoted(*names)}|" if {arrow.source, arrow.target} & servers else ""
        lines.append(f"  {ids[arrow.source]} {line}{label} {ids[arrow.target]}")
    return "\n".join((*lines, ""))


def _endpoints(service: Service, directors: Sequence[str]) -> Iterator[Endpoint]:
    for virtual in service.virtuals:
        yield Endpoint(
            service=service.name,
            vip=str(virtual.vip),
            port=service.port,
            protocol=service.protocols[0],
            fwmark=service.fwmark,
            static_arp=False,
            policy_route=False,
            persistent=False,
            spreads=False,
            servers=tuple(
                _server(server, virtual.vip.version, directors) for server in service.servers
            ),
        )


def _server(server: RealServer, version: int, directors: Sequence[str]) -> Server:
    own = [str(address) for address in server.addresses if address.version == version]
    return Server(
        name=server.host or own[0] if own else str(server),
        host=server.host,
        mode=server.mode,
        on_director=server.host in directors,
        rip=own[0] if own and server.host else "",
        port=server.port,
        weight=server.settings.weight,
        is_fallback=server.is_fallback,
        dips={},
        lips=(),
        tunnel="",
        tunnel_port=0,
    )


def _quoted(*lines: str) -> str:
    text = "<br>".join(line.replace("&", "&amp;").replace("<", "&lt;") for line in lines)
    return '"' + text.replace('"', "#quot;") + '"'
