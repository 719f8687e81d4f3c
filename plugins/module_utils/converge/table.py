# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the kernel's table what is desired: read, plan, record, write."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from ..ipvs.client import Client
from ..ipvs.edit import Edit, difference
from ..ipvs.model import ServiceKey, Table
from ..ipvs.plan import plan, stale
from ..ipvs.schema import Hosts
from ..state.record import Record
from . import drain_plan, table_state
from .outcome import Outcome
from .weights import UNWATCHED, Health, told, weighed


class Request(NamedTuple):
    """What the table is to be, and how."""

    services: Table
    purge: str = "none"
    hosts: Hosts = MappingProxyType({})


class ServiceChange(NamedTuple):
    """What becomes of one service."""

    key: ServiceKey
    edit: Edit
    adopts: bool = False  # a service becomes ours that was not


def converge_table(
    record: Record, request: Request, *, check_mode: bool = False, health: Health = UNWATCHED
) -> Outcome:
    """Make every desired service so, and delete those that purge covers.

    Permanent drains stay; all others end here. Weights are those that health checks say.
    """
    before = table_state.load(record)
    declared = table_state.declared(before, request.services, request.hosts, all_drained=False)
    with Client() as client:
        current = client.table(declared.effective())
        effective = declared.effective(health, current, before.drained)
        gone = stale(current, request.services, request.purge, before.owned)
        operations = plan(current, effective, gone)
        table_state.save(record, declared)
        if not check_mode:
            client.apply(operations)
        table_state.save(record, declared.reached(before, current, request.purge))
    return Outcome(
        operations,
        difference(current, operations),
        [
            *drain_plan.still_drained(declared.permanent(), declared.hosts),
            *told(declared.effective(), health, declared.hosts),
        ],
    )


def converge_service(
    record: Record, change: ServiceChange, *, check_mode: bool, health: Health = UNWATCHED
) -> Outcome:
    """Make one service what an edit of it says, with the weights that health checks say."""
    key, edit, adopts = change
    before = table_state.load(record)
    saved = dict(before.table)
    with Client() as client:
        entry = client.entry(key)
        current = {key: entry} if entry else {}
        asked = edit(current)
        desired = weighed(asked, health, current)
        operations = plan(current, desired, current.keys() - desired.keys())
        if key not in desired:
            saved.pop(key, None)
        elif key in saved:
            # Not the kernel's weights: another real server may have been drained there.
            saved.update(edit({key: saved[key]}))
        elif adopts:
            saved[key] = asked[key]
        updated = before._replace(table=saved, owned=before.owned | saved.keys())
        table_state.save(record, updated)
        if not check_mode:
            client.apply(operations)
        deleted = current.keys() - desired.keys()
        table_state.save(record, updated._replace(owned=updated.owned - deleted))
    warnings = told(asked, health, before.hosts)
    return Outcome(operations, difference(current, operations), warnings)


def apply(record: Record) -> Outcome:
    """Make the table what its state file says: the boot program's part."""
    saved = table_state.load(record)
    return converge_table(record, Request(saved.table, hosts=saved.hosts))
