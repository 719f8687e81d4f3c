# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run at a time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.state import lease, paths
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError

ALICE, BOB = ("ctl1 4711 100", "alice@ctl1"), ("ctl2 4711 200", "bob@ctl2")


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0


@pytest.fixture(autouse=True)
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(time, "clock_gettime", lambda _which: clock.now)
    return clock


def test_the_second_is_told() -> None:
    lease.take(*ALICE, 60)
    with pytest.raises(
        lease.HeldError, match=r"alice@ctl1 has been changing .* ends in 60 s"
    ) as told:
        lease.take(*BOB, 60)
    assert told.value.run == ALICE[0]
    assert lease.holder() == ALICE[1]


def test_whoever_has_ended_lets_others_in() -> None:
    lease.take(*ALICE, 60)
    lease.give_back(BOB[0])
    assert lease.holder() == ALICE[1]
    lease.give_back(ALICE[0])
    assert lease.holder() == ""
    lease.take(*BOB, 60)
    assert lease.holder() == BOB[1]


def test_it_ends_and_can_be_prolonged(clock: Clock) -> None:
    lease.take(*ALICE, 60)
    clock.now += 50
    lease.take(*ALICE, 60)
    clock.now += 50
    with pytest.raises(lease.HeldError):
        lease.take(*BOB, 60)
    clock.now += 10
    assert lease.holder() == ""
    lease.take(*BOB, 60)


@pytest.mark.parametrize("dead", ["*", ALICE[0]])
def test_it_is_taken_over_from_the_dead(dead: str) -> None:
    lease.take(*ALICE, 60)
    with pytest.raises(lease.HeldError):
        lease.take(*BOB, 60, dead="ctl1 4712 100")
    lease.take(*BOB, 60, dead=dead)
    lease.give_back(ALICE[0])
    assert lease.holder() == BOB[1]


def test_what_was_read_before_another_run_is_outdated() -> None:
    generation = lease.generation()
    lease.take(*ALICE, 60, generation=generation)
    lease.take(*ALICE, 60, generation=generation)
    lease.give_back(ALICE[0])
    with pytest.raises(PersistenceError, match="alice@ctl1 has changed this topology after"):
        lease.take(*BOB, 60, generation=generation)
    lease.take(*BOB, 60, generation=lease.generation())


def test_what_was_read_during_another_run_is_outdated() -> None:
    lease.take(*ALICE, 60)
    generation = lease.generation()
    lease.give_back(ALICE[0])
    with pytest.raises(PersistenceError, match="run again"):
        lease.take(*BOB, 60, generation=generation)


@pytest.mark.parametrize(
    "change",
    [
        "{",
        "[]",
        '{"generation": "x"}',
        '{"priority": 1}',
        '{"until": Infinity}',
        '{"until": "soon"}',
        "[" * 100_000,
        b"\xff".decode("latin-1"),
    ],
)
def test_a_lease_that_cannot_be_read_is_held_until_somebody_takes_it_over(change: str) -> None:
    paths.lease_file().parent.mkdir()
    paths.lease_file().write_text(change, encoding="latin-1")
    assert lease.generation() == 0
    for use in (
        lease.holder,
        lambda: lease.take(*BOB, 60, generation=0),
        lambda: lease.give_back("x"),
    ):
        with pytest.raises(PersistenceError, match="topology_lease_force=true"):
            use()
    assert paths.lease_file().read_text(encoding="latin-1") == change
    lease.take(*BOB, 60, generation=0, dead=lease.ANYBODY)
    assert lease.holder() == BOB[1]
