# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Tries real servers, each at its time: one epoll, no thread, a heap of what comes next.

A probe has one entry in the heap: its next begin, or its deadline. Begins are on a grid of 20 ms,
so that a director wakes up 50 times a second for 10 probes each, and not 500 times for one.
"""

from __future__ import annotations

import math
import random
import select
import time
from heapq import heappop, heappush
from itertools import count
from typing import Any, Callable, Iterable, Mapping

from . import transports
from .kinds.kind import Kind
from .kinds.table import KINDS
from .model import Probe
from .transports import Attempt, Program, UntriedError

__all__ = ["Probe", "Prober"]

_GRID = 0.02  # seconds
_PROGRAM_POLL = 0.05  # seconds; a program has no descriptor to wait for in Python 3.8
_EVENTS = select.EPOLLIN | select.EPOLLOUT | select.EPOLLET


class _Run:
    """A probe that is repeated."""

    __slots__ = ("attempt", "due", "is_begun", "is_watched", "kind", "options", "probe")

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.kind: Kind = KINDS[probe.check.kind]
        self.options: Mapping[str, Any] = dict(probe.check.options)
        self.due = 0.0  # when the last one was to begin
        self.is_begun = False  # the entry in the heap is its deadline
        self.attempt: Attempt | None = None  # what goes on
        self.is_watched = True


class Prober:
    """Tries all probes of a list, each in its interval.

    ``untried`` has the probes that the director itself could not try the last time, and why: these
    are neither good nor bad.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.untried: dict[Probe, str] = {}
        self._clock = clock
        self._chance = chance
        self._epoll = select.epoll()
        self._runs: dict[Probe, _Run] = {}
        self._heap: list[tuple[float, int, _Run]] = []
        self._numbers = count()
        self._waiting: dict[int, _Run] = {}  # by the descriptor that is waited for
        self._programs: dict[Program, _Run] = {}
        self._results: list[tuple[Probe, str]] = []

    def close(self) -> None:
        """End all that goes on."""
        self.watch(())
        self._epoll.close()

    def watch(self, probes: Iterable[Probe]) -> None:
        """Replace the list. What stays keeps its time; what is new begins within one interval."""
        wanted = {*probes}
        for probe in [probe for probe in self._runs if probe not in wanted]:
            run = self._runs.pop(probe)
            run.is_watched = False
            self.untried.pop(probe, None)
            self._end(run)
        now = self._clock()
        for probe in wanted - self._runs.keys():
            run = self._runs[probe] = _Run(probe)
            begin = now + self._chance() * probe.check.interval
            self._put(math.ceil(begin / _GRID) * _GRID, run)

    def run(self, until: float) -> list[tuple[Probe, str]]:
        """Try what is due; return as soon as there are results, or at a time of the clock.

        A result is "", which is good, or what is wrong.
        """
        while True:
            # Answers first: after a delay of the daemon's own they are there, and the deadlines
            # are over.
            for descriptor, events in self._epoll.poll(self._pause(until)):
                run = self._waiting[descriptor]
                if run.attempt:
                    self._note(run, run.attempt.proceed(events))
            for program, run in [*self._programs.items()]:
                self._note_program(program, run)
            now = self._clock()
            self._do_what_is_due(now)
            if self._results or now >= until:
                results, self._results = self._results, []
                return results

    def _pause(self, until: float) -> float:
        if self._heap and self._heap[0][0] < until:
            until = self._heap[0][0]
        pause = max(0.0, until - self._clock())
        return min(pause, _PROGRAM_POLL) if self._programs else pause

    def _do_what_is_due(self, now: float) -> None:
        heap = self._heap
        while heap and heap[0][0] <= now:
            when, _number, run = heappop(heap)
            if not run.is_watched:
                continue
            interval = run.probe.check.interval
            if run.is_begun:
                run.is_begun = False
                if run.attempt:
                    self._note(run, run.attempt.at_timeout())
                self._put(max(run.due + interval, now), run)
            else:
                run.due = when if when > now - interval else now
                run.is_begun = True
                self._put(now + run.probe.check.timeout, run)
                self._begin(run)

    def _put(self, when: float, run: _Run) -> None:
        heappush(self._heap, (when, next(self._numbers), run))

    def _begin(self, run: _Run) -> None:
        probe = run.probe
        try:
            attempt = run.attempt = transports.begin(probe, run.kind, run.options)
        except UntriedError as error:
            self.untried[probe] = str(error)
            return
        except OSError as error:
            self._results.append((probe, transports.reason(error)))
        else:
            if isinstance(attempt, Program):
                self._programs[attempt] = run
            else:
                self._waiting[attempt.descriptor] = run
                self._epoll.register(attempt.descriptor, _EVENTS)
        if self.untried:
            self.untried.pop(probe, None)

    def _note(self, run: _Run, result: str | None) -> None:
        if result is not None:
            self._results.append((run.probe, result))
            self._end(run)

    def _note_program(self, program: Program, run: _Run) -> None:
        if program.has_ended():
            del self._programs[program]
            if run.attempt is program:
                self._note(run, program.proceed(0))

    def _end(self, run: _Run) -> None:
        attempt, run.attempt = run.attempt, None
        if attempt:
            self._waiting.pop(attempt.descriptor, None)
            attempt.close()
