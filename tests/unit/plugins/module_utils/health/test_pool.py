# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights of a pool: bounds that hold whatever the checks say, and examples."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.health.decisions import Decision
from ansible_collections.lvs.topology.plugins.module_utils.health.model import (
    KEEP,
    ON_FLOOR,
    WITHDRAW,
    Check,
    Policy,
    Watch,
)
from ansible_collections.lvs.topology.plugins.module_utils.health.pool import (
    FALLBACK,
    SLOW_START,
    STEPS,
    Pool,
    decide,
)
from ansible_collections.lvs.topology.plugins.module_utils.health.verdict import Moment, Verdict
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)

WEB = ServiceKey("ipv4", 0, "tcp", "192.0.2.1", 80)
NOW = Moment(1000.0, 5000.0)
REASON = "connection refused"


def key(number: int) -> DestinationKey:
    return DestinationKey(f"10.0.0.{number}", 80)


def down(at: float = 900.0) -> Verdict:
    return Verdict(is_up=False, reason=REASON, since=Moment(at, at + 4000))


def back(at: float) -> Verdict:
    return Verdict(since=Moment(at, at + 4000))


class Case(NamedTuple):
    """A pool with what is known of it."""

    weights: dict[int, int]
    verdicts: dict[int, Verdict] = {}  # noqa: RUF012 - never changed
    policy: Policy = Policy()
    drained: frozenset[int] = frozenset()
    fallback: frozenset[int] = frozenset()
    now: Moment = NOW

    def decide(self) -> Pool:
        destinations = {
            key(number): Destination(key(number), weight=weight)
            for number, weight in self.weights.items()
        }
        fallback = tuple(key(number) for number in sorted(self.fallback))
        return decide(
            Watch(WEB, "web", WEB.address, 80, Check("tcp"), self.policy, "", fallback),
            Entry(Service(WEB), destinations),
            {key(number).address for number in self.drained},
            {key(number): verdict for number, verdict in self.verdicts.items()},
            self.now,
        )

    def effective(self) -> dict[int, int]:
        """The weights in the kernel."""
        decisions = self.decide().decisions
        return {
            number: 0
            if number in self.drained
            else decisions[key(number)].weight
            if key(number) in decisions
            else 0
            if number in self.fallback
            else weight
            for number, weight in self.weights.items()
        }

    def counted(self) -> dict[int, int]:
        """The declared weights that the floor is a share of."""
        return {
            number: weight
            for number, weight in self.weights.items()
            if number not in self.drained | self.fallback
        }


numbers = st.integers(1, 6)
times = st.integers(800, 1000).map(float)
cases = st.builds(
    Case,
    st.dictionaries(numbers, st.sampled_from([0, 1, 2, 3, 10, 100, 65535])),
    st.dictionaries(numbers, st.one_of(st.builds(down, times), st.builds(back, times))),
    st.builds(
        Policy,
        st.sampled_from([0, 1, 33, 50, 99, 100]),
        st.sampled_from(ON_FLOOR),
        st.sampled_from([0.0, 30.0, 250.0]),
    ),
    st.frozensets(numbers, max_size=2),
    st.frozensets(numbers, max_size=1),
    st.just(NOW),
)


@given(cases)
def test_bounds(case: Case) -> None:
    weights, counted = case.effective(), case.counted()
    assert all(0 <= weight <= case.weights[number] for number, weight in weights.items())
    assert not any(weights[number] for number in case.drained & weights.keys())
    in_service = sum(weights[number] for number in counted)
    floor = case.policy.floor
    if case.policy.on_floor == KEEP or in_service:
        assert in_service * 100 >= sum(counted.values()) * floor
    for number in counted:
        if case.verdicts.get(number, Verdict()).is_up and case.policy.on_floor == KEEP:
            assert bool(weights[number]) == bool(counted[number])


@given(cases)
def test_fallback_serves_while_nobody_else_does(case: Case) -> None:
    weights = case.effective()
    serving = any(weights[number] for number in case.counted())
    for number in case.fallback & weights.keys() - case.drained:
        assert weights[number] == (0 if serving else case.weights[number])


@given(cases)
def test_nobody_stays_in_without_need(case: Case) -> None:
    kept = {number for number in case.counted() if key(number) in case.decide().kept}
    weights = case.effective()
    in_service = sum(weights[number] for number in case.counted())
    assert not any(case.verdicts[number].is_up for number in kept)
    if kept:
        first = min(kept, key=lambda number: (case.verdicts[number].since, number))
        total = sum(case.counted().values())
        assert (in_service - weights[first]) * 100 < total * case.policy.floor
    out = {
        number
        for number, one in case.verdicts.items()
        if not one.is_up and case.counted().get(number) and number not in kept
    }
    assert all(not weights[number] for number in out)
    failed = {number: case.verdicts[number].since or NOW for number in out | kept}
    # Who failed last stays in.
    assert all(failed[one] <= failed[other] for one in out for other in kept)


@given(cases)
def test_declared_again_once_all_are_up(case: Case) -> None:
    later = NOW._replace(clock=NOW.clock + 10_000)
    healthy = case._replace(verdicts={number: back(900) for number in case.verdicts}, now=later)
    pool = healthy.decide()
    serving = any(case.counted().values())
    assert pool.kept == frozenset()
    assert pool.changes_at == math.inf
    assert all(not serving and one.reason == FALLBACK for one in pool.decisions.values())


@given(cases)
def test_weights_change_by_themselves_only_at_the_time_that_is_told(case: Case) -> None:
    pool = case.decide()
    assert pool.changes_at > case.now.clock
    before = min(pool.changes_at - 0.001, 10_000)
    weights = case._replace(now=Moment(max(before, case.now.clock), 0)).effective()
    assert weights == case.effective()


@given(cases)
def test_slow_start_only_grows(case: Case) -> None:
    """But for a floor, which asks for more while others have less."""
    case = case._replace(policy=case.policy._replace(floor=0))
    history = [case.effective()]
    while case.decide().changes_at != math.inf:
        case = case._replace(now=Moment(case.decide().changes_at, 0))
        history.append(case.effective())
    counted = case.counted()
    for before, weights in itertools.pairwise(history):
        assert all(before[number] <= weights[number] for number in counted)


@given(st.integers(1, 65535))
def test_steps_of_one_slow_start(weight: int) -> None:
    case = Case({1: weight, 2: weight}, {1: back(1000)}, Policy(slow_start=30))
    history = [case.effective()[1]]
    while case.decide().changes_at != math.inf:
        case = case._replace(now=Moment(case.decide().changes_at, 0))
        history.append(case.effective()[1])
    assert history[0] == 1
    assert history[-1] == weight
    assert len(history) <= STEPS + 1
    assert case.now.clock in (1000, 1030)


def test_who_is_down_is_out_with_reason_and_time() -> None:
    pool = Case({1: 2, 2: 3}, {1: down(900)}).decide()
    assert pool == Pool({key(1): Decision(0, REASON, 4900.0)})


def test_all_go_out_without_floor_and_fallback() -> None:
    assert Case({1: 2, 2: 3}, {1: down(), 2: down()}).effective() == {1: 0, 2: 0}


def test_who_failed_last_stays_in_until_others_are_back() -> None:
    case = Case({1: 1, 2: 1, 3: 1}, {1: down(10), 2: down(30), 3: down(20)}, Policy(33))
    assert case.effective() == {1: 0, 2: 1, 3: 0}
    assert case.decide().kept == {key(2)}
    healed = case._replace(verdicts={**case.verdicts, 1: back(40)})
    assert healed.effective() == {1: 1, 2: 0, 3: 0}


def test_all_are_withdrawn_below_the_floor() -> None:
    case = Case({1: 1, 2: 1, 3: 1}, {1: down()}, Policy(70, WITHDRAW))
    reasons = {one.reason for one in case.decide().decisions.values()}
    assert case.effective() == {1: 0, 2: 0, 3: 0}
    assert reasons == {REASON, "less than 70 % of the pool is up"}
    assert case._replace(policy=Policy(60, WITHDRAW)).effective() == {1: 0, 2: 1, 3: 1}


def test_the_floor_cuts_a_slow_start_short() -> None:
    """Who has come back carries what the floor asks for; who is down leaves all the same."""
    case = Case({1: 100, 2: 100, 3: 100}, {1: back(999), 2: down(999)}, Policy(50, slow_start=30))
    assert case.effective() == {1: 50, 2: 0, 3: 100}
    assert case.decide().decisions[key(1)] == Decision(50, SLOW_START, 4999.0)


def test_a_drained_real_server_that_is_down_does_not_come_back_with_the_end_of_its_drain() -> None:
    case = Case({1: 1, 2: 1}, {1: down()}, drained=frozenset({1}))
    assert case.decide().decisions == {key(1): Decision(0, REASON, 4900.0)}
