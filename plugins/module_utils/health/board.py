# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""All verdicts and pools of a director: from results of probes to weights and sentences.

Whether a real server is silent or the director's own network is gone, a probe cannot tell. So a
silent one goes down only if another real server has answered meanwhile: between two of its silent
results, both before the one that takes it down. That holds where nobody else would serve. A pool
with a fallback, and one that is withdrawn, lets its real servers go: there somebody else does.
"""

from __future__ import annotations

import math
from typing import Collection, Iterable, Mapping, NamedTuple, Sequence

from ..ipvs.model import DestinationKey, ServiceKey, Table
from ..listing import few
from . import pool
from .decisions import Decision, Decisions, Target
from .kinds.table import KINDS
from .model import WITHDRAW, Probe, Watch
from .pool import Pool
from .verdict import Moment, Verdict, after, is_answer
from .verdicts import Verdicts


class Task(NamedTuple):
    """What is to be watched."""

    watches: Sequence[Watch] = ()
    table: Table = {}  # noqa: RUF012 - never changed
    drained: Collection[str] = ()
    names: Mapping[str, str] = {}


class _Silence(NamedTuple):
    since: float
    others_answered: bool  # since then, and before the latest silent result


class Board:
    """What has been heard so far, and what follows."""

    def __init__(
        self, verdicts: Mapping[Target, Verdict], decisions: Mapping[Target, Decision]
    ) -> None:
        self.decisions: Decisions = dict(decisions)
        self.changes_at = math.inf  # on the clock: when weights change without another result
        self._past = dict(verdicts)  # of targets that no probe is known of yet
        self._task = Task()
        self._watches: dict[ServiceKey, Watch] = {}
        self._targets: dict[Probe, list[Target]] = {}
        self._probes: dict[ServiceKey, dict[DestinationKey, Probe]] = {}
        self._verdicts: dict[Probe, Verdict] = {}
        self._pools: dict[ServiceKey, Pool] = {}
        self._growing: dict[ServiceKey, float] = {}  # pools, and when a weight grows next
        self._open: set[ServiceKey] = set()  # pools to decide again
        self._is_new = True  # what is watched
        self._silent: dict[Probe, _Silence] = {}
        self._lone: frozenset[Probe] = (
            frozenset()
        )  # of pools without another real server that serves
        self._mute: frozenset[Probe] = frozenset()  # whose good results are no answers
        self._heard = self._heard_before = ("", -math.inf)  # the latest answers, of two RIPs

    def take(self, task: Task, probes: Mapping[Target, Probe]) -> None:
        """Watch something else from now on; what is known of the same real servers stays."""
        known = self.verdicts()
        self._task = task
        self._watches = {one.service: one for one in task.watches if one.service in task.table}
        targets: dict[Probe, list[Target]] = {}
        self._probes = {key: {} for key in self._watches}
        for (key, each), probe in probes.items():
            targets.setdefault(probe, []).append((key, each))
            self._probes[key][each] = probe
        self._verdicts = {
            probe: self._verdicts.get(probe)
            or _inherited(known[one] for one in ones if one in known)
            for probe, ones in targets.items()
        }
        self._past = {}
        self._targets = targets
        self._silent = {one: self._silent[one] for one in self._silent if one in targets}
        rips = {_rip(probe) for probe in targets}
        self._lone = frozenset(
            probe
            for probe, ones in targets.items()
            if len(rips) > 1 and all(_is_lone(self._watches[service]) for service, _key in ones)
        )
        self._mute = frozenset(probe for probe in targets if _takes_silence(probe))
        said = self.verdicts()
        self._pools = {
            key: self._pools.get(key) or self._as_decided(key, said) for key in self._watches
        }
        self._growing = {}
        self._open, self._is_new = {*self._watches}, True

    def note(self, results: Iterable[tuple[Probe, str]], now: Moment) -> list[str]:
        """Take results of probes in; gives a sentence for each real server that goes or comes."""
        sentences = []
        for probe, result in results:
            before = self._verdicts.get(probe)
            if before is None:
                continue
            is_held = self._is_held(probe, result, now)
            verdict = after(before, probe.check, result, now, is_held=is_held)
            self._verdicts[probe] = verdict
            if verdict.is_up != before.is_up:
                self._open.update(service for service, _key in self._targets[probe])
                sentences.append(self._told(probe, verdict))
            elif verdict.is_up and bool(verdict.reason) != bool(before.reason):
                sentences.append(
                    f"{self._name(_rip(probe))} stays in: {result}, and nobody else answers either"
                    if result
                    else f"{self._name(_rip(probe))} answers again"
                )
        return sentences

    def is_last_straw(self, probe: Probe, result: str) -> bool:
        """Whether this result would take a real server out."""
        verdict = self._verdicts.get(probe, Verdict())
        return bool(result) and verdict.is_up and verdict.streak + 1 >= probe.check.fall

    def decide(self, now: Moment) -> list[str]:
        """Bring ``decisions`` up to date; gives a sentence for what more becomes of pools."""
        concerned = {*self._open, *self._grown(now)}
        if not concerned and not self._is_new:
            return []
        sentences: list[str] = []
        changed: dict[ServiceKey, Pool] = {}  # as they were before
        for key in sorted(concerned):
            watch, entry, before = self._watches[key], self._task.table[key], self._pools[key]
            verdicts = {each: self._verdicts[probe] for each, probe in self._probes[key].items()}
            decided = pool.decide(watch, entry, self._task.drained, verdicts, now)
            self._pools[key] = decided._replace(
                decisions={
                    each: _settled(before.decisions.get(each), one)
                    for each, one in decided.decisions.items()
                }
            )
            if self._pools[key].decisions != before.decisions:
                changed[key] = before
            self._growing[key] = decided.changes_at
            if decided.changes_at == math.inf:
                del self._growing[key]
            sentences += self._becomes(watch, before, decided)
        self.changes_at = min(self._growing.values(), default=math.inf)
        if changed or self._is_new:
            self._gather(changed)
        self._open, self._is_new = set(), False
        return sentences

    def _grown(self, now: Moment) -> list[ServiceKey]:
        if self.changes_at > now.clock:
            return []
        return [key for key, changes_at in self._growing.items() if changes_at <= now.clock]

    def _gather(self, changed: Mapping[ServiceKey, Pool]) -> None:
        """Bring the decisions of pools together: of many services few change at a time."""
        if self._is_new:
            self.decisions, changed = {}, dict.fromkeys(self._pools, Pool({}))
        else:
            self.decisions = dict(self.decisions)  # others keep the earlier ones
        for key, before in changed.items():
            for each in before.decisions:
                del self.decisions[key, each]
            for each, decision in self._pools[key].decisions.items():
                self.decisions[key, each] = decision

    def verdicts(self) -> Verdicts:
        """What is known of each real server that is tried."""
        return {
            **self._past,
            **{
                target: self._verdicts[probe]
                for probe, targets in self._targets.items()
                for target in targets
            },
        }

    def told(self) -> Verdicts:
        """What is known of those that are down, or have been, or may be soon."""
        return {
            target: verdict
            for probe, verdict in self._verdicts.items()
            if verdict.since or verdict.reason
            for target in self._targets[probe]
        }

    def summary(self) -> str:
        """How many real servers are up."""
        rips = {_rip(probe) for probe in self._verdicts}
        down = {_rip(probe) for probe, verdict in self._verdicts.items() if not verdict.is_up}
        return f"{len(rips) - len(down)} of {len(rips)} real servers are up"

    def _as_decided(self, key: ServiceKey, said: Verdicts) -> Pool:
        """A pool as the daemon before has left it."""
        destinations = self._task.table[key].destinations
        decided = {
            each: self.decisions[key, each]
            for each in destinations
            if (key, each) in self.decisions
        }
        down = {each for each in destinations if not said.get((key, each), Verdict()).is_up}
        return Pool(decided, frozenset(down - decided.keys()))

    def _is_held(self, probe: Probe, result: str, now: Moment) -> bool:
        rip = _rip(probe)
        if is_answer(result):
            self._silent.pop(probe, None)
            if result or probe not in self._mute:
                if rip != self._heard[0]:
                    self._heard_before = self._heard
                self._heard = rip, now.clock
            return False
        silence = self._silent.get(probe) or _Silence(now.clock, others_answered=False)
        other = self._heard if self._heard[0] != rip else self._heard_before
        self._silent[probe] = silence._replace(others_answered=other[1] >= silence.since)
        return probe in self._lone and not silence.others_answered

    def _told(self, probe: Probe, verdict: Verdict) -> str:
        services = few([_called(self._watches[key]) for key, _each in self._targets[probe]])
        who = self._name(_rip(probe))
        if verdict.is_up:
            return f"{who} is up again for {services}"
        return f"{who} is down for {services}: {verdict.reason}"

    def _becomes(self, watch: Watch, before: Pool, decided: Pool) -> list[str]:
        service, short = _called(watch), pool.withdrawn(watch.policy)
        sentences = [
            f"{self._name(key.address)} stays in {service}: {watch.policy.floor} % of its weight "
            "stay in whatever checks say"
            for key in sorted(decided.kept - before.kept)
        ]
        was, is_now = (
            {one.reason for one in each.decisions.values()} for each in (before, decided)
        )
        if short in was ^ is_now:
            sentences.append(
                f"{service} {f'is withdrawn: {short}' if short in is_now else 'is back'}"
            )
        if pool.FALLBACK in was ^ is_now:
            serves = pool.FALLBACK in is_now
            who = few([self._name(key.address) for key in watch.fallback])
            sentences.append(
                f"{who} serves {service}: {pool.FALLBACK}"
                if serves
                else f"{who} serves {service} no more"
            )
        return sentences

    def _name(self, rip: str) -> str:
        return self._task.names.get(rip, rip)


def _inherited(known: Iterable[Verdict]) -> Verdict:
    """Who is down for some and up for others counts as up until shown otherwise."""
    ones = [*known]
    first = next((one for one in ones if one.is_up), ones[0] if ones else Verdict())
    return first._replace(streak=0)


def _settled(before: Decision | None, decision: Decision) -> Decision:
    """The same decision is as old as it is."""
    is_same = before and before._replace(since=decision.since) == decision
    return before if before and is_same else decision


def _is_lone(watch: Watch) -> bool:
    return watch.policy.on_floor != WITHDRAW and not watch.fallback


def _takes_silence(probe: Probe) -> bool:
    return KINDS[probe.check.kind].takes_silence(dict(probe.check.options))


def _rip(probe: Probe) -> str:
    return probe.rip or probe.address


def _called(watch: Watch) -> str:
    return f"service {watch.name or watch.service}"
