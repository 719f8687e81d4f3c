# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of any change of a host: where they lead, and what stays in between."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.converge.steps import (
    Step,
    come,
    concerned,
    finish,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    Address,
    Current,
    Desired,
    Mark,
    Owned,
    Past,
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
DIRECTORS = st.tuples(*[directors()] * 2)
CHANGES = st.one_of(st.tuples(*[real_servers()] * 2), DIRECTORS)


class Made:
    """A host on which the first of two declarations is in force, and the way to the second."""

    def __init__(self, host: Current, change: tuple[Desired, Desired]) -> None:
        self.first, self.goal = change
        done = plan(host, self.first, Owned())
        self.host = after(host, done.operations)
        self.past = Past(self.first, done.left)

    def come(self, *released: type[Resource], part: Desired | None = None) -> Step:
        return self._go(come(self.host, part or self.goal, self.goal, self.past, released))

    def finish(self) -> Step:
        return self._go(finish(self.host, self.goal, self.past))

    def _go(self, step: Step) -> Step:
        assert step.before == self.host
        self.host = after(self.host, step.operations)
        assert step.after == self.host
        self.past = Past(step.desired, step.owned)
        return step


@given(hosts(), CHANGES)
def test_both_steps_lead_where_one_does(host: Current, change: tuple[Desired, Desired]) -> None:
    in_two, at_once = Made(host, change), Made(host, change)
    in_two.come()
    in_two.finish()
    at_once.finish()
    assert in_two.host == at_once.host
    assert in_two.past.owned.resources == at_once.past.owned.resources
    assert dict(in_two.past.owned.settings) == dict(at_once.past.owned.settings)
    assert in_two.past.desired == at_once.past.desired == in_two.goal


@given(hosts(), CHANGES)
def test_both_are_there_in_between(host: Current, change: tuple[Desired, Desired]) -> None:
    made = Made(host, change)
    made.come()
    assert made.goal.resources <= made.host.resources
    replaced = {one.identity for one in made.goal.resources}
    assert {
        one for one in made.first.resources if one.identity not in replaced
    } <= made.host.resources
    for setting in (*made.first.settings, *made.goal.settings):
        assert is_met(setting, made.host.sysctls)


@given(hosts(), DIRECTORS)
def test_what_is_released_goes_on_the_way(host: Current, change: tuple[Desired, Desired]) -> None:
    made = Made(host, change)
    replaced = {one.identity for one in made.goal.resources}
    leaving = {
        one for one in made.first.resources & made.host.resources if one.identity not in replaced
    }
    for released in ((), (Mark,), (Mark, Snat)):
        made.come(*released)
        assert made.goal.resources <= made.host.resources
        of_no_use = {one for one in leaving if isinstance(one, released)}
        assert leaving & made.host.resources == leaving - of_no_use
    made.finish()
    at_once = Made(host, change)
    at_once.finish()
    assert made.host == at_once.host


@given(hosts(), DIRECTORS)
def test_a_part_can_come_before_the_rest(host: Current, change: tuple[Desired, Desired]) -> None:
    made, at_once = Made(host, change), Made(host, change)
    late = {one for one in made.goal.resources if isinstance(one, (Address, Mark))}
    there = late & made.host.resources
    made.come(part=made.goal._replace(resources=made.goal.resources - late))
    assert late & made.host.resources == there
    assert made.goal.resources - late <= made.host.resources
    made.come()
    made.finish()
    at_once.finish()
    assert made.host == at_once.host
    assert made.past.owned.resources == at_once.past.owned.resources


@given(hosts(), CHANGES, st.sampled_from(((), (Mark,), (Mark, Snat))))
def test_a_restart_in_between_changes_nothing(
    host: Current, change: tuple[Desired, Desired], released: tuple[type[Resource], ...]
) -> None:
    made = Made(host, change)
    made.come(*released)
    assert plan(made.host, made.past.desired, made.past.owned).operations == ()


@given(hosts(), CHANGES)
def test_all_that_comes_is_ours_before_it_does(
    host: Current, change: tuple[Desired, Desired]
) -> None:
    made = Made(host, change)
    before = made.past.owned
    step = made.come()
    assert step.claimed.resources >= step.owned.resources | before.resources
    assert {*step.claimed.settings} >= {*step.owned.settings, *before.settings}


@given(hosts(), CHANGES)
def test_nothing_is_left_to_do(host: Current, change: tuple[Desired, Desired]) -> None:
    made = Made(host, change)
    made.come()
    made.finish()
    desired = made.past.desired
    assert (made.come().operations, made.finish().operations) == ((), ())
    assert desired == made.past.desired


@given(hosts(), real_servers())
def test_all_that_goes_stays_until_the_end(host: Current, first: Desired) -> None:
    made = Made(host, (first, Desired()))
    before = made.host
    assert not any(isinstance(one, Remove) for one in made.come().operations)
    assert made.host == before
    made.finish()
    assert made.host.resources == host.resources


@given(*[real_servers()] * 2)
def test_settings_that_stay_for_now_are_read_as_well(first: Desired, goal: Desired) -> None:
    found = concerned(goal, Past(first, Owned()))
    assert found.settings == (*goal.settings, *first.settings)
    assert found._replace(settings=goal.settings) == goal
