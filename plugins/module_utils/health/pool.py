# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The weights of one pool, as its checks and its policy have them.

Each is a function of the verdicts alone, and not of earlier weights: whoever was kept in by the
floor goes out as soon as others are back, and a daemon that starts again comes to the same.
"""

from __future__ import annotations

import math
from typing import Collection, Mapping, NamedTuple

from ..ipvs.model import DestinationKey, Entry
from .decisions import Decision
from .model import WITHDRAW, Policy, Watch
from .verdict import Moment, Verdict

STEPS = 10  # in which a weight grows

SLOW_START = "slow start"
FALLBACK = "no real server of the service has a weight"


class Pool(NamedTuple):
    """What becomes of a pool."""

    decisions: dict[DestinationKey, Decision]  # of those without their usual weight
    kept: frozenset[DestinationKey] = frozenset()  # down, and in by the floor
    changes_at: float = math.inf  # on the clock: when a weight changes without another verdict


class _Parts(NamedTuple):
    """Weights of a pool without its fallback, as declared."""

    real: Mapping[DestinationKey, int]
    said: Mapping[DestinationKey, Verdict]
    counted: Mapping[DestinationKey, int]  # those that are not drained
    up: Mapping[DestinationKey, int]  # of these
    least: int  # what the floor leaves in

    def is_short(self) -> bool:
        """Whether less is up."""
        return sum(self.up.values()) < self.least


def decide(
    watch: Watch,
    entry: Entry,
    drained: Collection[str],
    verdicts: Mapping[DestinationKey, Verdict],
    now: Moment,
) -> Pool:
    """Decide the weights of one service.

    Those of drained real servers are 0 whatever is decided; a decision is made for the time after.
    """
    parts = _parts(watch, entry, drained, verdicts)
    real, said, counted, up, least = parts
    policy = watch.policy
    if parts.is_short() and policy.on_floor == WITHDRAW:
        weights: Mapping[DestinationKey, int] = {}
        kept: frozenset[DestinationKey] = frozenset()
        changes_at = math.inf
    else:
        weights, changes_at = _grown(up, said, policy, least, now)
        kept = _kept(counted, said, least - sum(weights.values()))
        weights = {**weights, **{key: counted[key] for key in kept}}
    decisions = {
        key: _decision(weights.get(key, 0), said[key], policy, now)
        for key, weight in real.items()
        if weights.get(key, 0) != weight and (key in counted or not said[key].is_up)
    }
    if not any(weights.values()):
        decisions.update(
            (key, Decision(one.weight, FALLBACK, now.wall))
            for key, one in entry.destinations.items()
            if one.weight and key in watch.fallback
        )
    return Pool(decisions, kept, changes_at)


def is_short(
    watch: Watch,
    entry: Entry,
    drained: Collection[str],
    verdicts: Mapping[DestinationKey, Verdict],
) -> bool:
    """Whether less of a pool is up than its floor."""
    return _parts(watch, entry, drained, verdicts).is_short()


def withdrawn(policy: Policy) -> str:
    """Why a real server that is up is out."""
    return f"less than {policy.floor} % of the pool is up"


def _parts(
    watch: Watch,
    entry: Entry,
    drained: Collection[str],
    verdicts: Mapping[DestinationKey, Verdict],
) -> _Parts:
    real = {
        key: one.weight
        for key, one in entry.destinations.items()
        if one.weight and key not in watch.fallback
    }
    said = {key: verdicts.get(key, Verdict()) for key in real}
    counted = {key: weight for key, weight in real.items() if key.address not in drained}
    up = {key: weight for key, weight in counted.items() if said[key].is_up}
    return _Parts(real, said, counted, up, -(-sum(counted.values()) * watch.policy.floor // 100))


def _decision(weight: int, verdict: Verdict, policy: Policy, now: Moment) -> Decision:
    since = verdict.since.wall if verdict.since else now.wall
    if not verdict.is_up:
        return Decision(weight, verdict.reason, since)
    if weight:
        return Decision(weight, SLOW_START, since)
    return Decision(weight, withdrawn(policy), now.wall)


def _grown(
    up: Mapping[DestinationKey, int],
    said: Mapping[DestinationKey, Verdict],
    policy: Policy,
    least: int,
    now: Moment,
) -> tuple[dict[DestinationKey, int], float]:
    """The weights of those that are up, and when they change: faster where the floor needs them."""
    steps = {key: _step(said[key], policy, now) for key in up}
    step = 0
    while True:
        weights = {key: _at_step(weight, max(step, steps[key])) for key, weight in up.items()}
        if step == STEPS or sum(weights.values()) >= least:
            break
        step += 1
    growing = (
        _times(since, policy)[steps[key]]
        for key in up
        for since in [said[key].since]
        if since and steps[key] < STEPS
    )
    return weights, min(growing, default=math.inf)


def _step(verdict: Verdict, policy: Policy, now: Moment) -> int:
    if not (verdict.since and policy.slow_start):
        return STEPS
    return sum(time <= now.clock for time in _times(verdict.since, policy))


def _times(since: Moment, policy: Policy) -> list[float]:
    """When each step of a weight comes."""
    return [since.clock + policy.slow_start * step / STEPS for step in range(1, STEPS + 1)]


def _at_step(weight: int, step: int) -> int:
    return max(1, weight * step // STEPS)


def _kept(
    counted: Mapping[DestinationKey, int], said: Mapping[DestinationKey, Verdict], missing: int
) -> frozenset[DestinationKey]:
    """Who stays in though it is down: who failed last, until nothing is missing."""
    down = [key for key in counted if not said[key].is_up]
    kept = []
    for key in sorted(down, key=lambda key: (_failed_at(said[key]), key), reverse=True):
        if missing <= 0:
            break
        missing -= counted[key]
        kept.append(key)
    return frozenset(kept)


def _failed_at(verdict: Verdict) -> float:
    return verdict.since.clock if verdict.since else -math.inf
