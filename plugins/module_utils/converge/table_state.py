# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is kept of the IPVS table in its state file, and back."""

from __future__ import annotations

from typing import Mapping, NamedTuple, Sequence

from ..ipvs.edit import with_each_destination
from ..ipvs.model import ServiceKey, Table
from ..ipvs.schema import parse_service_key, parse_services, render_key, render_table
from ..state.record import Record, Values

PART = "ipvs_services"

Hosts = Mapping[str, Sequence[str]]


class TableState(NamedTuple):
    """The state of this part."""

    table: Table  # as declared
    owned: frozenset[ServiceKey]
    hosts: Mapping[str, tuple[str, ...]]  # the names of real servers, each with its RIPs
    drained: Mapping[str, bool]  # RIP → whether it outlasts the next run that declares the table

    def effective(self) -> Table:
        """The table as it has to be: drained real servers take no new connections."""
        if not self.drained:
            return self.table
        return with_each_destination(
            self.table,
            lambda _key, one: one._replace(weight=0) if one.key.address in self.drained else one,
        )

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
    """Read it. A state file holds what was checked before, so that there are no problems."""
    desired, owned = record.desired, record.owned
    keys = (parse_service_key(item, PART)[0] for item in owned.get("services", ()))
    return TableState(
        table=parse_services(desired.get("services", ()))[0],
        owned=frozenset(key for key in keys if key),
        hosts={name: tuple(rips) for name, rips in desired.get("hosts", {}).items()},
        drained=dict(owned.get("drained", {})),
    )


def save(record: Record, kept: TableState) -> None:
    """Write it."""
    desired: Values = {"services": render_table(kept.table)} if kept.table else {}
    if kept.table and kept.hosts:
        desired["hosts"] = {name: [*rips] for name, rips in sorted(kept.hosts.items())}
    owned: Values = {}
    if kept.owned:
        owned["services"] = [render_key(key) for key in sorted(kept.owned)]
    if kept.drained:
        owned["drained"] = dict(sorted(kept.drained.items()))
    record.record(desired, owned)
