# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is kept of the IPVS table in its state file, and back."""

from __future__ import annotations

from types import MappingProxyType
from typing import Collection, Mapping, NamedTuple

from ..ipvs.edit import with_each_destination
from ..ipvs.model import Entry, ServiceKey, Table
from ..ipvs.schema import (
    Hosts,
    parse_hosts,
    parse_service_key,
    parse_services,
    render_key,
    render_table,
)
from ..state import content
from ..state.record import Record, Values
from .weights import UNWATCHED, Health, weighed

PART = "ipvs_services"


class TableState(NamedTuple):
    """The state of this part."""

    table: Table  # as declared
    owned: frozenset[ServiceKey]
    hosts: Mapping[str, tuple[str, ...]]  # the names of real servers, each with its RIPs
    drained: Mapping[str, bool]  # RIP → whether it outlasts the next run that declares the table

    def effective(
        self,
        health: Health = UNWATCHED,
        current: Mapping[ServiceKey, Entry] = MappingProxyType({}),
        were_drained: Collection[str] = (),
    ) -> Table:
        """The table as it has to be.

        Drained real servers take no new connections, and others as many as health checks say.
        """
        table = self.table
        if self.drained:
            table = with_each_destination(
                table,
                lambda _key, one: (
                    one._replace(weight=0) if one.key.address in self.drained else one
                ),
            )
        return weighed(table, health, current, were_drained)

    def only(self, services: Collection[ServiceKey]) -> TableState:
        """The state of some services alone."""
        return self._replace(table={key: self.table[key] for key in services})

    def permanent(self) -> list[str]:
        """The RIPs whose drain is permanent."""
        return [rip for rip, lasts in self.drained.items() if lasts]

    def reached(self, before: TableState, current: Table, purge: str) -> TableState:
        """The state once the table is so: ours is what is declared, and what was and was spared."""
        spared = before.owned & current.keys() if purge == "none" else frozenset()
        return self._replace(owned=spared | self.table.keys())

    def rips(self) -> set[str]:
        """The addresses of all real servers of the table."""
        return rips(self.table)


def rips(table: Table) -> set[str]:
    """The addresses of all real servers of a table."""
    return {each.address for entry in table.values() for each in entry.destinations}


def declared(before: TableState, table: Table, hosts: Hosts, *, all_drained: bool) -> TableState:
    """What a declaration makes of the state; a drain ends with it, unless it was to last."""
    there = rips(table)
    return TableState(
        table=table,
        owned=before.owned | table.keys(),
        hosts={name: tuple(addresses) for name, addresses in hosts.items()},
        drained={
            rip: lasts
            for rip, lasts in before.drained.items()
            if rip in there and (lasts or all_drained)
        },
    )


def load(record: Record) -> TableState:
    """Read it; raises PersistenceError where not all of it is known."""
    return content.read(record, _load, _dump)


def missing(record: Record, there: Collection[ServiceKey]) -> list[ServiceKey]:
    """Return the services that are kept and not there. Their destinations are not looked at."""
    kept = (parse_service_key(item, "services")[0] for item in record.desired.get("services", []))
    return [key for key in kept if key is not None and key not in there]


def save(record: Record, kept: TableState) -> None:
    """Write it."""
    record.record(*_dump(kept))


def _load(desired: Values, owned: Values) -> TableState:
    table, problems = parse_services(desired.get("services", []))
    hosts, wrong_hosts = parse_hosts(desired.get("hosts", {}))
    keys = [parse_service_key(item, "services") for item in owned.get("services", [])]
    drained = dict(owned.get("drained", {}))
    for problem in (*problems, *wrong_hosts, *(one for _key, wrong in keys for one in wrong)):
        raise ValueError(str(problem))
    if any(not isinstance(lasts, bool) for lasts in drained.values()):
        raise ValueError(f"drained: {drained}")
    return TableState(table, frozenset(key for key, _wrong in keys if key), hosts, drained)


def _dump(kept: TableState) -> tuple[Values, Values]:
    desired: Values = {"services": render_table(kept.table)} if kept.table else {}
    if kept.table and kept.hosts:
        desired["hosts"] = {name: [*rips] for name, rips in sorted(kept.hosts.items())}
    owned: Values = {}
    if kept.owned:
        owned["services"] = [render_key(key) for key in sorted(kept.owned)]
    if kept.drained:
        owned["drained"] = dict(sorted(kept.drained.items()))
    return desired, owned
