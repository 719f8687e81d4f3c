# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Services that go to another mode while they serve.

Every host is made ready for what is declared before it loses what it had, and a connection keeps
the forwarding method with which it began. So all that is needed is to wait in between: for
destinations that get another method before they do (``ipvs/transition.py``), or, where the method
stays (NAT and FULLNAT), for all connections before the old mode's part of the hosts goes.
"""

from __future__ import annotations

from typing import Any, Collection, Iterable, Iterator, Mapping

from .declaration.model import Service
from .declaration.options import VALUE
from .topology import Topology
from .violation import Violation, did_you_mean


def unknown_services(migration: Mapping[str, Any], declared: Collection[str]) -> list[Violation]:
    """Services that cannot be moved, because there are none of that name."""
    return [
        Violation(
            VALUE,
            "",
            "",
            f"topology_migration.services: {name!r}",
            f"a declared service: {', '.join(declared)}{did_you_mean(name, declared)}",
        )
        for name in migration.get("services", ())
        if name not in declared
    ]


def wait_argument(topology: Topology) -> dict[str, Any]:
    """The argument that has a director wait before a host loses anything; none if nothing moves."""
    services = [str(virtual.service.key) for each in _moved(topology) for virtual in each.virtuals]
    times = {
        name: value for name, value in topology.options.migration.items() if name != "services"
    }
    # Virtual services with one mark are one service of the table.
    return {"wait": {"services": [*dict.fromkeys(services)], **times} if services else None}


def moving(topology: Topology) -> Iterator[str]:
    """What clients of a service that moves will notice, a sentence each."""
    migration = topology.options.migration
    for service in _moved(topology):
        end = "are cut" if migration["on_timeout"] == "continue" else "end the run, and go on"
        serving = [server for server in service.pool if server.settings.weight]
        modes = " and ".join(service.modes)
        yield (
            f"service {service.name} is in mode {modes} from now on: connections that are there go "
            f"on as they began; those that are left after {migration['timeout']} s {end}"
        )
        if len(serving) <= 1:
            yield (
                f"service {service.name} has {len(serving)} real servers with a weight: if its "
                "forwarding method changes, new connections are refused until those that are there "
                "have ended"
            )
        by_hand = dict.fromkeys(
            path.name for path in topology.paths if path.service is service and path.node is None
        )
        if by_hand:
            yield (
                f"service {service.name} loses connections on {', '.join(by_hand)}, not managed, "
                "unless that is ready by hand for both modes"
            )


def _moved(topology: Topology) -> Iterable[Service]:
    names = topology.options.migration.get("services", ())
    return [service for service in topology.services if service.name in names]
