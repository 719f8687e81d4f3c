# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes a host the director that is declared: read, plan, record, change, and stop at barriers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Collection, NamedTuple, Sequence, Union

from ..errors import HalfwayError, UserError
from ..health import runtime
from ..host.codec import dump_desired, load
from ..host.model import Address, Desired, Mark
from ..host.nft import run as nft
from ..host.plan import (
    Operation as HostOperation,
    difference,
    missing_devices,
    problems,
    without_missing,
)
from ..ipvs import edit, transition
from ..ipvs.client import Client
from ..ipvs.connections import ConnectionSnapshot, counted, look
from ..ipvs.model import Endpoint, ServiceKey, Table
from ..ipvs.plan import Operation as TableOperation, stale
from ..ipvs.schema import Hosts
from ..ipvs.wait import left
from ..listing import count
from ..metrics.settings import Settings
from ..state import paths
from ..state.names import BOOT_UNIT
from ..state.part import is_kept
from ..state.record import Record
from ..state.section import HEALTH, HOST, METRICS, TABLE, VRRP, Section
from ..vrrp import plan as vrrp_plan
from ..vrrp.model import Pair
from ..vrrp.plan import Current as CurrentPair, Operation as PairOperation
from . import drain_plan, metrics, pair, table_state, watches, weights
from .director_plan import Change, Drained, Ended, Goal, Way, way
from .host import (
    announce_all,
    carry_out_step,
    put_back as put_back_host,
    refuse,
    refuse_halfway,
)
from .outcome import Outcome, together
from .pair_plan import Kept, PairGoal, PairStep, Stages, floating, without_floating
from .settings import carry_out, read
from .steps import Step, concerned, with_rest

Operation = Union[HostOperation, TableOperation, PairOperation]

PART = "director"


class Request(NamedTuple):
    """What a director is to be, and how it gets there."""

    host: Desired
    early: Desired  # the same without VIPs and marks
    services: Table
    hosts: Hosts = MappingProxyType({})
    health: watches.Watches = ()
    purge: str = "owned"
    drain_removed: Collection[str] = ()  # which connections keep what leaves the table
    ending: Collection[ServiceKey] = ()  # services whose connections keep what leaves the host
    wait_for: Collection[str] = ()  # which of their connections
    pending_elsewhere: bool = False
    reannounce: bool = False  # tell the neighbours of addresses that are there already
    resume: bool = False  # this run has begun before, and its barriers are looked at again
    pair: Pair | None = None
    metrics: Settings | None = None
    persist: bool = True  # whether keepalived starts at boot
    at_boot: bool = False


def is_declared() -> bool:
    """Whether a topology has declared this host's table."""
    return is_kept(PART, TABLE)


def health(record: Record) -> weights.Health:
    """What health checks say of a director's table."""
    return weights.Health(watches.load(Section(record, HEALTH)), runtime.decisions())


def converge_director(
    record: Record, request: Request, *, check_mode: bool = False, forgets: bool = True
) -> Outcome:
    """Go the way of ``director_plan`` as far as connections let it.

    Permanent drains stay. All others end here, except in a run that is resumed: what it declares
    was in force before they began. Without connections to wait for, the snapshot of them goes.
    """
    host, table, checks, vrrp = (Section(record, name) for name in (HOST, TABLE, HEALTH, VRRP))
    past, watched, before_pair = load(host), watches.load(checks), pair.load(vrrp)
    of_metrics = Section(record, METRICS)
    measured = metrics.load(of_metrics)
    before = table_state.load(table)
    declared = table_state.declared(
        before, request.services, request.hosts, all_drained=request.resume and not check_mode
    )
    decided = weights.Health(request.health, runtime.decisions())
    with Client() as client:  # loads ip_vs: its sysctls are there from now on
        current = read(client, concerned(request.host, past), past.owned)
        missing: list[str] = []
        rest = Desired()
        if request.at_boot:
            missing = [*missing_devices(current, request.host)]
            possible, rest = without_missing(current, request.host)
            early, _rest = without_missing(current, request.early)
            request = request._replace(host=possible, early=early)
        refuse(problems(current, request.host, past.owned))
        current_pair, stages = _prepare_pair(client, before_pair, request)
        if stages.first:
            current = without_floating(current, before_pair)
        now = client.table(declared.effective())
        effective = declared.effective(decided, now, before.drained)
        goal = Goal(
            request.host,
            request.early,
            effective,
            stale(now, request.services, request.purge, before.owned),
            drains=bool(request.drain_removed),
            ending=request.ending,
            pending_elsewhere=request.pending_elsewhere,
            pair=stages,
            floating=floating(request.pair),
        )
        table_state.save(table, declared)
        watches.save(checks, request.health)
        metrics.save(of_metrics, request.metrics)
        reached = declared.reached(before, now, request.purge)
        walk = _Walk(client, host, table, vrrp, reached, now, request, check_mode)
        planned = [
            with_rest(step, rest, past) if isinstance(step, Step) else step
            for step in way(current, past, now, goal)
        ]
        walk.go(planned)
        if (request.pair or before_pair.pair) and not (check_mode or request.at_boot):
            nft.let_go()  # what a switch that was broken off has left
        refuse_halfway(missing, walk.done)
        may_wait_on = walk.waiting and any(isinstance(one, Ended) for one in planned)
        if forgets and not may_wait_on and not check_mode:
            ConnectionSnapshot.forget()
        if request.reannounce and not check_mode:
            # Whatever prefix they have.
            there = {resource.identity for resource in current.resources}
            known = (resource for resource in request.host.resources if resource.identity in there)
            walk.warnings += announce_all(sorted(known, key=str))
    of_table, of_pair, of_host = _by_kind(walk.done + walk.pending)
    return Outcome(
        [
            *walk.done,
            *watches.changes(watched, request.health),
            *metrics.changes(measured, request.metrics),
        ],
        together(
            edit.difference(now, of_table),
            difference(current, of_host),
            watches.difference(watched, request.health),
            metrics.difference(measured, request.metrics),
            vrrp_plan.difference(current_pair, of_pair),
        ),
        [
            *walk.warnings,
            *drain_plan.still_drained(declared.permanent(), declared.hosts),
            *weights.told(declared.effective(), decided, declared.hosts),
            *_lifted(now, effective, before, watched, request),
            *_unread(request.metrics),
        ],
        walk.pending,
        walk.waiting,
        walk.connections,
        staying=[*map(str, transition.staying(now, effective))],
        lowered=weights.lowered(declared.table, effective, declared.drained, decided),
    )


def apply(record: Record) -> Outcome:
    """Make the host what its state file says: the boot program's part."""
    desired = load(Section(record, HOST)).desired
    late = (Address, Mark)
    early = frozenset(resource for resource in desired.resources if not isinstance(resource, late))
    saved = table_state.load(Section(record, TABLE))
    request = Request(
        desired,
        desired._replace(resources=early),
        saved.table,
        saved.hosts,
        watches.load(Section(record, HEALTH)),
        purge="none",
        resume=paths.is_another_attempt(),
        pair=pair.load(Section(record, VRRP)).pair,
        metrics=metrics.load(Section(record, METRICS)),
        at_boot=True,
    )
    return converge_director(record, request, forgets=False)


def put_back(record: Record) -> Outcome:
    """Give the host back what others took: the guard's part.

    The table stays. What changes a host's network does not touch it, and whoever changes weights
    by a health check or a drain goes on with that. Nothing comes before its services, as at boot:
    whoever reaches a VIP finds a table behind it.
    """
    section = Section(record, HOST)
    with Client() as client:
        missing = table_state.missing(Section(record, TABLE), client.services())
        if missing:
            raise UserError(
                f"{count(len(missing), 'service')} missing in the table: {BOOT_UNIT} and "
                "site.yml add what is missing, and VIPs come after that"
            )
        return put_back_host(section, partial(read, client), partial(carry_out, client))


def _lifted(
    now: Table,
    effective: Table,
    before: table_state.TableState,
    watched: watches.Watches,
    request: Request,
) -> list[str]:
    """A sentence where weight 0 is lifted that somebody else has set, and not an earlier look."""
    if request.at_boot or request.resume:
        return []
    by_health = {watch.service for watch in (*watched, *request.health)}
    kept = {key: one for key, one in before.effective().items() if key not in by_health}
    return weights.lifted(now, effective, kept, request.hosts)


def _unread(settings: Settings | None) -> list[str]:
    """A sentence where metrics have no place."""
    if settings is None or paths.metrics_file(settings.directory).parent.is_dir():
        return []
    sentence = (
        f"no metrics are written while this host has no folder {settings.directory}: install "
        "node_exporter, or declare the folder of its --collector.textfile.directory"
    )
    return [sentence]


def _prepare_pair(client: Client, past: Kept, request: Request) -> tuple[CurrentPair, Stages]:
    if request.at_boot:
        return pair.prepare_at_boot(client, past)
    # Whoever gets addresses of its own in place of those of the pair waits for nothing with these.
    goes_on = any(isinstance(one, Address) for one in request.host.resources)
    drains = bool(request.drain_removed) and not goes_on
    return pair.prepare(client, past, PairGoal(request.pair, drains, request.persist))


def _by_kind(
    operations: Sequence[Operation],
) -> tuple[list[TableOperation], list[PairOperation], list[HostOperation]]:
    of_table = [one for one in operations if isinstance(one, TableOperation)]
    of_pair = [one for one in operations if isinstance(one, vrrp_plan.OPERATIONS)]
    others = (TableOperation, *vrrp_plan.OPERATIONS)
    return of_table, of_pair, [one for one in operations if not isinstance(one, others)]


@dataclass
class _Walk:
    """Goes a way, up to the first barrier that holds; check mode walks through all of them."""

    client: Client
    host: Record
    table: Record
    vrrp: Record
    reached: table_state.TableState
    before: Table
    request: Request
    check_mode: bool
    done: list[Operation] = field(default_factory=list)
    pending: list[Operation] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    waiting: str = ""
    connections: list[dict[str, Any]] = field(default_factory=list)

    def go(self, way: Way) -> None:
        """Take one step after the other."""
        for step in way:
            if isinstance(step, (Step, Change, PairStep)):
                if self.waiting:
                    self.pending += step.operations
                else:
                    self._take(step, way)
            elif not self.waiting and not self.connections:
                self._look(step)

    def _take(self, step: Step | Change | PairStep, way: Way) -> None:
        try:
            if isinstance(step, Step):
                self.warnings += carry_out_step(
                    self.host, step, partial(carry_out, self.client), check_mode=self.check_mode
                )
            elif isinstance(step, PairStep):
                pair.carry_out_step(self.vrrp, step, self.client, check_mode=self.check_mode)
            elif not self.check_mode:
                self.client.apply(step.operations)
        except UserError as error:
            total = sum(
                len(one.operations) for one in way if isinstance(one, (Step, Change, PairStep))
            )
            raise HalfwayError(
                f"{error}\n{len(self.done)} of {total} changes were made before; "
                "the next run goes on from there",
                self.done,
            ) from error
        self.done += step.operations
        if isinstance(step, Change) and step.is_last:
            table_state.save(self.table, self.reached)

    def _look(self, barrier: Drained | Ended) -> None:
        """See which connections hold a barrier."""
        if isinstance(barrier, Drained):
            option, wait_for = "drain_removed", self.request.drain_removed
            switched = transition.switching(self.before, self.reached.effective())
            activity = {key: self.client.connections(key) for key in barrier.destinations}
            found = transition.with_reusable(
                drain_plan.connections(activity, lambda key, one: one in barrier.destinations[key]),
                self.before,
                switched,
            )
        else:
            option, wait_for = "wait", self.request.wait_for
            found = self._counted(barrier.endpoints)
        if left(found, wait_for):
            self.connections = found
            self.waiting = "" if self.check_mode else option

    def _counted(self, endpoints: Sequence[Endpoint]) -> list[dict[str, Any]]:
        if self.check_mode:
            return counted(look(endpoints))
        purpose = json.dumps(dump_desired(self.request.host), sort_keys=True)
        return ConnectionSnapshot(purpose, endpoints).left()
