# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What draining a real server changes in the table, and who still uses it."""

from __future__ import annotations

from typing import Any, Callable, Collection, Mapping

from ..errors import UserError
from ..ipvs.edit import with_each_destination
from ..ipvs.model import Destination, DestinationKey, Entry, ServiceKey, Table
from ..ipvs.protocol import Activity
from ..listing import count
from .table_state import TableState
from .weights import called


def resolve(names: Collection[str], kept: TableState) -> frozenset[str]:
    """The RIPs of real servers that are named by their hosts or by addresses; raises UserError."""
    known = kept.rips()
    rips: set[str] = set()
    unknown = []
    for name in names:
        found = {name, *kept.hosts.get(name, ())} & known
        rips |= found
        if not found:
            unknown.append(name)
    if unknown:
        servers = sorted(kept.hosts) or sorted(known)
        raise UserError(
            f"no service of ours has a real server {', '.join(unknown)}: "
            + (f"there are {', '.join(servers)}" if servers else "there are no services of ours")
        )
    return frozenset(rips)


def drained(current: Table, kept: TableState, rips: Collection[str]) -> Table:
    """What the services of ours have to be: no new connections to these RIPs."""
    return with_each_destination(
        _concerned(current, kept),
        lambda _key, one: one._replace(weight=0) if one.key.address in rips else one,
    )


def undrained(current: Table, kept: TableState, rips: Collection[str]) -> Table:
    """What the services of ours have to be: these RIPs have the weights of ``kept`` again.

    A weight other than 0 was set later, and stays.
    """

    def declared(key: ServiceKey, one: Destination) -> Destination:
        if one.weight or one.key.address not in rips:
            return one
        return one._replace(weight=kept.table[key].destinations.get(one.key, one).weight)

    return with_each_destination(_concerned(current, kept), declared)


def removed(current: Table, kept: TableState, rips: Collection[str]) -> Table:
    """What the services of ours have to be: without these RIPs."""
    return {
        key: Entry(
            service, {each: one for each, one in destinations.items() if each.address not in rips}
        )
        for key, (service, destinations) in _concerned(current, kept).items()
    }


def remembered(state: str, rips: Collection[str], permanent: Collection[str]) -> dict[str, bool]:
    """What is kept of these RIPs: which are drained, and whether that lasts.

    A real server that is removed comes back with the next run that declares the table, and then
    without a weight where that was to last.
    """
    if state == "drained":
        return {rip: rip in permanent for rip in rips}
    return dict.fromkeys(permanent, True) if state == "removed" else {}


def taking(table: Table, rips: Collection[str], out: Collection[str] = ()) -> list[str]:
    """Those of these RIPs that some service sends new connections to, or would.

    :param out: those of which nothing but their health keeps them
    """
    serving = {
        each.address
        for entry in table.values()
        for each, one in entry.destinations.items()
        if one.weight
    }
    return sorted((serving | {*out}) & {*rips})


def still_drained(rips: Collection[str], hosts: Mapping[str, Collection[str]]) -> list[str]:
    """A sentence for each RIP whose drain is permanent."""
    names = called(hosts)
    return [
        f"{names.get(rip, rip)} stays drained, which is permanent: "
        "ipvs_drain with state=undrained brings it back"
        for rip in sorted(rips)
    ]


def used_by(current: Table, kept: TableState, rips: Collection[str]) -> list[ServiceKey]:
    """The services of ours that these RIPs are real servers of."""
    return [
        key
        for key, entry in _concerned(current, kept).items()
        if any(each.address in rips for each in entry.destinations)
    ]


def too_few(
    current: Table,
    kept: TableState,
    rips: Collection[str],
    least: int,
    fallbacks: Collection[tuple[ServiceKey, DestinationKey]] = (),
) -> list[str]:
    """A sentence for each service that would be left with fewer real servers that have a weight.

    A fallback that serves is none of them.
    """
    left = {
        key: sum(
            bool(one.weight) and each.address not in rips and (key, each) not in fallbacks
            for each, one in current[key].destinations.items()
        )
        for key in used_by(current, kept, rips)
    }
    return [
        f"service {key}: got {count(number, 'other real server')} with a weight; "
        f"expected at least {least}"
        for key, number in left.items()
        if number < least
    ]


def connections(
    activity: Mapping[ServiceKey, Mapping[DestinationKey, Activity]],
    is_meant: Callable[[ServiceKey, DestinationKey], bool],
) -> list[dict[str, Any]]:
    """How many connections the destinations have that are meant."""
    return [
        {
            "service": str(key),
            "protocol": key.protocol,
            "destination": str(each),
            "active": one.active_connections,
            "inactive": one.inactive_connections,
            "persistent": one.persistent_connections,
        }
        for key, destinations in sorted(activity.items())
        for each, one in sorted(destinations.items())
        if is_meant(key, each)
    ]


def lingering(table: Table) -> list[str]:
    """A sentence for each service whose clients come back to a drained real server."""
    return [
        f"service {key} is persistent: clients that have been on a drained real server are sent "
        f"there again until they have been away for {entry.service.persistence_timeout} s "
        "(net.ipv4.vs.expire_quiescent_template=1 ends that)"
        for key, entry in sorted(table.items())
        if entry.service.persistence_timeout
    ]


def refused(table: Table) -> list[str]:
    """A sentence for each service that refuses the clients of a drained real server."""
    return [
        f"service {key} has the scheduler {entry.service.scheduler} without the flag fallback: "
        "clients of a drained real server are refused until it is back"
        for key, entry in sorted(table.items())
        if entry.service.refuses
    ]


def _concerned(current: Table, kept: TableState) -> Table:
    """The services of ours that the kernel has."""
    return {key: entry for key, entry in current.items() if key in kept.table}
