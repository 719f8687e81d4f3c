# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Takes real servers out of service and back: read, plan, record, write."""

from __future__ import annotations

from typing import Callable, Collection, NamedTuple, Sequence

from ..errors import UserError
from ..host.sysctl import files as sysctl
from ..ipvs.client import Client
from ..ipvs.edit import difference
from ..ipvs.model import Table
from ..ipvs.plan import plan
from ..state.record import Record
from . import drain_plan, table_state
from .outcome import Outcome
from .weights import UNWATCHED, Health, weighed

_ENDS_TEMPLATES = "net/ipv4/vs/expire_quiescent_template"

STATES: dict[str, Callable[[Table, table_state.TableState, Collection[str]], Table]] = {
    "drained": drain_plan.drained,
    "undrained": drain_plan.undrained,
    "removed": drain_plan.removed,
}


class Asked(NamedTuple):
    """What is to become of which real servers."""

    names: Collection[str]
    state: str  # of STATES
    permanent: bool  # a permanent drain outlasts the next run of site.yml and a reboot
    end_permanent: bool  # whether the state undrained ends it
    min_active: int  # other real servers with a weight, in each service


def converge_drain(
    record: Record,
    asked: Asked,
    *,
    check_mode: bool,
    health: Health = UNWATCHED,
) -> Outcome:
    """Bring real servers to a state.

    A permanent drain stays until the state *undrained* ends it: neither a later drain that is not
    permanent nor removal from the table does.
    """
    before = table_state.load(record)
    rips, state = drain_plan.resolve(asked.names, before), asked.state
    permanent = {rip for rip in rips if before.drained.get(rip)}
    spared = permanent if state == "undrained" and not asked.end_permanent else frozenset()
    rips -= spared
    others = {rip: one for rip, one in before.drained.items() if rip not in rips}
    ours = drain_plan.remembered(state, rips, rips if asked.permanent else permanent)
    with Client() as client:
        current = client.table()
        if state != "undrained":
            fallbacks = health.fallbacks()
            _refuse(drain_plan.too_few(current, before, rips, asked.min_active, fallbacks))
        # Who comes back has the weight that health checks say.
        back = before._replace(table=weighed(before.table, health, current, before.drained))
        operations = plan(current, STATES[state](current, back, rips), ())
        table_state.save(record, before._replace(drained={**others, **ours}))
        if not check_mode:
            client.apply(operations)
        activity = {
            key: client.connections(key) for key in drain_plan.used_by(current, before, rips)
        }
    concerned = {key: current[key] for key in activity}
    return Outcome(
        operations,
        difference(current, operations),
        [*drain_plan.refused(concerned), *_lingering(concerned)]
        if state == "drained"
        else drain_plan.still_drained(spared, before.hosts),
        connections=drain_plan.connections(activity, lambda _key, one: one.address in rips),
        drained=drain_plan.taking(concerned, rips, health.out() - before.drained.keys())
        if state == "drained"
        else (),
    )


def _refuse(found: Sequence[str]) -> None:
    if found:
        raise UserError("\n".join(found))


def _lingering(concerned: Table) -> list[str]:
    ends_templates = sysctl.read([_ENDS_TEMPLATES]).get(_ENDS_TEMPLATES) == "1"
    return [] if ends_templates else drain_plan.lingering(concerned)
