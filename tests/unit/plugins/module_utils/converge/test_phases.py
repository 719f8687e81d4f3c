# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phases of any change: where they lead, and what stays in between."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given, settings

from ansible_collections.lvs.topology.plugins.module_utils.converge.phases import (
    ALL,
    FINISH,
    PREPARE,
    SERVE,
    SWITCH,
    Goal,
    Past,
    Todo,
    phased,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    Current,
    Desired,
    Mark,
    Owned,
    Resource,
    Snat,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.plan import Remove, after, plan
from ansible_collections.lvs.topology.plugins.module_utils.host.sysctl.rules import is_met
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.strategies import (
    directors,
    hosts,
    real_servers,
)

# Each example makes several plans, and a machine may be busy.
UNHURRIED = settings(deadline=None)
CHANGES = st.one_of(st.tuples(*[real_servers()] * 2), st.tuples(*[directors()] * 2))


class Made:
    """A host that the first of two wishes has been fulfilled on, and the way to the second."""

    def __init__(self, host: Current, change: tuple[Desired, Desired]) -> None:
        first, self.wanted = change
        self.first = first
        done = plan(host, first, Owned())
        self.host = after(host, done.operations)
        self.past = Past(first, done.left)
        self.goal = Goal.at_once(self.wanted)

    def run(self, phase: str, *, check_mode: bool = False) -> Todo:
        return phased(phase, self.host, self.goal, self.past, check_mode=check_mode)

    def go(self, phase: str) -> Todo:
        todo = self.run(phase)
        self.host = after(self.host, todo.plan.operations)
        self.past = Past(todo.wanted, todo.plan.left)
        return todo


@UNHURRIED
@given(hosts(), CHANGES)
def test_both_phases_lead_where_one_does(host: Current, change: tuple[Desired, Desired]) -> None:
    in_two, at_once = Made(host, change), Made(host, change)
    todo = in_two.go(PREPARE)
    assert in_two.go(FINISH).plan.operations == todo.later
    at_once.go(ALL)
    assert in_two.host == at_once.host
    assert in_two.past.found.resources == at_once.past.found.resources
    assert dict(in_two.past.found.settings) == dict(at_once.past.found.settings)


@UNHURRIED
@given(hosts(), CHANGES)
def test_both_are_there_in_between(host: Current, change: tuple[Desired, Desired]) -> None:
    made = Made(host, change)
    made.go(PREPARE)
    assert made.wanted.resources <= made.host.resources
    replaced = {one.identity for one in made.wanted.resources}
    assert {
        one for one in made.first.resources if one.identity not in replaced
    } <= made.host.resources
    for setting in (*made.first.settings, *made.wanted.settings):
        assert is_met(setting, made.host.sysctls)


@UNHURRIED
@given(hosts(), st.tuples(*[directors()] * 2))
def test_what_only_new_connections_need_goes_on_the_way(
    host: Current, change: tuple[Desired, Desired]
) -> None:
    made = Made(host, change)
    replaced = {one.identity for one in made.wanted.resources}
    leaving = {
        one for one in made.first.resources & made.host.resources if one.identity not in replaced
    }

    def there(*kinds: type[Resource]) -> bool:
        assert made.wanted.resources <= made.host.resources
        of_no_use = {one for one in leaving if isinstance(one, kinds)}
        return leaving & made.host.resources == leaving - of_no_use

    made.go(PREPARE)
    assert there()
    made.go(SERVE)
    assert there(Mark)
    made.go(SWITCH)
    assert there(Mark, Snat)
    made.go(FINISH)
    at_once = Made(host, change)
    at_once.go(ALL)
    assert made.host == at_once.host


@UNHURRIED
@given(hosts(), CHANGES, st.sampled_from((PREPARE, SERVE, SWITCH)))
def test_a_restart_in_between_changes_nothing(
    host: Current, change: tuple[Desired, Desired], phase: str
) -> None:
    made = Made(host, change)
    made.go(phase)
    assert plan(made.host, made.past.wanted, made.past.found).operations == ()


@UNHURRIED
@given(hosts(), CHANGES)
def test_check_mode_predicts_each_phase(host: Current, change: tuple[Desired, Desired]) -> None:
    made = Made(host, change)
    phases = (PREPARE, SERVE, FINISH)
    predicted = [made.run(phase, check_mode=True) for phase in phases]
    done = [made.go(phase) for phase in phases]
    assert [one.plan for one in predicted] == [one.plan for one in done]


@UNHURRIED
@given(hosts(), CHANGES)
def test_nothing_is_left_to_do(host: Current, change: tuple[Desired, Desired]) -> None:
    made = Made(host, change)
    made.go(PREPARE)
    made.go(FINISH)
    again = made.run(PREPARE)
    assert (again.plan.operations, again.later) == ((), ())
    assert again.wanted == made.past.wanted


@UNHURRIED
@given(hosts(), real_servers())
def test_whoever_goes_altogether_stays_until_the_end(host: Current, first: Desired) -> None:
    made = Made(host, (first, Desired()))
    before = made.host
    assert not any(isinstance(one, Remove) for one in made.go(PREPARE).plan.operations)
    assert made.host == before
    made.go(FINISH)
    assert made.host.resources == host.resources
