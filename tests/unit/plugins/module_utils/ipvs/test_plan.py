# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: reaches the desired table, and loses no running service meanwhile."""

from __future__ import annotations

from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import Verb, after, plan, stale
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.ipvs.strategies import tables

WEB = ServiceKey("ipv4", 0, "tcp", "192.0.2.1", 80)
DNS = ServiceKey("ipv4", 0, "udp", "192.0.2.1", 53)


def _entry(key: ServiceKey, *destinations: tuple[str, int], scheduler: str = "wlc") -> Entry:
    made = [
        Destination(DestinationKey(address, 80), weight=weight) for address, weight in destinations
    ]
    return Entry(Service(key, scheduler), {one.key: one for one in made})


def _table(*entries: Entry) -> Table:
    return {entry.service.key: entry for entry in entries}


@given(tables(), tables())
def test_a_plan_leads_to_the_desired_table(current: Table, desired: Table) -> None:
    gone = stale(current, desired, "all", [])
    assert after(current, plan(current, desired, gone)) == desired


@given(tables())
def test_nothing_is_planned_for_a_table_that_is_right(table: Table) -> None:
    assert plan(table, table, stale(table, table, "all", [])) == []


@given(tables(), tables())
def test_services_that_are_not_listed_survive_without_purge(current: Table, desired: Table) -> None:
    left = after(current, plan(current, desired, stale(current, desired, "none", [])))
    assert left == {**current, **desired}


@given(tables(), tables(), st.data())
def test_only_what_is_ours_is_purged(current: Table, desired: Table, data: st.DataObject) -> None:
    owned = data.draw(st.sets(st.sampled_from(sorted(current) or [WEB])))
    left = after(current, plan(current, desired, stale(current, desired, "owned", owned)))
    assert left.keys() == (current.keys() - owned) | desired.keys()


@given(tables(), tables())
def test_a_running_service_always_has_a_destination(current: Table, desired: Table) -> None:
    operations = plan(current, desired, stale(current, desired, "all", []))
    kept = [
        key
        for key in current.keys() & desired.keys()
        if _serving(current[key]) and _serving(desired[key])
    ]
    for count in range(len(operations) + 1):
        state = after(current, operations[:count])
        assert all(_serving(state[key]) for key in kept)


def _serving(entry: Entry) -> bool:
    return any(one.weight for one in entry.destinations.values())


def test_the_order_of_a_replacement() -> None:
    current = _table(_entry(WEB, ("10.0.0.1", 1), ("10.0.0.2", 0), ("10.0.0.3", 1)), _entry(DNS))
    desired = _table(_entry(WEB, ("10.0.0.3", 0), ("10.0.0.2", 1), ("10.0.0.4", 1), scheduler="rr"))
    operations = plan(current, desired, {DNS})
    assert [str(one) for one in operations] == [
        "change service tcp 192.0.2.1:80",
        "add destination 10.0.0.4:80 of service tcp 192.0.2.1:80",
        "change destination 10.0.0.2:80 of service tcp 192.0.2.1:80",
        "change destination 10.0.0.3:80 of service tcp 192.0.2.1:80",
        "delete destination 10.0.0.1:80 of service tcp 192.0.2.1:80",
        "delete service udp 192.0.2.1:53",
    ]


def test_destinations_are_added_in_the_declared_order() -> None:
    entry = _entry(WEB, ("10.0.0.9", 1), ("10.0.0.1", 1), ("10.0.0.5", 1))
    added = [one.destination.key.address for one in plan({}, _table(entry), ()) if one.destination]
    assert added == ["10.0.0.9", "10.0.0.1", "10.0.0.5"]


def test_a_changed_service_alone_leaves_its_destinations() -> None:
    current, desired = (
        _table(_entry(WEB, ("10.0.0.1", 1))),
        _table(_entry(WEB, ("10.0.0.1", 1), scheduler="sh")),
    )
    assert [one.verb for one in plan(current, desired, ())] == [Verb.SET_SERVICE]
