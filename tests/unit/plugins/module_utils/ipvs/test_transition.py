# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transition to another table without cutting connections."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import after, plan, stale
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.transition import (
    Stage,
    coming,
    stages,
    staying,
    with_reusable,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.wait import left
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.ipvs.strategies import tables

WEB = ServiceKey("ipv4", 0, "tcp", "192.0.2.1", 80)


def web(forwarding: str, *weights: int) -> Table:
    """A service with real servers 10.0.0.1, 10.0.0.2, ... of these weights."""
    made = [
        Destination(DestinationKey(f"10.0.0.{number}", 80), forwarding, weight)
        for number, weight in enumerate(weights, 1)
    ]
    return {WEB: Entry(Service(WEB), {one.key: one for one in made})}


def shown(table: Table) -> list[str]:
    return [f"{one.forwarding} {one.weight}" for one in table[WEB].destinations.values()]


def way(current: Table, desired: Table) -> list[list[str]]:
    return [shown(one.table) for one in stages(current, Stage(desired, ()))]


def test_one_half_goes_first() -> None:
    assert way(web("masq", 1, 2, 3), web("droute", 1, 2, 3)) == [
        ["masq 0", "masq 2", "masq 3"],
        ["droute 1", "masq 0", "masq 0"],
        ["droute 1", "droute 2", "droute 3"],
    ]


def test_the_way_goes_on_where_it_was_left() -> None:
    first, second, _last = way(web("masq", 1, 2), web("droute", 1, 2))
    drained = web("masq", 0, 2)
    assert shown(drained) == first
    assert way(drained, web("droute", 1, 2))[0] == first
    switched = web("droute", 1)[WEB].destinations
    half = {WEB: Entry(Service(WEB), {**web("masq", 1, 0)[WEB].destinations, **switched})}
    assert shown(half) == second
    assert way(half, web("droute", 1, 2)) == [second, ["droute 1", "droute 2"]]


def test_all_go_at_once_where_others_serve() -> None:
    current = web("masq", 1, 1)
    desired = web("droute", 1, 1, 1)
    assert way(current, desired) == [
        ["masq 0", "masq 0", "droute 1"],
        ["droute 1", "droute 1", "droute 1"],
    ]


def test_who_has_no_weight_is_no_half() -> None:
    assert way(web("masq", 0, 2, 3), web("droute", 0, 2, 3)) == [
        ["masq 0", "masq 0", "masq 3"],
        ["droute 0", "droute 2", "masq 0"],
        ["droute 0", "droute 2", "droute 3"],
    ]
    one_drained = way(web("masq", 0, 1, 1, 1, 1, 1), web("droute", 1, 1, 1, 1, 1, 1))
    assert one_drained[1] == [*["droute 1"] * 3, *["masq 0"] * 3]


def test_one_that_stays_is_not_enough_for_many() -> None:
    current = web("masq", 1, 1, 1, 1, 1)
    last = Destination(DestinationKey("10.0.0.9", 80), "droute", 1)
    both = {WEB: Entry(Service(WEB), {**current[WEB].destinations, last.key: last})}
    moved = web("droute", 1, 1, 1, 1, 1)
    desired = {WEB: Entry(Service(WEB), {**moved[WEB].destinations, last.key: last})}
    serving = [sum(not one.endswith(" 0") for one in each) for each in way(both, desired)]
    assert serving == [4, 3, 6]


def test_a_single_one_goes_all_the_same() -> None:
    assert way(web("tunnel", 1), web("masq", 1)) == [["tunnel 0"], ["masq 1"]]


def test_closed_connections_count_where_the_director_saw_one_half() -> None:
    found = [{"service": "tcp 192.0.2.1:80", "destination": "10.0.0.1:80", "protocol": "tcp"}]
    for forwarding, is_half in (("droute", True), ("tunnel", True), ("masq", False)):
        switched = {WEB: {DestinationKey("10.0.0.1", 80)}}
        [marked] = with_reusable(found, web(forwarding, 1), switched)
        counts = {"active": 0, "inactive": 5, "persistent": 0}
        assert marked["reusable"] == is_half
        assert left([{**marked, **counts}], ["active"]) == (5 if is_half else 0)
    [plain] = with_reusable(found, web("droute", 1), {})
    assert not plain["reusable"]


def test_nothing_drains_where_the_method_stays() -> None:
    assert way(web("masq", 1, 2), web("masq", 2, 1)) == [["masq 2", "masq 1"]]


def test_what_comes_comes_beside_what_leaves() -> None:
    current, desired = web("masq", 1, 2), web("masq", 3)
    assert shown(coming(current, desired, ())) == ["masq 3", "masq 2"]
    assert shown(coming(current, {}, [WEB])) == ["masq 1", "masq 2"]
    # Another method is no thing that comes.
    assert shown(coming(current, web("droute", 3, 3, 3), ())) == ["masq 1", "masq 2", "droute 3"]


def test_services_stay_with_one_destination_that_keeps_its_method() -> None:
    current = web("masq", 1, 2)
    assert staying(current, web("masq", 5, 5, 5)) == [WEB]
    assert staying(current, web("droute", 1, 2)) == []
    half = {WEB: Entry(Service(WEB), {**web("droute", 1, 1)[WEB].destinations})}
    half[WEB].destinations.update(web("masq", 1)[WEB].destinations)
    assert staying(current, half) == [WEB]
    assert staying({}, current) == staying(current, {}) == []


@given(tables(), tables())
def test_what_comes_takes_nothing_away(current: Table, desired: Table) -> None:
    gone = stale(current, desired, "all", ())
    there = coming(current, desired, gone)
    state = after(current, plan(current, there, ()))
    assert [*switched(current, state)] == []
    for key, each in (*switched(current, desired), *switched(state, desired)):
        if key in current and each in current[key].destinations:
            assert state[key].destinations[each] == current[key].destinations[each]
    for key, entry in desired.items():
        assert state[key].service == entry.service
        assert entry.destinations.keys() <= state[key].destinations.keys()


@given(tables(), tables())
def test_the_way_leads_to_the_table_and_switches_only_what_is_idle(
    current: Table, desired: Table
) -> None:
    gone = stale(current, desired, "all", ())
    state = current
    idle: set[tuple[ServiceKey, DestinationKey]] = set()
    for table, leave, leaving in stages(current, Stage(desired, gone)):
        changed = after(state, plan(state, table, leave))
        assert {*switched(state, changed)} <= idle
        idle = {(key, each) for key, destinations in leaving.items() for each in destinations}
        assert all(changed[key].destinations[each].weight == 0 for key, each in idle)
        state = changed
    assert state == desired


def switched(before: Table, later: Table) -> Iterator[tuple[ServiceKey, DestinationKey]]:
    """The destinations that are gone, or have another forwarding method."""
    for key, entry in before.items():
        for each, one in entry.destinations.items():
            new = later[key].destinations.get(each) if key in later else None
            if new is None or new.forwarding != one.forwarding:
                yield key, each
