# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A table with one thing changed, and what a plan changes, for people."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from .errors import IpvsError
from .model import Destination, DestinationKey, Entry, Service, ServiceKey, Table
from .plan import Operation, after
from .schema import render_table

Edit = Callable[[Table], Table]


def with_each_destination(
    table: Table, change: Callable[[ServiceKey, Destination], Destination]
) -> Table:
    """Every destination as a function of its service and itself gives it."""
    return {
        key: Entry(service, {each: change(key, one) for each, one in destinations.items()})
        for key, (service, destinations) in table.items()
    }


def with_service(table: Table, service: Service) -> Table:
    """The service is there, with the destinations that it has, if any."""
    existing = table.get(service.key)
    return {**table, service.key: Entry(service, existing.destinations if existing else {})}


def without_service(table: Table, key: ServiceKey) -> Table:
    """The service is not there."""
    return {each: entry for each, entry in table.items() if each != key}


def with_destination(table: Table, key: ServiceKey, destination: Destination) -> Table:
    """The destination is below its service. Raises IpvsError when there is no such service."""
    if key not in table:
        raise IpvsError(f"there is no service {key}: add it first")
    service, destinations = table[key]
    return {**table, key: Entry(service, {**destinations, destination.key: destination})}


def without_destination(table: Table, key: ServiceKey, gone: DestinationKey) -> Table:
    """The destination is not below its service."""
    if key not in table:
        return table
    service, destinations = table[key]
    kept = {each: one for each, one in destinations.items() if each != gone}
    return {**table, key: Entry(service, kept)}


def difference(current: Table, operations: Sequence[Operation]) -> dict[str, Any]:
    """Before and after of the services that the operations touch, in the input's shape."""
    touched = {operation.service.key for operation in operations}
    before = {key: current[key] for key in touched if key in current}
    return {
        "before": {"services": render_table(before)},
        "after": {"services": render_table(after(before, operations))},
    }
