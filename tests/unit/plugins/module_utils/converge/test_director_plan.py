# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a director: its order, its barriers, and where it leads."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.converge.director_plan import (
    Change,
    Drained,
    Ended,
    Goal,
    Way,
    way,
)
from ansible_collections.lvs.topology.plugins.module_utils.converge.steps import Step
from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    Address,
    Current,
    Desired,
    Link,
    LocalAddresses,
    Mark,
    NftTable,
    Owned,
    Past,
    Resource,
    Snat,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.plan import (
    Add,
    Operation as HostOperation,
    Remove,
    Write,
    after,
    plan,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.sysctl.rules import exactly
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Endpoint,
    Entry,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import (
    Operation as TableOperation,
    after as table_after,
    stale,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.transition import staying
from ansible_collections.lvs.topology.plugins.module_utils.net.ports import PortRange, overlaps
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.strategies import (
    directors,
    hosts,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.ipvs.strategies import tables

# Each example makes several plans, and a machine may be busy.

VIP, LIP = Address("eth0", "10.0.0.100", 32), Address("eth0", "10.0.0.7", 32)
SNAT: frozenset[Resource] = frozenset(
    (
        NftTable("lvs_director"),
        Snat("tcp", "10.0.0.100", PortRange.single(80)),
        LocalAddresses("10.0.0.11", LIP.address, LIP.address),
        LIP,
    )
)
MARK: frozenset[Resource] = frozenset(
    (NftTable("lvs_director"), Mark("tcp", "10.0.0.100", PortRange.single(443), 7))
)
CONNTRACK = exactly("net/ipv4/vs/conntrack", "1")
WEB = ServiceKey("ipv4", 0, "tcp", "10.0.0.100", 80)
WEB6 = ServiceKey("ipv6", 0, "tcp", "2001:db8::100", 80)
MARKED = ServiceKey("ipv4", 7, "", "", 0)
HOST = Current(
    frozenset((Link("lo", ""), Link("eth0", ""))),
    frozenset(("lo", "eth0")),
    {"net/ipv4/vs/conntrack": "0"},
)
BARE = Past(Desired(), Owned())


def service(key: ServiceKey, *rips: str, forwarding: str = "masq") -> Table:
    made = [Destination(DestinationKey(rip, 80), forwarding) for rip in rips]
    return {key: Entry(Service(key), {one.key: one for one in made})}


def early(host: Desired) -> Desired:
    late = {one for one in host.resources if one == VIP or isinstance(one, Mark)}
    return host._replace(resources=host.resources - late)


def goal(
    host: Desired,
    table: Table,
    *,
    gone: Collection[ServiceKey] = (),
    drains: bool = False,
    ending: Collection[ServiceKey] = (),
    pending_elsewhere: bool = False,
) -> Goal:
    return Goal(host, early(host), table, gone, drains, ending, pending_elsewhere)


class Director(NamedTuple):
    """A director, and what its last run declared."""

    host: Current
    past: Past
    table: Table

    def went(self, to: Goal, steps: int | None = None) -> Director:
        """The same at the end of the way, or after so many steps of it."""
        host, table = self.host, self.table
        past = self.past
        for one in self.way(to)[:steps]:
            if isinstance(one, Step):
                assert one.before == host
                host, past = after(host, one.operations), Past(one.desired, one.owned)
                assert one.after == host
            elif isinstance(one, Change):
                table = table_after(table, one.operations)
        return Director(host, past, table)

    def way(self, to: Goal) -> Way:
        return way(self.host, self.past, self.table, to)


NEW = Director(HOST, BARE, {})
FULLNAT = Desired(SNAT | {VIP}, (CONNTRACK,))
NAT = Desired(frozenset((VIP,)))


def kinds(found: Way) -> str:
    """H a step of the host, T a change of the table, D and E barriers."""
    return "".join({Step: "H", Change: "T", Drained: "D", Ended: "E"}[type(one)] for one in found)


def sentences(found: Way) -> list[list[str]]:
    """The operations between barriers."""
    parts: list[list[str]] = [[]]
    for one in found:
        if isinstance(one, (Step, Change)):
            parts[-1] += map(str, one.operations)
        else:
            parts.append([])
    return parts


def operations(found: Way) -> list[HostOperation | TableOperation]:
    return [each for one in found if isinstance(one, (Step, Change)) for each in one.operations]


def test_clients_find_what_a_vip_leads_to() -> None:
    host = Desired(SNAT | MARK | {VIP}, (CONNTRACK,))
    assert sentences(NEW.way(goal(host, service(WEB, "10.0.0.11")))) == [
        [
            "set net.ipv4.vs.conntrack to 1",
            "add rules of nft table inet lvs_director",
            "add source NAT of tcp 10.0.0.100 port 80",
            "add source address 10.0.0.7 towards 10.0.0.11",
            "add address 10.0.0.7/32 on eth0",
            "add service tcp 10.0.0.100:80",
            "add destination 10.0.0.11:80 of service tcp 10.0.0.100:80",
            "add mark 7 for tcp 10.0.0.100 port 443",
            "add address 10.0.0.100/32 on eth0",
        ]
    ]


def test_what_leaves_goes_the_other_way_round() -> None:
    host = Desired(SNAT | MARK | {VIP}, (CONNTRACK,))
    whole = NEW.went(goal(host, service(WEB, "10.0.0.11")))
    found = operations(whole.way(goal(Desired(), {}, gone=[WEB])))
    assert [*map(str, found)] == [
        "remove mark 7 for tcp 10.0.0.100 port 443",
        "delete service tcp 10.0.0.100:80",
        "remove address 10.0.0.7/32 on eth0",
        "remove address 10.0.0.100/32 on eth0",
        "remove source address 10.0.0.7 towards 10.0.0.11",
        "remove source NAT of tcp 10.0.0.100 port 80",
        "remove rules of nft table inet lvs_director",
        "set net.ipv4.vs.conntrack to 0",
    ]


def test_a_change_of_mode_waits_twice_at_most() -> None:
    before = NEW.went(goal(FULLNAT, service(WEB, "10.0.0.11", "10.0.0.12")))
    to = goal(NAT, service(WEB, "10.0.0.11", "10.0.0.13"), drains=True, ending=[WEB])
    found = before.way(to)
    assert kinds(found) == "HTHTDTHEH"
    assert sentences(found) == [
        [
            "add destination 10.0.0.13:80 of service tcp 10.0.0.100:80",
            "change destination 10.0.0.12:80 of service tcp 10.0.0.100:80",
        ],
        [
            "delete destination 10.0.0.12:80 of service tcp 10.0.0.100:80",
            "remove source NAT of tcp 10.0.0.100 port 80",
        ],
        [
            "remove address 10.0.0.7/32 on eth0",
            "remove source address 10.0.0.7 towards 10.0.0.11",
            "remove rules of nft table inet lvs_director",
            "set net.ipv4.vs.conntrack to 0",
        ],
    ]
    [drained] = [one for one in found if isinstance(one, Drained)]
    assert drained.destinations == {WEB: {DestinationKey("10.0.0.12", 80)}}
    [ended] = [one for one in found if isinstance(one, Ended)]
    assert ended.endpoints == [Endpoint("tcp", "10.0.0.100", PortRange.single(80))]


def test_two_halves_drain_one_after_the_other() -> None:
    before = NEW.went(goal(NAT, service(WEB, "10.0.0.11", "10.0.0.12")))
    direct = service(WEB, "10.0.0.11", "10.0.0.12", forwarding="droute")
    found = before.way(goal(NAT, direct, drains=True))
    assert kinds(found) == "HTHTDTDTH"
    assert [one.destinations for one in found if isinstance(one, Drained)] == [
        {WEB: {DestinationKey(rip, 80)}} for rip in ("10.0.0.11", "10.0.0.12")
    ]
    assert [one.is_last for one in found if isinstance(one, Change)] == [False, False, False, True]


@pytest.mark.parametrize(
    ("to", "wanted"),
    [
        (goal(NAT, service(WEB, "10.0.0.11")), "HTHTH"),
        (goal(NAT, service(WEB, "10.0.0.11"), drains=True), "HTHTH"),
        (goal(NAT, service(WEB, "10.0.0.12")), "HTHTH"),
        (goal(NAT, service(WEB, "10.0.0.12"), drains=True), "HTHTDTH"),
        (goal(NAT, {}, gone=[WEB]), "HTHTH"),
        (goal(NAT, {}, gone=[WEB], drains=True), "HTHTDTH"),
        # Nothing is lost, or nothing stays.
        (goal(FULLNAT, service(WEB, "10.0.0.11"), ending=[WEB]), "HTHTH"),
        (goal(FULLNAT, service(WEB, "10.0.0.11"), ending=[WEB], pending_elsewhere=True), "HTHTHEH"),
        (goal(NAT, service(WEB, "10.0.0.11"), ending=[WEB]), "HTHTHEH"),
        (goal(NAT, service(WEB, "10.0.0.12"), ending=[WEB]), "HTHTH"),
        (goal(NAT, service(WEB, "10.0.0.11", forwarding="droute"), ending=[WEB]), "HTHTH"),
        (goal(NAT, service(WEB6, "2001:db8::11"), gone=[WEB], ending=[WEB6]), "HTHTH"),
    ],
)
def test_barriers_are_only_where_they_are_asked_for(to: Goal, wanted: str) -> None:
    before = NEW.went(goal(FULLNAT, service(WEB, "10.0.0.11")))
    assert kinds(before.way(to)) == wanted


def test_a_mark_stands_for_all_that_gets_it() -> None:
    ports = {
        ("tcp", "10.0.0.100", PortRange.single(80)),
        ("tcp", "10.0.0.100", PortRange.single(443)),
        ("udp", "10.0.0.101", PortRange(10000, 20000)),
    }
    marks: frozenset[Resource] = frozenset(
        (
            *(Mark(*port, 7) for port in ports),
            Mark("tcp", "10.0.0.100", PortRange.single(81), 8),
            # The same number in the other family is another service.
            Mark("tcp", "2001:db8::100", PortRange.single(80), 7),
        )
    )
    host = Desired(marks | MARK)
    table = {
        **service(MARKED, "10.0.0.11"),
        **service(MARKED._replace(fwmark=8), "10.0.0.11"),
        **service(WEB, "10.0.0.11"),
    }
    before = NEW.went(goal(host, table))
    to = goal(host, table, ending=[MARKED, WEB], pending_elsewhere=True)
    [ended] = [one for one in before.way(to) if isinstance(one, Ended)]
    assert ended.endpoints == sorted(Endpoint(*port) for port in ports)


CHANGES = st.tuples(directors(), directors())
TABLES = st.tuples(tables(), tables())
SWITCHES = st.tuples(st.booleans(), st.booleans(), st.booleans())


def drawn(
    host: Current,
    change: tuple[Desired, Desired],
    way_between: tuple[Table, Table],
    switches: tuple[bool, bool, bool],
) -> tuple[Director, Goal]:
    """A director with the first declaration in force, and the second one."""
    first, second = change
    done = plan(host, first, Owned())
    before = Director(after(host, done.operations), Past(first, done.left), way_between[0])
    drains, ends, pending_elsewhere = switches
    late = {one for one in second.resources if isinstance(one, (Address, Mark))}
    to = Goal(
        second,
        second._replace(resources=second.resources - late),
        way_between[1],
        stale(*way_between, "all", ()),
        drains=drains,
        ending=[*way_between[1]] if ends else (),
        pending_elsewhere=pending_elsewhere,
    )
    return before, to


@given(hosts(), CHANGES, TABLES, SWITCHES)
def test_every_way_leads_to_what_is_declared(
    host: Current,
    change: tuple[Desired, Desired],
    between: tuple[Table, Table],
    switches: tuple[bool, bool, bool],
) -> None:
    before, to = drawn(host, change, between, switches)
    at_once = plan(before.host, to.host, before.past.owned)
    there = before.went(to)
    assert there.host == after(before.host, at_once.operations)
    assert there.past == Past(to.host, at_once.left)
    assert there.table == to.table
    assert operations(there.way(to._replace(gone=()))) == []


@given(hosts(), CHANGES, TABLES, SWITCHES)
def test_every_way_keeps_its_order(
    host: Current,
    change: tuple[Desired, Desired],
    between: tuple[Table, Table],
    switches: tuple[bool, bool, bool],
) -> None:
    before, to = drawn(host, change, between, switches)
    found = before.way(to)
    assert ("D" in kinds(found)) <= to.drains
    assert ("E" in kinds(found)) <= bool({*to.ending} & {*staying(before.table, to.table)})
    last = [one.is_last for one in found if isinstance(one, Change)]
    assert last == [False] * (len(last) - 1) + [True]
    coming, serving = found[0], found[2]
    assert isinstance(coming, Step)
    assert isinstance(serving, Step)
    # All that comes is there before the first thing that leaves, but for marks.
    assert not any(isinstance(one, Remove) for one in coming.operations)
    assert {type(one.resource) for one in serving.operations if isinstance(one, Remove)} <= {Mark}
    for one in found[3:]:
        if isinstance(one, Step):
            assert not any(isinstance(each, Add) for each in one.operations)
    if "E" in kinds(found):
        released = found[-3]
        assert isinstance(released, Step)
        assert {type(one.resource) for one in released.operations if isinstance(one, Remove)} <= {
            Snat
        }
        assert not any(isinstance(one, Write) for one in released.operations)


@given(hosts(), CHANGES, TABLES, SWITCHES, st.integers(0, 9))
def test_another_way_begins_wherever_one_ended(
    host: Current,
    change: tuple[Desired, Desired],
    between: tuple[Table, Table],
    switches: tuple[bool, bool, bool],
    steps: int,
) -> None:
    before, to = drawn(host, change, between, switches)
    half_way = before.went(to, steps)
    whole = before.went(to)
    on = half_way.went(to._replace(gone=stale(half_way.table, to.table, "all", ())))
    assert (on.host, on.table) == (whole.host, whole.table)
    assert on.past.owned.resources == whole.past.owned.resources
    assert dict(on.past.owned.settings) == dict(whole.past.owned.settings)
    back = half_way.went(goal(Desired(), {}, gone=[*half_way.table]))
    assert (back.host, back.table) == (host, {})
    assert back.past == BARE


def ranged(*ranges: tuple[int, int]) -> Desired:
    """FULLNAT of a mark with these ranges of ports."""
    found: set[Resource] = set()
    for each in ranges:
        ports = PortRange(*each)
        found |= {Snat("tcp", VIP.address, ports), Mark("tcp", VIP.address, ports, 7)}
    return Desired(SNAT - {Snat("tcp", VIP.address, PortRange.single(80))} | found | {VIP})


def translated(resources: Collection[Resource]) -> set[int]:
    """The ports with source NAT."""
    return {
        port
        for one in resources
        if isinstance(one, Snat)
        for port in range(one.ports.first, one.ports.last + 1)
    }


def shared(resources: Collection[Resource]) -> list[tuple[int, int]]:
    """What the kernel refuses in one set."""
    return [
        *overlaps(
            ((type(one), one.protocol, one.address), one.ports)
            for one in resources
            if isinstance(one, (Snat, Mark))
        )
    ]


def check_ranges(before: Director, host: Desired) -> None:
    """Go the way to a goal with other ranges, and begin anew wherever a run can die."""
    table = service(MARKED, "10.0.0.11")
    to = goal(host, table, ending=[MARKED], pending_elsewhere=True)
    found = before.way(to)
    steps = [one for one in found if isinstance(one, Step)]
    old, new = translated(before.host.resources), translated(host.resources)
    for number, step in enumerate(steps):
        for state in (step.desired.resources, step.after.resources):
            assert shared(state) == []
            assert translated(state) == (old | new if number < len(steps) - 2 else new)
        # Recorded, and not carried out: the guard makes it so, and the next run goes on.
        died = Director(step.before, Past(step.desired, step.claimed), table)
        guarded = plan(step.before, step.desired, step.claimed)
        made = after(step.before, guarded.operations)
        assert made.resources == step.desired.resources | HOST.resources
        for one in died.way(to):
            if isinstance(one, Step):
                assert shared(one.desired.resources) == shared(one.after.resources) == []
        assert died.went(to).past == Past(host, Owned(host.resources))
        assert died.went(to).host.resources == host.resources | HOST.resources
    assert before.went(to).past == Past(host, Owned(host.resources))
    assert before.went(to).host.resources == host.resources | HOST.resources


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([(10000, 20000)], [(10000, 15000)]),
        ([(10000, 20000)], [(12000, 15000)]),
        ([(10000, 15000)], [(10000, 20000)]),
        ([(80, 80)], [(80, 90)]),
        ([(10000, 20000)], [(10000, 14999), (15000, 20000)]),
        ([(10000, 14999), (15001, 20000)], [(10000, 20000)]),
        ([(10000, 15000)], [(12000, 20000)]),
    ],
    ids=["narrower", "in the middle", "wider", "from one", "split", "merged", "moved"],
)
def test_ranges_change_by_what_they_do_not_share(
    old: list[tuple[int, int]], new: list[tuple[int, int]]
) -> None:
    before = NEW.went(goal(ranged(*old), service(MARKED, "10.0.0.11")))
    check_ranges(before, ranged(*new))


def test_a_leaving_range_keeps_what_is_not_covered() -> None:
    before = NEW.went(goal(ranged((10000, 20000)), service(MARKED, "10.0.0.11")))
    found = before.way(goal(ranged((12000, 15000)), service(MARKED, "10.0.0.11")))
    assert sentences(found) == [
        [
            "add source NAT of tcp 10.0.0.100 port 10000-11999",
            "add source NAT of tcp 10.0.0.100 port 12000-15000",
            "add source NAT of tcp 10.0.0.100 port 15001-20000",
            "remove source NAT of tcp 10.0.0.100 port 10000-20000",
            "add mark 7 for tcp 10.0.0.100 port 12000-15000",
            "remove mark 7 for tcp 10.0.0.100 port 10000-20000",
            "remove source NAT of tcp 10.0.0.100 port 15001-20000",
            "remove source NAT of tcp 10.0.0.100 port 10000-11999",
        ]
    ]


@st.composite
def apart(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Ranges of ports that share none."""
    ends = sorted(draw(st.sets(st.integers(1, 30), min_size=1, max_size=6)))
    ends = ends if len(ends) % 2 == 0 else [*ends, ends[-1]]
    return [*zip(ends[::2], ends[1::2], strict=True)]


@given(apart(), apart(), apart(), st.integers(0, 9))
def test_any_ranges_follow_any_others(
    first: list[tuple[int, int]],
    second: list[tuple[int, int]],
    third: list[tuple[int, int]],
    steps: int,
) -> None:
    table = service(MARKED, "10.0.0.11")
    before = NEW.went(goal(ranged(*first), table))
    half_way = before.went(goal(ranged(*second), table, ending=[MARKED]), steps)
    check_ranges(half_way, ranged(*third))
