# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Weights as health checks have them, in a table that is otherwise as declared."""

from __future__ import annotations

from time import gmtime, strftime
from typing import Any, Collection, Iterable, Mapping, NamedTuple

from ..health.decisions import Decision, Decisions, Target, render_target
from ..health.model import Watch
from ..ipvs.edit import with_each_destination
from ..ipvs.model import Destination, Entry, ServiceKey, Table
from ..ipvs.plan import Operation, plan
from ..ipvs.schema import Hosts
from ..listing import few
from ..state.names import HEALTH_UNIT

UNREADABLE = (
    "what health checks have decided cannot be read: weights of services that they watch stay as "
    f"the kernel has them, until {HEALTH_UNIT} decides anew"
)


class Health(NamedTuple):
    """What health checks say of a table."""

    watches: tuple[Watch, ...] = ()
    decisions: Decisions | None = None  # None = nobody can tell

    def fallbacks(self) -> frozenset[Target]:
        """Destinations that serve only where nobody else can."""
        return frozenset((watch.service, key) for watch in self.watches for key in watch.fallback)

    def out(self) -> frozenset[str]:
        """The addresses of those that get nothing because of their health."""
        decided = (self.decisions or {}).items()
        return frozenset(key.address for (_service, key), one in decided if not one.weight)


UNWATCHED = Health()


def weighed(
    table: Table,
    health: Health,
    current: Mapping[ServiceKey, Entry],
    were_drained: Collection[str] = (),
) -> Table:
    """The table with the weights that are decided, which are never above those in it.

    Where nobody can tell what is decided, the kernel's weights count; but not those of real servers
    that were drained, which say nothing of their health.
    """
    if not health.watches:
        return table
    fallbacks = health.fallbacks()
    concerned = {watch.service for watch in health.watches} & table.keys()
    if health.decisions is not None:
        # All others are as they were: a table may be large, and few real servers are out.
        concerned &= {service for service, _each in (*health.decisions, *fallbacks)}

    def now(key: ServiceKey, one: Destination) -> Destination:
        usual = 0 if (key, one.key) in fallbacks else one.weight
        if health.decisions is not None:
            decision = health.decisions.get((key, one.key))
            weight = decision.weight if decision else usual
        else:
            there = current[key].destinations.get(one.key) if key in current else None
            weight = there.weight if there and one.key.address not in were_drained else usual
        return one._replace(weight=min(weight, one.weight))

    return {**table, **with_each_destination({key: table[key] for key in concerned}, now)}


def changes(
    current: Table, kept: Table, effective: Table, targets: Collection[Target]
) -> list[Operation]:
    """What makes the weights of some destinations the effective ones, and nothing else.

    Not of one that is reached in another way than is kept, because it is about to change; nor of
    one that gets nothing whatever health checks say: ``kept`` has weight 0 where it is drained.
    """
    concerned = {target for target in targets if target[0] in current and target[0] in kept}
    desired = {
        key: Entry(current[key].service, dict(current[key].destinations))
        for key, _each in concerned
    }
    for key, each in concerned:
        there, ours = current[key].destinations.get(each), kept[key].destinations.get(each)
        if there and ours and ours.weight and _way(there) == _way(ours):
            weight = effective[key].destinations[each].weight
            desired[key].destinations[each] = there._replace(weight=weight)
    return plan(current, desired, ())


def _way(destination: Destination) -> Destination:
    return destination._replace(weight=0, upper_threshold=0, lower_threshold=0)


def told(table: Table, health: Health, hosts: Hosts) -> list[str]:
    """A sentence for each real server that is out, and for each fallback that serves."""
    if not health.watches:
        return []
    if health.decisions is None:
        return [UNREADABLE]
    watched = {watch.service for watch in health.watches} & table.keys()
    fallbacks = health.fallbacks()
    grouped: dict[tuple[str, bool, str], list[tuple[ServiceKey, Decision]]] = {}
    for (key, each), decision in sorted(health.decisions.items()):
        one = table[key].destinations.get(each) if key in watched else None
        serves = (key, each) in fallbacks
        if one and one.weight and serves == bool(decision.weight):
            group = grouped.setdefault((each.address, serves, decision.reason), [])
            group.append((key, decision))
    names = called(hosts)
    return [
        f"{names.get(rip, rip)} is {'the fallback' if serves else 'out'} of service "
        f"{few([str(key) for key, _decision in group])} since "
        f"{readable(min(decision.since for _key, decision in group))}: {reason}"
        for (rip, serves, reason), group in grouped.items()
    ]


def lifted(now: Table, effective: Table, kept: Table, hosts: Hosts) -> list[str]:
    """A sentence for each real server that gets weight again which somebody else had taken.

    ``kept`` is the table as the last run left it, without services that are watched. Whoever is
    reached in another way than before may have lost its weight to us.
    """
    found: dict[str, list[ServiceKey]] = {}
    for key in now.keys() & effective.keys() & kept.keys():
        for each, one in now[key].destinations.items() if now[key] is not effective[key] else ():
            before, later = (table[key].destinations.get(each) for table in (kept, effective))
            taken = not one.weight and before and before.weight
            if taken and later and later.weight and _way(one) == _way(later):
                found.setdefault(each.address, []).append(key)
    names = called(hosts)
    return [
        f"{names.get(rip, rip)} had weight 0 in service {few([*map(str, sorted(keys))])}, and gets "
        "new connections again: no drain and no health check of this collection has set that. "
        "`lvs.topology.drain` keeps a real server out, `health` the dead ones"
        for rip, keys in sorted(found.items())
    ]


def lowered(
    declared: Table, effective: Table, drained: Collection[str], health: Health
) -> list[dict[str, Any]]:
    """Every destination that has less weight than is declared, and why."""
    found = []
    for key, entry in effective.items():
        # Most entries are the declared ones themselves: a table may be large.
        others = {} if entry is declared[key] else entry.destinations
        for each, one in others.items():
            if one.weight < declared[key].destinations[each].weight:
                reason = _reason((key, each), drained, health)
                found.append({**render_target((key, each)), "weight": one.weight, "reason": reason})
    return found


def _reason(target: Target, drained: Collection[str], health: Health) -> str:
    """Why a destination has less weight than is declared."""
    if target[1].address in drained:
        return "drained until it is undrained"
    if health.decisions is None:
        return "the kernel's weight stays, since what is decided cannot be read"
    decision = health.decisions.get(target)
    return (
        decision.reason if decision else "the fallback serves only where no other real server can"
    )


def called(hosts: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """How people are told of each RIP: by the name of its host, too."""
    return {rip: f"{name} ({rip})" for name, addresses in hosts.items() for rip in addresses}


def readable(since: float) -> str:
    """A time as people read it."""
    return strftime("%Y-%m-%d %H:%M:%S UTC", gmtime(since))
