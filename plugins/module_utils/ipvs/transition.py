# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The transition between two tables without cutting connections."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Callable, Collection, Mapping, NamedTuple

from .edit import with_each_destination
from .model import Destination, DestinationKey, Entry, ServiceKey, Table

Destinations = Mapping[ServiceKey, Collection[DestinationKey]]


class Stage(NamedTuple):
    """A step of the transition to a table."""

    table: Table
    gone: Collection[ServiceKey]  # services to delete
    leaving: Destinations = MappingProxyType({})  # drained before the next step


def stages(current: Table, at_once: Stage) -> list[Stage]:
    """Return the stages to a table. Only destinations without connections go or change.

    A destination must not have connections of two forwarding methods. The kernel caches one route
    for all of them, and one for a tunnel or NAT does not lead direct routing to the real server
    (dest_dst and FLOWI_FLAG_KNOWN_NH in net/netfilter/ipvs/ip_vs_xmit.c). So destinations drain
    before they change, one half after the other if no others serve.
    """
    desired, gone, _nothing = at_once
    switched = switching(current, desired)
    first = {key: _first(current, desired, key, each) for key, each in switched.items()}
    second = {key: each - first[key] for key, each in switched.items() if each - first[key]}
    removed = removed_destinations(current, desired, gone)
    way = []
    if removed or first:
        held = _held(current, desired, switched, first)
        leaving = {
            key: removed.get(key, set()) | first.get(key, set()) for key in {*removed, *first}
        }
        way.append(Stage(instead_of_removed(current, held, gone), (), leaving))
    if second:
        way.append(Stage(_held(current, desired, second, second), gone, second))
        gone = ()
    return [*way, Stage(desired, gone)]


def coming(current: Table, desired: Table, gone: Collection[ServiceKey]) -> Table:
    """Return the desired table, with removed and changed destinations as they were."""
    switched = switching(current, desired)
    return _with_extra(current, _held(current, desired, switched, {}), gone, _as_it_was)


def staying(current: Table, desired: Table) -> list[ServiceKey]:
    """Return the services with destinations that keep their forwarding method."""
    both = _in_both(current, desired)
    return sorted(key for key, destinations in both.items() if True in destinations.values())


def switching(current: Table, desired: Table) -> dict[ServiceKey, set[DestinationKey]]:
    """Return the destinations that get another forwarding method, by service."""
    both = _in_both(current, desired)
    found = {
        key: {each for each, keeps in destinations.items() if not keeps}
        for key, destinations in both.items()
    }
    return {key: destinations for key, destinations in found.items() if destinations}


def instead_of_removed(current: Table, desired: Table, gone: Collection[ServiceKey]) -> Table:
    """Return the desired table, with removed entries at weight 0."""
    return _with_extra(current, desired, gone, lambda one: one._replace(weight=0))


def removed_destinations(
    current: Table, desired: Table, gone: Collection[ServiceKey]
) -> dict[ServiceKey, set[DestinationKey]]:
    """Return the removed destinations, by service."""
    leaving = {
        key: {each for each, _one in _extra(current, desired, key)} for key in (*desired, *gone)
    }
    return {key: destinations for key, destinations in leaving.items() if destinations}


def with_reusable(
    found: list[dict[str, Any]], current: Table, leaving: Destinations
) -> list[dict[str, Any]]:
    """Return the same, with a flag on those whose closed connections must end too.

    In direct routing and tunnels a director sees half of a connection. A client that reuses the
    port of a closed one joins it, by the old method (FIN_WAIT and conn_reuse_mode in
    net/netfilter/ipvs/ip_vs_core.c).
    """
    halves = {
        (str(key), str(each))
        for key, destinations in leaving.items()
        for each in destinations
        if key in current
        and each in current[key].destinations
        and current[key].destinations[each].forwarding != "masq"
    }
    return [{**one, "reusable": (one["service"], one["destination"]) in halves} for one in found]


def _in_both(current: Table, desired: Table) -> dict[ServiceKey, dict[DestinationKey, bool]]:
    """Tell whether kept destinations keep their forwarding method, by service."""
    both = (
        (key, current[key].destinations, desired[key].destinations)
        for key in desired
        if key in current
    )
    return {
        key: {
            each: there[each].forwarding == one.forwarding
            for each, one in needed.items()
            if each in there
        }
        for key, there, needed in both
    }


def _first(
    current: Table, desired: Table, key: ServiceKey, switched: set[DestinationKey]
) -> set[DestinationKey]:
    """Return the destinations that change first: half, or all if others are enough.

    Those already without new connections come first, so that a run continues the last one.
    """
    needed = desired[key].destinations
    others = sum(1 for each, one in needed.items() if each not in switched and one.weight)
    serving = {each for each in switched if needed[each].weight}
    idle = {each for each in serving if not current[key].destinations[each].weight}
    if len(serving) <= 1 or idle == serving or others >= (others + len(serving)) // 2:
        return switched
    more = max(0, len(serving) // 2 - len(idle))
    return switched - serving | idle | {*sorted(serving - idle)[:more]}


def _held(current: Table, desired: Table, held: Destinations, drained: Destinations) -> Table:
    """Return the desired table, with some destinations as they are or drained."""

    def now(key: ServiceKey, one: Destination) -> Destination:
        if one.key not in held.get(key, ()):
            return one
        there = current[key].destinations[one.key]
        return there._replace(weight=0) if one.key in drained.get(key, ()) else there

    return with_each_destination(desired, now)


def _with_extra(
    current: Table,
    desired: Table,
    gone: Collection[ServiceKey],
    change: Callable[[Destination], Destination],
) -> Table:
    leaving = {key: Entry(current[key].service, {}) for key in gone}
    return {
        key: Entry(
            service,
            {
                **destinations,
                **{each: change(one) for each, one in _extra(current, desired, key)},
            },
        )
        for key, (service, destinations) in {**desired, **leaving}.items()
    }


def _as_it_was(destination: Destination) -> Destination:
    return destination


def _extra(
    current: Table, desired: Table, key: ServiceKey
) -> list[tuple[DestinationKey, Destination]]:
    there = current[key].destinations if key in current else {}
    needed = desired[key].destinations if key in desired else {}
    return [(each, one) for each, one in there.items() if each not in needed]
