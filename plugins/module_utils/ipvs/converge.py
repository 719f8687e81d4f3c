# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the kernel's table what is wanted: read, plan, record, write."""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Sequence

from ansible_collections.lvs.topology.plugins.module_utils.ipvs import kept
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.edit import Edit, difference
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import ServiceKey, Table
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import Operation, plan, stale
from ansible_collections.lvs.topology.plugins.module_utils.persistence.state_file import Record

Hosts = Mapping[str, Sequence[str]]


class Outcome(NamedTuple):
    """What was done, or in check mode would be done."""

    operations: list[Operation]
    difference: dict[str, Any]
    warnings: Sequence[str] = ()


def converge_table(
    record: Record,
    desired: Table,
    purge: str = "none",
    hosts: Hosts | None = None,
    *,
    check_mode: bool = False,
) -> Outcome:
    """Make every desired service so, and delete those that purge covers.

    Real servers that were drained to stay so are; of others that, ends here.
    """
    before = kept.load(record)
    wanted = kept.Kept(
        table=desired,
        owned=before.owned | desired.keys(),
        hosts={name: tuple(rips) for name, rips in (hosts or {}).items()},
        drained={rip: True for rip, lasting in before.drained.items() if lasting},
    )
    rips = wanted.rips()
    wanted = wanted._replace(drained={rip: True for rip in wanted.drained if rip in rips})
    with Client() as client:
        current = client.table()
        gone = stale(current, desired, purge, before.owned)
        operations = plan(current, wanted.effective(), gone)
        kept.keep(record, wanted)
        if not check_mode:
            client.apply(operations)
        # Ours is what we want now, and what we once wanted and have not deleted.
        spared = before.owned & current.keys() if purge == "none" else frozenset()
        kept.keep(record, wanted._replace(owned=spared | desired.keys()))
    return Outcome(operations, difference(current, operations), _notes(wanted))


def converge_service(
    record: Record, key: ServiceKey, edit: Edit, *, adopt: bool, check_mode: bool
) -> Outcome:
    """Make one service what an edit of it says; adopt makes a service ours that was not."""
    before = kept.load(record)
    saved = dict(before.table)
    with Client() as client:
        entry = client.entry(key)
        current = {key: entry} if entry else {}
        desired = edit(current)
        operations = plan(current, desired, current.keys() - desired.keys())
        if key not in desired:
            saved.pop(key, None)
        elif key in saved:
            # Not what the kernel has, where somebody may have drained another real server.
            saved.update(edit({key: saved[key]}))
        elif adopt:
            saved[key] = desired[key]
        wanted = before._replace(table=saved, owned=before.owned | saved.keys())
        kept.keep(record, wanted)
        if not check_mode:
            client.apply(operations)
        deleted = current.keys() - desired.keys()
        kept.keep(record, wanted._replace(owned=wanted.owned - deleted))
    return Outcome(operations, difference(current, operations))


def apply(record: Record) -> None:
    """Make the table what its state file says: the boot program's part."""
    saved = kept.load(record)
    converge_table(record, saved.table, hosts=saved.hosts)


def _notes(wanted: kept.Kept) -> list[str]:
    names = {rip: name for name, rips in wanted.hosts.items() for rip in rips}
    return [
        f"{f'{names[rip]} ({rip})' if rip in names else rip} stays drained, as it was asked to: "
        "ipvs_drain with state=serving brings it back"
        for rip in sorted(wanted.drained)
    ]
