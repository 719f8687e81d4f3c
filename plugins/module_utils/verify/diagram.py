# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A diagram of the declared paths, which needs no facts of hosts."""

from __future__ import annotations

from itertools import product
from typing import Iterable, Iterator, Mapping, Sequence

from ..topology.declaration.model import RealServer, Service
from .endpoints import Endpoint, Server
from .picture import CLIENTS, DIRECTORS, Picture, declared

_NOBODY = "clients"


def sketch(services: Iterable[Service], groups: Mapping[str, Sequence[str]]) -> Picture:
    """Sketch the declaration; without a client in the inventory, add one."""
    known = {**groups, CLIENTS: groups.get(CLIENTS) or [_NOBODY]}
    directors = known.get(DIRECTORS, ())
    endpoints = [one for service in services for one in _endpoints(service, directors)]
    return declared(endpoints, known)


def _endpoints(service: Service, directors: Sequence[str]) -> Iterator[Endpoint]:
    for virtual, protocol, ports in product(service.virtuals, service.protocols, service.ports):
        yield Endpoint(
            service=service.name,
            vip=str(virtual.vip),
            port=ports.first if ports.is_single else 0,
            protocol=protocol,
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
