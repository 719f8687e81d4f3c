# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the kernel's table what is wanted: read, plan, record, write."""

from __future__ import annotations

from typing import Any, Collection, Mapping, NamedTuple, Sequence

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.edit import Edit, difference
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import ServiceKey, Table
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import Operation, plan, stale
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import (
    parse_service_key,
    parse_services,
    render_key,
    render_table,
)
from ansible_collections.lvs.topology.plugins.module_utils.persistence.state_file import Record

PART = "ipvs_services"


class Outcome(NamedTuple):
    """What was done, or in check mode would be done."""

    operations: list[Operation]
    difference: dict[str, Any]
    warnings: Sequence[str] = ()


def converge_table(
    record: Record, desired: Table, purge: str = "none", *, check_mode: bool = False
) -> Outcome:
    """Make every desired service so, and delete those that purge covers."""
    owned = _load_owned(record.found)
    with Client() as client:
        current = client.table()
        operations = plan(current, desired, stale(current, desired, purge, owned))
        # Ours is what we want now, and what we once wanted and have not deleted.
        kept = owned & current.keys() if purge == "none" else set()
        _record(record, desired, owned | desired.keys())
        if not check_mode:
            client.apply(operations)
        _record(record, desired, kept | desired.keys())
    return Outcome(operations, difference(current, operations))


def converge_service(
    record: Record, key: ServiceKey, edit: Edit, *, adopt: bool, check_mode: bool
) -> Outcome:
    """Make one service what an edit of it says; adopt makes a service ours that was not."""
    saved, owned = _load_table(record.desired), _load_owned(record.found)
    with Client() as client:
        entry = client.entry(key)
        current = {key: entry} if entry else {}
        desired = edit(current)
        operations = plan(current, desired, current.keys() - desired.keys())
        if key not in desired:
            saved.pop(key, None)
        elif key in saved or adopt:
            saved[key] = desired[key]
        _record(record, saved, owned | saved.keys())
        if not check_mode:
            client.apply(operations)
        _record(record, saved, (owned | saved.keys()) - (current.keys() - desired.keys()))
    return Outcome(operations, difference(current, operations))


def apply(record: Record) -> None:
    """Make the table what its state file says: the boot program's part."""
    converge_table(record, _load_table(record.desired))


def _record(record: Record, desired: Table, owned: Collection[ServiceKey]) -> None:
    record.record(
        {"services": render_table(desired)} if desired else {},
        {"services": [render_key(key) for key in sorted(owned)]} if owned else {},
    )


def _load_table(data: Mapping[str, Any]) -> Table:
    # A state file holds what was checked before, so that there are no problems to report.
    return parse_services(data.get("services", ()))[0]


def _load_owned(data: Mapping[str, Any]) -> set[ServiceKey]:
    keys = (parse_service_key(item, PART)[0] for item in data.get("services", ()))
    return {key for key in keys if key}
