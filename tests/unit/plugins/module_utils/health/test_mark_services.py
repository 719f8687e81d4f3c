# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mark for each real server, in step with what the kernel has."""

from __future__ import annotations

from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.health.mark_services import (
    Target,
    assign,
    target,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    TUNNEL,
    Destination,
    DestinationKey,
    Entry,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import after
from ansible_collections.lvs.topology.plugins.module_utils.net.probe_marks import (
    PORTS,
    probe_port,
)

WEB = ServiceKey("ipv4", 0, "tcp", "192.0.2.1", 80)
OTHER = ServiceKey("ipv4", 0, "udp", "192.0.2.2", 53)


def to(rip: str, **fields: object) -> Target:
    return target(WEB, Destination(DestinationKey(rip, 80))._replace(**fields))  # type: ignore[arg-type]


A, B, C = to("10.0.0.1"), to("10.0.0.2"), to("10.0.0.2", forwarding=TUNNEL)


def made(wanted: set[Target], there: Table) -> tuple[dict[Target, int], Table]:
    """The marks, and the table that the operations lead to."""
    marks, operations = assign(wanted, there)
    return marks, after(there, operations)


def test_services_share_a_target_and_ways_to_it_do_not() -> None:
    one = Destination(DestinationKey("10.0.0.1", 53), weight=9, upper_threshold=5)
    assert target(OTHER, one) == A
    assert len({A, B, C, target(OTHER._replace(family="ipv6"), one)}) == 4


@given(st.lists(st.sets(st.sampled_from([A, B, C, to("10.0.0.3"), to("10.0.0.4")])), max_size=6))
def test_each_table_leads_where_it_should(lists: list[set[Target]]) -> None:
    there: Table = {}
    before: dict[Target, int] = {}
    for wanted in lists:
        marks, there = made(wanted, there)
        assert {*marks} == wanted
        assert len({*marks.values()}) == len(marks)
        assert all(mark == before[one] for one, mark in marks.items() if one in before)
        leads = {key.fwmark: [*entry.destinations.values()] for key, entry in there.items()}
        assert leads == {mark: [one.destination] for one, mark in marks.items()}
        assert assign(wanted, there) == (marks, [])
        before = marks


def test_a_mark_that_is_given_back_rests() -> None:
    marks, there = made({A, B}, {})
    marks_then, there = made({B}, there)
    assert made({B, C}, there)[0][C] not in marks.values()
    assert marks_then[B] == marks[B]


def test_as_many_as_there_are_ports_share_none() -> None:
    wanted = {to(f"10.0.{high}.{low}") for high in range(18) for low in range(252)}
    ports = [probe_port(mark) for mark in assign(wanted, {}).marks.values()]
    assert len(ports) == len({*ports}) == len(PORTS)


def test_there_are_more_marks_than_ports() -> None:
    wanted = {to(f"10.0.{high}.{low}") for high in range(20) for low in range(252)}
    assert len({*assign(wanted, {}).marks.values()}) == len(wanted)


def test_what_is_half_made_is_made_anew() -> None:
    ((key, entry),) = made({A}, {})[1].items()
    for damaged in (
        Entry(entry.service, {}),
        Entry(entry.service._replace(one_packet=False), entry.destinations),
        Entry(entry.service, {A.destination.key: A.destination._replace(weight=0)}),
    ):
        marks, there = made({A}, {key: damaged})
        assert key not in there
        assert [(one.fwmark, new.destinations) for one, new in there.items()] == [
            (marks[A], entry.destinations)
        ]
