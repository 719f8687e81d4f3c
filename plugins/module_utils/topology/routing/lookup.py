# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Where a host sends packets: its rules in order, and the tables that they name.

As fib_rules_lookup() in net/core/fib_rules.c: the first rule that matches and whose table has a
route decides. What cannot be told of a rule leads to both answers.
"""

from __future__ import annotations

from itertools import groupby
from typing import Iterable, Iterator, Mapping, NamedTuple, Sequence

from ...net.addresses import IPNetwork
from .flow import Flow
from .routes import THROW, Omitted, Route, Table, covered_by
from .rules import GOTO, NOP, TABLE, Rule


class Ways(NamedTuple):
    """Where packets go."""

    answers: tuple[tuple[Route, ...], ...]  # each that is possible; () = there is no route
    rules: tuple[str, ...] = ()  # what decides between them
    unread: tuple[str, ...] = ()  # what may lead to yet another one

    @property
    def doubts(self) -> tuple[str, ...]:
        """What else decides; none = the one answer is certain."""
        return (*self.rules, *self.unread)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route that may be taken."""
        return tuple(dict.fromkeys(route for answer in self.answers for route in answer))


class Routing:
    """The rules and routes of one host and IP version."""

    def __init__(
        self,
        rules: Iterable[Rule],
        routes: Iterable[Route],
        vrfs: Mapping[str, int],
        omitted: Sequence[Omitted] = (),
    ) -> None:
        self._rules = tuple(sorted(rules, key=lambda rule: rule.priority))
        self._vrfs = vrfs
        self.routes = tuple(routes)
        self._tables = _tables(self.routes, omitted)
        self._asked = {name for rule in self._rules for name in rule.asks_for}
        self._asked |= (
            {"source"} if any(one.has_sources for one in self._tables.values()) else set()
        )
        self._known: dict[Flow, Ways] = {}

    def asks_for(self, name: str) -> bool:
        """Whether this field of a flow makes a difference."""
        return name in self._asked

    def lookup(self, flow: Flow) -> Ways:
        """Where packets go."""
        # What no rule asks for makes no difference: many flows are one.
        same = Flow(flow.destination, **{name: getattr(flow, name) for name in self._asked})
        ways = self._known.get(same)
        if ways is None:
            ways = self._known[same] = self._walk(same)
        return ways

    def _walk(self, flow: Flow) -> Ways:
        answers: dict[tuple[Route, ...], None] = {}
        rules: dict[str, None] = {}
        asked: list[Table] = []
        reached = {0}
        for index, rule in enumerate(self._rules):
            matches = rule.matches(flow) if index in reached else False
            if index not in reached:
                continue
            if matches is not True:
                reached.add(index + 1)
            if matches is False:
                continue
            if matches is None:
                rules[rule.doubt] = None
            found = self._act(rule, flow, asked)
            if found:
                answers[found] = None
            else:
                reached.add(self._next(rule, index))
        if len(self._rules) in reached:
            answers[()] = None
        decisive = tuple(rules) if len(answers) > 1 else ()
        return Ways(tuple(answers), decisive, tuple(_unread(flow.destination, answers, asked)))

    def _act(self, rule: Rule, flow: Flow, asked: list[Table]) -> tuple[Route, ...]:
        """What a rule that matches decides; nothing = the next one is asked."""
        if rule.action in (NOP, GOTO):
            return ()
        if rule.action != TABLE:
            return (Route(flow.destination, None, "", kind=rule.action),)
        table = self._tables.get(self._vrfs.get(flow.vrf, 0) if rule.vrf else rule.table)
        if table is None:
            return ()
        asked.append(table)
        found = table.find(flow)
        return tuple(one for one in found if one.kind != THROW and not rule.suppresses(one))

    def _next(self, rule: Rule, index: int) -> int:
        """Which rule comes next; a goto that leads nowhere is passed over."""
        later = range(index + 1, len(self._rules)) if rule.action == GOTO else ()
        return next((one for one in later if self._rules[one].priority == rule.target), index + 1)


def _unread(
    network: IPNetwork, answers: Iterable[Sequence[Route]], asked: Sequence[Table]
) -> Iterator[str]:
    """What routes may decide that were not read, or not put together."""
    for routes in answers:
        if any(table.may_have_longer(network, routes) for table in asked):
            yield "one of its tables has more routes than were read"
            return
    if () in answers and covered_by(
        network, [one for each in asked for one in each.inside(network)]
    ):
        yield "several tables have routes to parts of it"


def _tables(routes: Iterable[Route], omitted: Sequence[Omitted]) -> dict[int, Table]:
    left: dict[int, list[IPNetwork]] = {}
    for one in omitted:
        left.setdefault(one.table, []).extend(one.networks)
    ordered = sorted(routes, key=lambda route: route.table)
    return {
        number: Table(group, left.get(number, ()))
        for number, group in groupby(ordered, key=lambda route: route.table)
    }
