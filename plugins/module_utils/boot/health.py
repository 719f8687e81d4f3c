# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The health daemon: tries real servers, and gives those that do not answer weight 0.

It reads what to try from the director's state file, whenever that changes, and writes nothing but
weights: of destinations that are there, between 0 and what is declared. Whatever goes wrong with
it, weights stay as they are.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Callable, Collection, Iterable, Protocol, Sequence, Tuple

from ..converge import table_state, watches
from ..converge.director import PART
from ..converge.weights import Health, called, changes
from ..errors import UserError
from ..health import mark_services, plan, runtime
from ..health.board import Board, Task
from ..health.decisions import Decisions, Target
from ..health.model import Probe, Watch
from ..health.verdict import Moment, Verdict
from ..ipvs.client import Client
from ..ipvs.model import ServiceKey
from ..state import paths
from ..state.lock import BusyError, host_lock
from ..state.part import Part
from ..state.section import HEALTH, TABLE, Section
from ..vrrp import service
from . import systemd

LOOK_SECONDS = 1.0  # from one look at the state file to the next
BUSY_SECONDS = 0.05  # while a run changes this host
RETRY_SECONDS = 1.0

FOUND = "found without a weight by a daemon that could not read what was decided before"

_Identity = Tuple[object, ...]


class Prober(Protocol):
    """What tries real servers; see health/prober.py."""

    untried: dict[Probe, str]

    def watch(self, probes: Iterable[Probe]) -> None:
        """Replace what is tried."""

    def run(self, until: float) -> list[tuple[Probe, str]]:
        """Gives results as soon as there are any, or none at a time of the clock."""


def main() -> int:
    """Try real servers for ever."""
    from ..health.prober import Prober as RealProber  # noqa: PLC0415 - tests need no sockets

    try:
        with runtime.alone():
            daemon = Daemon(RealProber(), lambda: Moment(time.monotonic(), time.time()))
            systemd.tell_ready()
            while True:
                daemon.step()
    except UserError as error:
        systemd.log(str(error))
        return 1


def leave_nothing() -> None:
    """Remove what a daemon leaves that is stopped for ever: its files, and what led its probes."""
    with Client() as client:
        client.apply(mark_services.assign((), client.probe_services()).operations)
    runtime.forget()


class Daemon:
    """Goes from results to weights, a step at a time."""

    def __init__(self, prober: Prober, now: Callable[[], Moment]) -> None:
        self._prober = prober
        self._now = now
        self._troubles: dict[str, str] = {}  # each is said once
        self._status = ""
        self._seen: _Identity | None = None  # the state file that was looked at
        self._is_read = False
        self._is_led = True  # by all that probes need
        self._led: dict[int, mark_services.Target] = {}  # where each mark leads
        self._kept = table_state.TableState({}, frozenset(), {}, {})
        self._health: Health | None = None  # None: nothing has been read yet
        self._watches: dict[ServiceKey, Watch] = {}
        self._wanted: set[mark_services.Target] = set()
        self._look_at = self._retry_at = -math.inf
        self._has_news = False  # in verdicts that are not written
        self._written: Decisions | None = runtime.decisions()
        self._file = _identity(paths.decisions_file())
        self._board, self._unsettled = self._begin()

    def step(self) -> None:
        """Look, try, decide and write, for a second at most."""
        now = self._now()
        if now.clock >= self._look_at:
            self._look_at = now.clock + LOOK_SECONDS
            systemd.tell_alive()
            self._tell_keepalived()  # a look at a large table may take longer than it waits
            self._look()
            self._save_verdicts()
            self._tell()
        until = min(self._look_at, max(self._board.changes_at, now.clock))
        if self._is_open():
            until = min(until, max(self._retry_at, now.clock))
        self._note(self._prober.run(until))
        for sentence in self._board.decide(self._now()):
            systemd.log(sentence)
        if self._is_open() and self._now().clock >= self._retry_at:
            self._write()

    def _begin(self) -> tuple[Board, set[Target]]:
        """Go on where the daemon before has ended.

        Where its files cannot be read, whoever has no weight counts as down until probes say that
        it is up. Where nobody can tell who that is, raises UserError, and begins anew.
        """
        now, said = self._now(), runtime.verdicts()
        if said is not None and self._written is not None:
            said = {
                target: one._replace(since=one.since and _not_after(one.since, now))
                for target, one in said.items()
            }
            return Board(said, self._written), {*said, *self._written}
        found = {target for target, one in (self._written or {}).items() if not one.weight}
        if self._written is None:
            self._read()
            with Client() as client:
                current = client.table()
            found = {
                (key, each)
                for key, entry in current.items()
                for each, one in entry.destinations.items()
                if not one.weight and each.address not in self._kept.drained
            }
        down = Verdict(is_up=False, reason=FOUND, since=now)
        return Board({**dict.fromkeys(found, down), **(said or {})}, self._written or {}), found

    def _look(self) -> None:
        """Read the state file if it has changed, and try what it says."""
        if _identity(paths.decisions_file()) != self._file:
            self._written = None  # it was damaged
        identity = _state()
        # One that could not be read for want of descriptors stays the same: again with each look.
        if identity != self._seen or not self._is_read:
            self._seen, self._is_read = identity, False
            try:
                self._read()
            except UserError as error:
                self._trouble("state", f"goes on as before: {error}")
                return
            self._trouble("state", "")
            self._is_read, self._is_led = True, False
        if not self._is_led:
            self._plan()

    def _plan(self) -> None:
        """Try what the state file says."""
        health, kept = self._health or Health(), self._kept
        self._wanted = plan.marked(health.watches, kept.table)
        probes = plan.probes(health.watches, kept.table, self._lead())
        names = called(kept.hosts)
        self._board.take(Task(health.watches, kept.table, {*kept.drained}, names), probes)
        self._prober.watch({*probes.values()})
        self._unsettled |= health.fallbacks()

    def _read(self) -> None:
        part = Part(PART)
        kept = table_state.load(Section(part, TABLE))
        self._health = Health(watches.load(Section(part, HEALTH)))
        self._watches = {watch.service: watch for watch in self._health.watches}
        self._kept = kept

    def _lead(self) -> dict[mark_services.Target, int]:
        """Have the services by mark that probes need; gives the marks."""
        try:
            with Client() as client:
                assigned = mark_services.assign(self._wanted, client.probe_services())
                client.apply(assigned.operations)
        except UserError as error:
            self._is_led = False  # again with the next look
            self._trouble("marks", f"cannot lead probes: {error}")
            return {}
        self._is_led = True
        self._led = {mark: one for one, mark in assigned.marks.items()}
        self._trouble("marks", "")
        return assigned.marks

    def _note(self, results: Sequence[tuple[Probe, str]]) -> None:
        """Take results in; not those of probes that were led nowhere."""
        now = self._now()
        straws = {one.mark for one, result in results if self._board.is_last_straw(one, result)}
        if not self._are_led(straws & self._led.keys()):
            results = [one for one in results if not one[0].mark]
            self._is_led, self._look_at = False, now.clock
        for sentence in self._board.note(results, now):
            systemd.log(sentence)
            self._has_news = True

    def _are_led(self, marks: Collection[int]) -> bool:
        """Whether the kernel has the services for probes: its table may have been cleared."""
        if not marks:
            return True
        try:
            with Client() as client:
                are_led = all(
                    mark_services.leads(client.entry(mark_services.service_key(one, mark)), one)
                    for mark in marks
                    for one in [self._led[mark]]
                )
        except UserError:
            return False
        if not are_led:
            systemd.log("somebody has deleted services that lead probes: they come again")
        return are_led

    def _save_verdicts(self) -> None:
        if not self._has_news:
            return
        try:
            runtime.save_verdicts(self._board.told())
        except UserError as error:
            self._trouble("verdicts", str(error))
        else:
            self._trouble("verdicts", "")
            self._has_news = False

    def _is_open(self) -> bool:
        """Whether something is decided and not written."""
        is_written = self._board.decisions is self._written and not self._unsettled
        return self._health is not None and not is_written

    def _write(self) -> None:
        """Write what is decided: for others first, who leave the weights alone, then the kernel."""
        now, decided = self._now(), self._board.decisions
        if decided == self._written and not self._unsettled:
            self._written = decided
            return
        self._save_verdicts()
        try:
            with host_lock(0):
                if _state() != self._seen:
                    self._look_at = now.clock  # and then decide anew
                    return
                if decided != self._written:
                    runtime.save_decisions(decided)
                    self._file = _identity(paths.decisions_file())
                self._set_weights(decided)
        except BusyError:
            self._retry_at = now.clock + BUSY_SECONDS
        except UserError as error:
            self._retry_at = now.clock + RETRY_SECONDS
            self._trouble("write", f"cannot write weights, which stay as they are: {error}")
        else:
            self._trouble("write", "")
            self._written, self._unsettled = decided, set()
            # Of many that fail at once, some are written together.
            self._retry_at = now.clock + BUSY_SECONDS

    def _set_weights(self, decided: Decisions) -> None:
        before = self._written or {}
        targets = self._unsettled | {
            target
            for target in {*before, *decided}
            if target not in before
            or target not in decided
            or before[target].weight != decided[target].weight
        }
        if not targets:
            return
        # Of a large table few services are concerned.
        services = {key for key, _each in targets} & self._kept.table.keys()
        kept = self._kept.only(services)
        health = Health(
            tuple(self._watches[key] for key in services if key in self._watches),
            {
                (key, each): decided[key, each]
                for key in services
                for each in kept.table[key].destinations
                if (key, each) in decided
            },
        )
        with Client() as client:
            found = ((key, client.entry(key)) for key in services)
            current = {key: entry for key, entry in found if entry}
            client.apply(changes(current, kept.effective(), kept.effective(health), targets))

    def _tell_keepalived(self) -> None:
        """Tell keepalived that no daemon runs: the director of a pair then gives way."""
        try:
            service.say_healthy()
        except UserError as error:
            self._trouble("keepalived", str(error))
        else:
            self._trouble("keepalived", "")

    def _tell(self) -> None:
        """Keep `systemctl status` up to date."""
        untried = {*self._prober.untried.values()}
        self._trouble(
            "untried",
            f"{len(self._prober.untried)} of the probes could not be tried: {min(untried)}"
            if untried
            else "",
        )
        status = "; ".join((self._board.summary(), *filter(None, self._troubles.values())))
        if status != self._status:
            self._status = status
            systemd.tell(status)

    def _trouble(self, what: str, sentence: str) -> None:
        """Say what is wrong, and that it is over: each once."""
        before = self._troubles.get(what, "")
        self._troubles[what] = sentence
        if sentence and sentence != before:
            systemd.log(sentence)
        elif before and not sentence:
            systemd.log(f"no more: {before}")


def _state() -> _Identity:
    """What tells one state of the director from another."""
    return tuple(_identity(paths.state_file(PART, persist=persist)) for persist in (True, False))


def _identity(path: Path) -> _Identity:
    """What tells one file of a name from another."""
    try:
        status = path.stat()
    except OSError as error:
        return (error.errno,)
    return status.st_ino, status.st_mtime_ns, status.st_size


def _not_after(moment: Moment, now: Moment) -> Moment:
    return moment._replace(clock=min(moment.clock, now.clock))
