# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is taken down although it is declared: services, hosts, or everything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Collection, Iterable, Iterator, Mapping

from .declaration.inventory import Inventory
from .declaration.model import Service
from .declaration.options import VALUE
from .violation import Violation, did_you_mean


@dataclass(frozen=True)
class Teardown:
    """Names of what is taken down."""

    services: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    everything: bool = False

    def rest(self, services: Iterable[Service]) -> tuple[Service, ...]:
        """The services that stay, with the real servers that stay."""
        return tuple(
            replace(
                service,
                servers=tuple(
                    server for server in service.servers if server.host not in self.hosts
                ),
            )
            for service in services
            if service.name not in self.services
        )


def parse_teardown(
    option: Mapping[str, Any], declared: Collection[str], inventory: Inventory
) -> tuple[Teardown, list[Violation]]:
    """What is meant, and everything that is wrong with it."""
    hosts = (*inventory.directors, *inventory.real_servers, *inventory.routers)
    if option.get("everything"):
        return Teardown(frozenset(declared), frozenset(hosts), everything=True), []
    services, chosen = option.get("services", []), option.get("hosts", [])
    violations = [
        *_unknown("services", services, declared, "a declared service"),
        *_unknown("hosts", chosen, hosts, "a director, a real server or a router"),
    ]
    return Teardown(frozenset(services), frozenset(chosen)), violations


def stopping(
    teardown: Teardown, services: Iterable[Service], inventory: Inventory
) -> Iterator[str]:
    """What is not served any more, a sentence each, from all services that are declared."""
    for service in services:
        if service.name in teardown.services:
            endpoints = ", ".join(str(virtual.service.key) for virtual in service.virtuals)
            yield f"service {service.name} stops: {endpoints}"
            continue
        gone = [str(server) for server in service.servers if server.host in teardown.hosts]
        rest = [str(server) for server in service.pool if server.host not in teardown.hosts]
        if gone:
            yield f"service {service.name} goes on without {', '.join(gone)}: " + (
                f"{', '.join(rest)} stay" if rest else _nobody(teardown, service)
            )
    gone = [name for name in inventory.directors if name in teardown.hosts]
    rest = [name for name in inventory.directors if name not in teardown.hosts]
    if gone:
        yield f"{', '.join(gone)} is no director any more: " + (
            f"{', '.join(rest)} stay" if rest else "none stays, and no service is reached"
        )


def _nobody(teardown: Teardown, service: Service) -> str:
    for server in service.servers:
        if server.is_fallback and server.host not in teardown.hosts:
            return f"no real server stays, and the fallback serves: {server}"
    return "no real server stays, and none is reached"


def _unknown(
    kind: str, names: Iterable[str], known: Collection[str], expected: str
) -> Iterator[Violation]:
    for name in names:
        if name not in known:
            choice = f"{expected}: {', '.join(known) or 'there is none'}{did_you_mean(name, known)}"
            yield Violation(VALUE, "", "", f"topology_teardown.{kind}: {name!r}", choice)
