# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When probes begin and end, by a clock of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.health import transports
from ansible_collections.lvs.topology.plugins.module_utils.health.kinds.kind import Kind
from ansible_collections.lvs.topology.plugins.module_utils.health.model import Check
from ansible_collections.lvs.topology.plugins.module_utils.health.prober import Probe, Prober
from ansible_collections.lvs.topology.plugins.module_utils.health.transports import (
    Attempt,
    UntriedError,
)

A, B, C = (Probe(Check("tcp"), f"192.0.2.{number}", 80) for number in (1, 2, 3))
SILENT = "no answer within 1 s"


class Wire(Attempt):
    """A probe whose answer comes when a test says so."""

    def __init__(self, one: Probe, kind: Kind, options: Mapping[str, Any], begun: float) -> None:
        super().__init__(one, kind, options)
        self.begun = begun
        self.descriptor, self.other = os.pipe()
        self.is_open = True

    def answer(self) -> None:
        os.write(self.other, b"x")

    def proceed(self, events: int) -> str | None:
        assert events
        return ""

    def close(self) -> None:
        os.close(self.descriptor)
        os.close(self.other)
        self.is_open = False


class World:
    """A clock, what has begun by it, and the prober."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.wires: list[Wire] = []
        self.broken = ""
        self.prober = Prober(lambda: self.now, lambda: 0.5)

    def begin(self, one: Probe, kind: Kind, options: Mapping[str, Any]) -> Wire:
        if self.broken:
            raise UntriedError(self.broken)
        self.wires.append(Wire(one, kind, options, self.now))
        return self.wires[-1]

    def at(self, now: float) -> list[tuple[Probe, str]]:
        """What is there at a time, without waiting for more."""
        self.now = now
        return self.prober.run(now)

    def begun(self) -> list[tuple[Probe, float]]:
        found = [(wire._probe, wire.begun) for wire in self.wires]
        self.wires.clear()
        return found


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World()
    monkeypatch.setattr(transports, "begin", world.begin)
    yield world
    world.prober.close()


def test_again_and_again(world: World) -> None:
    world.prober.watch([A])
    assert world.at(1000.9) == []
    assert world.begun() == []
    assert world.at(1001) == []
    (wire,) = world.wires
    wire.answer()
    assert world.at(1001.1) == [(A, "")]
    assert not wire.is_open
    assert world.at(1002.5) == []
    assert world.begun() == [(A, 1001)]
    world.at(1003)
    assert world.begun() == [(A, 1003)]


def test_a_deadline(world: World) -> None:
    world.prober.watch([A])
    world.at(1001)
    (wire,) = world.wires
    assert world.at(1001.9) == []
    assert world.at(1002) == [(A, SILENT)]
    assert not wire.is_open
    world.at(1003)
    assert world.begun() == [(A, 1001), (A, 1003)]


def test_an_answer_that_was_there_in_time_counts(world: World) -> None:
    world.prober.watch([A])
    world.at(1001)
    world.wires[0].answer()
    assert world.at(1900) == [(A, "")]


def test_nothing_is_made_up_for(world: World) -> None:
    world.prober.watch([A])
    world.at(1001)
    assert world.at(1900) == [(A, SILENT)]
    assert world.at(1900.1) == []
    assert world.begun() == [(A, 1001), (A, 1900)]
    assert world.at(1901) == [(A, SILENT)]
    world.at(1902)
    assert world.begun() == [(A, 1902)]


def test_what_stays_keeps_its_time(world: World) -> None:
    world.prober.watch([A, B])
    world.at(1001)
    first, second = sorted(world.wires, key=lambda wire: wire._probe)
    world.prober.watch([B, C])
    assert [first.is_open, second.is_open] == [False, True]
    first, second = second, first
    first.answer()
    assert world.at(1001.5) == [(B, "")]
    world.begun()
    world.at(1002.5)
    assert world.begun() == [(C, 1002.5)]
    assert world.at(1003) == []
    assert world.begun() == [(B, 1003)]


def test_equal_probes_are_one(world: World) -> None:
    world.prober.watch([A, A._replace(port=80)])
    world.at(1001)
    assert world.begun() == [(A, 1001)]


def test_new_ones_are_spread_over_an_interval(world: World) -> None:
    chances = iter([0.0, 0.25, 0.999])
    world.prober = Prober(lambda: world.now, lambda: next(chances))
    world.prober.watch([A, B, C])
    for step in range(200):
        world.at(1000 + step / 100)
    assert [when for _probe, when in world.begun()] == [1000, 1000.5]
    world.at(1002)
    assert sorted(when for _probe, when in world.begun()) == [1002, 1002]


def test_what_cannot_be_tried_is_no_result(world: World) -> None:
    world.broken = "too many open files"
    world.prober.watch([A])
    assert world.at(1001) == []
    assert world.prober.untried == {A: world.broken}
    assert world.at(1002.5) == []
    world.broken = ""
    assert world.at(1003) == []
    assert world.prober.untried == {}
    assert world.begun() == [(A, 1003)]


def test_what_is_not_watched_any_more_is_not_untried(world: World) -> None:
    world.broken = "too many open files"
    world.prober.watch([A])
    world.at(1001)
    world.prober.watch([])
    assert world.prober.untried == {}


def test_the_heap_has_one_entry_for_each(world: World) -> None:
    world.prober.watch([A, B, C])
    for step in range(40):
        world.at(1000 + step / 2)
        for wire in world.wires[::2]:
            if wire.is_open:
                wire.answer()
    assert len(world.prober._heap) == 3
