# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a file has of services → entries of an IPVS table; what no table can have is left out."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, NamedTuple

from ..fields import Problem
from ..ipvs.model import Destination, DestinationKey, Entry, ServiceKey, Table
from ..ipvs.schema import parse_destination, parse_service
from .source import Place, Remarks, Server, Service, shown

Health = Mapping[str, Any]


class Settled(NamedTuple):
    """A service of the table, with what else is known of it."""

    place: Place
    name: str
    entry: Entry
    places: Mapping[DestinationKey, Place]  # of its destinations
    fallback: tuple[Place, Destination] | None
    health: Health | bool | None

    @property
    def key(self) -> ServiceKey:
        """What the kernel knows it by."""
        return self.entry.service.key


def settle(services: Iterable[Service], remarks: Remarks) -> list[Settled]:
    """Return the services that a table can have."""
    found: dict[ServiceKey, Settled] = {}
    for service in services:
        entry, problems = parse_service(service.item, "")
        if entry is None:
            remarks.add(service.place, f"the service is left out: {_said(problems)}")
            continue
        key = entry.service.key
        if key in found:
            remarks.add(service.place, f"{key} is left out: {found[key].place} has it, too")
            continue
        places: dict[DestinationKey, Place] = {}
        for server in service.servers:
            destination = _destination(server, key, remarks)
            if destination and destination.key in places:
                remarks.add(
                    server.place,
                    f"{destination.key} is left out: {places[destination.key]} has it, too",
                )
            elif destination:
                places[destination.key] = server.place
                entry.destinations[destination.key] = destination
        fallback = None
        if service.fallback and isinstance(service.health, Mapping):
            destination = _destination(service.fallback, key, remarks)
            fallback = (service.fallback.place, destination) if destination else None
        found[key] = Settled(service.place, service.name, entry, places, fallback, service.health)
    return [*found.values()]


def table_in(services: Iterable[Settled]) -> Table:
    """Return the table."""
    return {service.key: service.entry for service in services}


def _destination(server: Server, key: ServiceKey, remarks: Remarks) -> Destination | None:
    destination, problems = parse_destination(server.item, "", key)
    if destination is None:
        remarks.add(server.place, f"the real server is left out: {_said(problems)}")
    return destination


def _said(problems: Iterable[Problem]) -> str:
    sentences = (
        f"{one.where.lstrip('.')} {shown(str(one.got))}, expected {one.expected}"
        for one in problems
    )
    return "; ".join(sentences)
