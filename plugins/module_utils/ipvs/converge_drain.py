# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Takes real servers out of service and back: read, plan, record, write."""

from __future__ import annotations

from typing import Any, Callable, Collection, NamedTuple, Sequence

from ansible_collections.lvs.topology.plugins.module_utils.ipvs import drain, kept
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.converge import converge_service
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.edit import (
    difference,
    with_drained,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    DestinationKey,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import Operation, plan
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import render_destination
from ansible_collections.lvs.topology.plugins.module_utils.node import sysctl
from ansible_collections.lvs.topology.plugins.module_utils.persistence.state_file import Record

_ENDS_TEMPLATES = "net/ipv4/vs/expire_quiescent_template"

STATES: dict[str, Callable[[Table, kept.Kept, Collection[str]], Table]] = {
    "drained": drain.drained,
    "serving": drain.serving,
    "removed": drain.removed,
}


class Outcome(NamedTuple):
    """What was done, or in check mode would be done; and who still is connected."""

    operations: list[Operation]
    difference: dict[str, Any]
    warnings: Sequence[str]
    connections: list[dict[str, Any]]
    destination_before: dict[str, Any] | None = None


def still_connected(outcome: Outcome) -> dict[str, Any]:
    """What the modules tell beside what they did: all that waiting needs to know."""
    told: dict[str, Any] = {"connections": outcome.connections}
    if outcome.destination_before:
        told["destination_before"] = outcome.destination_before
    return told


def converge_drain(
    record: Record, names: Collection[str], state: str, *, lasting: bool, check_mode: bool
) -> Outcome:
    """Bring real servers to a state. A lasting drain outlasts ipvs_services and a reboot."""
    before = kept.load(record)
    rips = drain.resolve(names, before)
    others = {rip: one for rip, one in before.drained.items() if rip not in rips}
    ours = dict.fromkeys(rips, lasting) if state == "drained" else {}
    with Client() as client:
        current = client.table()
        operations = plan(current, STATES[state](current, before, rips), ())
        kept.keep(record, before._replace(drained={**others, **ours}))
        if not check_mode:
            client.apply(operations)
        activity = {key: client.connections(key) for key in drain.used_by(current, before, rips)}
    concerned = {key: current[key] for key in activity}
    return Outcome(
        operations,
        difference(current, operations),
        _lingering(concerned) if state == "drained" else [],
        drain.connections(activity, lambda one: one.address in rips),
    )


def converge_drained_destination(
    record: Record, key: ServiceKey, drained: DestinationKey, *, check_mode: bool
) -> Outcome:
    """Let a destination of any service take no new connections."""
    with Client() as client:
        entry = client.entry(key)
        before = entry.destinations.get(drained) if entry else None
        if entry is None or before is None:
            raise IpvsError(f"there is no destination {drained} of a service {key}")
        done = converge_service(
            record,
            key,
            lambda table: with_drained(table, key, drained),
            adopt=False,
            check_mode=check_mode,
        )
        activity = {key: client.connections(key)}
    return Outcome(
        done.operations,
        done.difference,
        _lingering({key: entry}),
        drain.connections(activity, lambda one: one == drained),
        render_destination(before),
    )


def _lingering(concerned: Table) -> list[str]:
    ends_templates = sysctl.read([_ENDS_TEMPLATES]).get(_ENDS_TEMPLATES) == "1"
    return [] if ends_templates else drain.lingering(concerned)
