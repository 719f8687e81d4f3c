# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The plan from the current to the desired table: operations in order.

Every running service stays served after each operation:

1. new services, each followed by its destinations (not in use yet);
2. for each kept service: its own fields, added destinations, changed destinations (those with a
   weight first), removed destinations;
3. removed services.
"""

from __future__ import annotations

from enum import Enum
from typing import Collection, Iterator, NamedTuple, Sequence

from .model import Destination, Entry, Service, ServiceKey, Table


class Verb(Enum):
    """The kind of an operation; the value is its name in messages."""

    NEW_SERVICE = "add service"
    SET_SERVICE = "change service"
    DEL_SERVICE = "delete service"
    NEW_DESTINATION = "add destination"
    SET_DESTINATION = "change destination"
    DEL_DESTINATION = "delete destination"


class Operation(NamedTuple):
    """One change of the table."""

    verb: Verb
    service: Service
    destination: Destination | None = None

    def __str__(self) -> str:
        if self.destination is None:
            return f"{self.verb.value} {self.service.key}"
        return f"{self.verb.value} {self.destination.key} of service {self.service.key}"


def stale(
    current: Table, desired: Table, purge: str, owned: Collection[ServiceKey]
) -> set[ServiceKey]:
    """Return the services to delete: all others, the owned ones, or none."""
    if purge == "none":
        return set()
    others = current.keys() - desired.keys()
    return others if purge == "all" else others & set(owned)


def plan(current: Table, desired: Table, remove: Collection[ServiceKey]) -> list[Operation]:
    """Return the operations that make all desired entries and delete the services in remove."""
    new: list[Operation] = []
    changed: list[Operation] = []
    for key, entry in desired.items():
        existing = current.get(key)
        if existing is None:
            new += _add(entry)
        elif existing != entry:
            changed += _change(existing, entry)
    gone = [Operation(Verb.DEL_SERVICE, current[key].service) for key in sorted(remove)]
    return new + changed + gone


def after(current: Table, operations: Sequence[Operation]) -> Table:
    """Return the table after the operations, which check mode predicts."""
    table = {key: Entry(entry.service, dict(entry.destinations)) for key, entry in current.items()}
    for operation in operations:
        _apply(table, operation)
    return table


def _apply(table: Table, operation: Operation) -> None:
    key = operation.service.key
    if operation.destination is None:
        if operation.verb is Verb.DEL_SERVICE:
            del table[key]
        else:
            kept = table[key].destinations if key in table else {}
            table[key] = Entry(operation.service, kept)
    elif operation.verb is Verb.DEL_DESTINATION:
        del table[key].destinations[operation.destination.key]
    else:
        table[key].destinations[operation.destination.key] = operation.destination


def _add(entry: Entry) -> Iterator[Operation]:
    yield Operation(Verb.NEW_SERVICE, entry.service)
    for destination in entry.destinations.values():
        yield Operation(Verb.NEW_DESTINATION, entry.service, destination)


def _change(existing: Entry, entry: Entry) -> Iterator[Operation]:
    service, there = entry.service, existing.destinations
    if existing.service != service:
        yield Operation(Verb.SET_SERVICE, service)
    different = [
        destination
        for key, destination in entry.destinations.items()
        if key in there and there[key] != destination
    ]
    for key, destination in entry.destinations.items():
        if key not in there:
            yield Operation(Verb.NEW_DESTINATION, service, destination)
    for destination in sorted(different, key=lambda one: one.weight == 0):
        yield Operation(Verb.SET_DESTINATION, service, destination)
    for key, destination in there.items():
        if key not in entry.destinations:
            yield Operation(Verb.DEL_DESTINATION, service, destination)
