# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the kernel's table what is wanted: read, plan, record, write."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Collection, Mapping, NamedTuple, Sequence

from ..ipvs import transition
from ..ipvs.client import Client
from ..ipvs.edit import Edit, difference
from ..ipvs.model import ServiceKey, Table
from ..ipvs.plan import Operation, after, plan, stale
from ..ipvs.wait import left
from ..state.record import Record
from . import drain_plan, table_state
from .outcome import Outcome
from .phases import ALL, FINISH, PREPARE

Hosts = Mapping[str, Sequence[str]]


class Request(NamedTuple):
    """What the table is to be, and how."""

    services: Table
    purge: str = "none"
    hosts: Hosts = MappingProxyType({})
    wait_for: Collection[str] = ()  # which connections keep a destination that goes or switches
    phase: str = ALL  # or PREPARE, FINISH


def converge_table(record: Record, request: Request, *, check_mode: bool = False) -> Outcome:
    """Make every desired service so, and delete those that purge covers.

    Real servers that were drained to stay so are; of others that ends here, but in the phase
    finish: who drains between the phases of a run has had what was declared before.

    Where connections are waited for, nothing that has any is deleted, or gets another forwarding
    method: it has weight 0, and another run has to look again. What is told to be done is all of
    it, from the first run on.
    """
    before, desired, phase = table_state.load(record), request.services, request.phase
    wanted = table_state.TableState(
        table=desired,
        owned=before.owned | desired.keys(),
        hosts={name: tuple(rips) for name, rips in request.hosts.items()},
        drained=_still_drained(before, desired, all_of_them=phase == FINISH and not check_mode),
    )
    with Client() as client:
        current, effective = client.table(), wanted.effective()
        gone = stale(current, desired, request.purge, before.owned)
        staying = transition.staying(current, effective)
        if phase == FINISH and check_mode:  # nobody has carried the phase prepare out
            current = after(current, plan(current, transition.coming(current, effective, gone), ()))
        switched = transition.switching(current, effective)
        at_once = transition.Stage(effective, gone)
        if phase == PREPARE:
            way = [transition.Stage(transition.coming(current, effective, gone), ())]
        else:
            way = transition.stages(current, at_once) if request.wait_for else [at_once]
        table_state.save(record, wanted)
        operations: list[Operation] = []
        connections: list[dict[str, Any]] = []
        is_over, state = True, current
        for table, leave, leaving in way:
            todo = plan(state, table, leave)
            operations += todo
            state = after(state, todo)
            if not is_over:
                continue
            if not check_mode:
                client.apply(todo)
            if leaving:
                found = _connected(client, leaving)
                connections = transition.with_reusable(found, current, switched)
                is_over = not left(connections, request.wait_for)
        if phase != PREPARE and (is_over or check_mode):
            # Ours is what we want now, and what we once wanted and have not deleted.
            spared = before.owned & current.keys() if request.purge == "none" else frozenset()
            table_state.save(record, wanted._replace(owned=spared | desired.keys()))
    return Outcome(
        operations,
        difference(current, operations),
        drain_plan.still_drained([rip for rip, one in wanted.drained.items() if one], wanted.hosts),
        plan(state, effective, gone) if phase == PREPARE else (),
        connections,
        [*map(str, staying)],
    )


def converge_service(
    record: Record, key: ServiceKey, edit: Edit, *, adopt: bool, check_mode: bool
) -> Outcome:
    """Make one service what an edit of it says; adopt makes a service ours that was not."""
    before = table_state.load(record)
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
        table_state.save(record, wanted)
        if not check_mode:
            client.apply(operations)
        deleted = current.keys() - desired.keys()
        table_state.save(record, wanted._replace(owned=wanted.owned - deleted))
    return Outcome(operations, difference(current, operations))


def apply(record: Record) -> None:
    """Make the table what its state file says: the boot program's part."""
    saved = table_state.load(record)
    converge_table(record, Request(saved.table, hosts=saved.hosts))


def _still_drained(
    before: table_state.TableState, table: Table, *, all_of_them: bool
) -> dict[str, bool]:
    rips = table_state.rips(table)
    return {
        rip: lasting
        for rip, lasting in before.drained.items()
        if rip in rips and (lasting or all_of_them)
    }


def _connected(client: Client, destinations: transition.Destinations) -> list[dict[str, Any]]:
    return drain_plan.connections(
        {key: client.connections(key) for key in destinations},
        lambda key, one: one in destinations[key],
    )
