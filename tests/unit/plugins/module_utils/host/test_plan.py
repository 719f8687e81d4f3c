# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan: its result, its order, and the resources that it leaves alone."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    Address,
    Current,
    Desired,
    Link,
    Neighbour,
    OriginalValue,
    Owned,
    Route,
    Rule,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.plan import (
    Add,
    LinkUp,
    Remove,
    Write,
    after,
    difference,
    plan,
    problems,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.sysctl.rules import (
    arp_suppression,
    exactly,
    is_met,
    loose_rp_filter,
)
from ansible_collections.lvs.topology.plugins.module_utils.net.ports import PortRange
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.strategies import (
    hosts,
    wants,
)

IGNORE, ANNOUNCE = "net/ipv4/conf/all/arp_ignore", "net/ipv4/conf/all/arp_announce"
NEIGHBOUR = Neighbour("eth0", "10.0.0.100", "52:54:00:00:00:05")
VIP = Address("lo", "10.0.0.100", 32)
LINKS = frozenset({Link("lo", ""), Link("eth0", "")})
SYSCTLS = {
    IGNORE: "0",
    ANNOUNCE: "0",
    "net/ipv4/conf/eth0/arp_ignore": "0",
    "net/ipv4/conf/eth0/arp_announce": "0",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/eth0/rp_filter": "0",
}
HOST = Current(LINKS, frozenset({"lo", "eth0"}), SYSCTLS)
REAL_SERVER = Desired(frozenset({VIP}), tuple(arp_suppression("all")), ("lo",), arp_suppressed=True)


def with_things(*resources: Link | Address | Route | Rule | Neighbour) -> Current:
    return HOST._replace(resources=HOST.resources | frozenset(resources))


def with_sysctls(**values: str) -> Current:
    named = {f"net/ipv4/conf/{key.replace('__', '/')}": value for key, value in values.items()}
    return HOST._replace(sysctls={**SYSCTLS, **named})


@given(hosts(), wants())
def test_reaches_what_is_desired(host: Current, desired: Desired) -> None:
    done = after(host, plan(host, desired, Owned()).operations)
    assert desired.resources <= done.resources
    assert all(is_met(setting, done.sysctls) for setting in desired.settings)


@given(hosts(), wants())
def test_second_plan_is_empty(host: Current, desired: Desired) -> None:
    first = plan(host, desired, Owned())
    again = plan(after(host, first.operations), desired, first.left)
    assert again.operations == ()
    assert again.left == first.left


@given(hosts(), wants(), wants())
def test_change_reaches_what_is_desired(host: Current, before: Desired, desired: Desired) -> None:
    first = plan(host, before, Owned())
    between = after(host, first.operations)
    second = plan(between, desired, first.left)
    done = after(between, second.operations)
    assert desired.resources <= done.resources
    assert all(is_met(setting, done.sysctls) for setting in desired.settings)
    assert plan(done, desired, second.left).operations == ()


@given(hosts(), wants(), wants())
def test_undo_restores_the_original(host: Current, first: Desired, second: Desired) -> None:
    owned, now = Owned(), host
    for desired in (first, second, Desired()):
        step = plan(now, desired, owned)
        owned, now = step.left, after(now, step.operations)
    assert now == host
    assert owned == Owned()


@given(hosts(), wants(), wants())
def test_nothing_of_ours_is_ever_unrecorded(host: Current, first: Desired, second: Desired) -> None:
    """A run may die after any operation; the record made before covers everything."""
    one = plan(host, first, Owned())
    now, owned = after(host, one.operations), one.left
    two = plan(now, second, owned)
    for done in range(len(two.operations) + 1):
        dead = after(now, two.operations[:done])
        undone = after(dead, plan(dead, Desired(), two.owned).operations)
        assert undone == host


@given(hosts(), wants())
def test_after_a_reboot_ours_comes_back_as_ours(host: Current, desired: Desired) -> None:
    first = plan(host, desired, Owned())
    again = plan(host, desired, first.left)
    assert again.left == first.left
    assert desired.resources <= after(host, again.operations).resources


def test_arp_is_silent_before_the_address_comes_and_until_it_is_gone() -> None:
    coming = plan(HOST, REAL_SERVER, Owned())
    assert coming.operations == (Write(IGNORE, "1"), Write(ANNOUNCE, "2"), Add(VIP))
    going = plan(after(HOST, coming.operations), Desired(), coming.left)
    assert going.operations == (Remove(VIP), Write(ANNOUNCE, "0"), Write(IGNORE, "0"))


def test_dummy_is_made_put_up_and_removed_last() -> None:
    link, vip = Link("vip0", "dummy"), Address("vip0", "10.0.0.100", 32)
    desired = Desired(frozenset({link, vip}), (), ("vip0",), arp_suppressed=True)
    coming = plan(HOST, desired, Owned())
    assert coming.operations == (Add(link), LinkUp("vip0"), Add(vip))
    going = plan(after(HOST, coming.operations), Desired(), coming.left)
    assert going.operations == (Remove(vip), Remove(link))


def test_address_that_was_there_before_stays() -> None:
    host = with_things(VIP)
    coming = plan(host, REAL_SERVER._replace(settings=()), Owned())
    assert coming.operations == ()
    assert coming.left == Owned()


def test_address_with_another_prefix_will_do_for_a_director() -> None:
    host = with_things(Address("eth0", "10.0.0.100", 24))
    desired = Desired(frozenset({Address("eth0", "10.0.0.100", 32)}))
    assert problems(host, desired, Owned()) == []
    assert plan(host, desired, Owned()).operations == ()


def test_stricter_value_stays_and_is_not_ours() -> None:
    host = with_sysctls(all__arp_ignore="8", all__arp_announce="2")
    step = plan(host, REAL_SERVER, Owned())
    assert step.operations == (Add(VIP),)
    assert not step.left.settings


def test_value_of_all_is_enough_for_a_device() -> None:
    host = with_sysctls(all__arp_ignore="1", all__arp_announce="2")
    desired = Desired(settings=tuple(arp_suppression("eth0")))
    assert plan(host, desired, Owned()).operations == ()


def test_device_takes_over_from_all() -> None:
    """The restored value of all no longer counts for the device."""
    first = plan(HOST, Desired(settings=tuple(arp_suppression("all"))), Owned())
    desired = Desired(settings=tuple(arp_suppression("eth0")))
    second = plan(after(HOST, first.operations), desired, first.left)
    assert second.operations == (
        Write("net/ipv4/conf/eth0/arp_ignore", "1"),
        Write("net/ipv4/conf/eth0/arp_announce", "2"),
        Write(ANNOUNCE, "0"),
        Write(IGNORE, "0"),
    )


def test_rp_filter_is_loosened_only_where_it_is_strict() -> None:
    desired = Desired(settings=(loose_rp_filter("eth0"),))
    assert plan(HOST, desired, Owned()).operations == ()
    write = Write("net/ipv4/conf/eth0/rp_filter", "2")
    assert plan(with_sysctls(all__rp_filter="1"), desired, Owned()).operations == (write,)
    assert plan(with_sysctls(all__rp_filter="2"), desired, Owned()).operations == ()


def test_first_original_is_the_one_restored() -> None:
    owned = Owned(settings={IGNORE: OriginalValue("0", "1")})
    drifted = with_sysctls(all__arp_ignore="3")
    step = plan(drifted, Desired(settings=(exactly(IGNORE, "2"),)), owned)
    assert step.left.settings == {IGNORE: OriginalValue("0", "2")}


def test_value_that_somebody_changed_after_us_stays() -> None:
    owned = Owned(settings={IGNORE: OriginalValue("0", "1")})
    step = plan(with_sysctls(all__arp_ignore="2"), Desired(), owned)
    assert step.operations == ()
    assert step.left == Owned()


def test_gateway_of_our_table_is_replaced_in_place() -> None:
    old, new = Route(20020, "10.0.0.5"), Route(20020, "10.0.0.6")
    step = plan(with_things(old), Desired(frozenset({new})), Owned(frozenset({old})))
    assert step.operations == (Add(new),)
    assert step.left == Owned(frozenset({new}))


def test_neighbour_of_ours_is_replaced_in_place() -> None:
    old, new = NEIGHBOUR, NEIGHBOUR._replace(mac="52:54:00:00:00:06")
    step = plan(with_things(old), Desired(frozenset({new})), Owned(frozenset({old})))
    assert step.operations == (Add(new),)
    assert step.left == Owned(frozenset({new}))


def test_neighbour_of_somebody_else_stays() -> None:
    same = plan(with_things(NEIGHBOUR), Desired(frozenset({NEIGHBOUR})), Owned())
    assert (same.operations, same.left) == ((), Owned())
    other = with_things(NEIGHBOUR._replace(mac="52:54:00:00:00:06"))
    assert problems(other, Desired(frozenset({NEIGHBOUR})), Owned()) == [
        (
            "neighbour 10.0.0.100 at 52:54:00:00:00:06 on eth0 is not ours and in the way of "
            "neighbour 10.0.0.100 at 52:54:00:00:00:05 on eth0: remove it"
        )
    ]


def test_rule_comes_after_its_route_and_goes_before_it() -> None:
    route, rule = Route(20020, "10.0.0.5"), Rule("10.0.0.11", "tcp", PortRange.single(80), 20020)
    coming = plan(HOST, Desired(frozenset({rule, route})), Owned())
    assert coming.operations == (Add(route), Add(rule))
    going = plan(after(HOST, coming.operations), Desired(), coming.left)
    assert going.operations == (Remove(rule), Remove(route))


def test_problems_are_told_all_at_once() -> None:
    host = with_things(
        Address("eth0", "10.0.0.100", 24), Route(20020, "10.0.0.9"), Link("vip0", "veth")
    )
    desired = Desired(
        frozenset(
            {
                VIP,
                Address("eth7", "10.0.0.101", 32),
                Route(20020, "10.0.0.5"),
                Link("vip0", "dummy"),
            }
        ),
        (loose_rp_filter("eth9"),),
        arp_suppressed=True,
    )
    assert problems(host, desired, Owned()) == [
        "this host has no interface eth7",
        "this host has no interface eth9",
        (
            "address 10.0.0.100/24 on eth0 is not ours and lets others see it: remove it "
            "(address 10.0.0.100/32 on lo is desired)"
        ),
        (
            "default route via 10.0.0.9 in table 20020 is not ours and in the way of the "
            "default route via 10.0.0.5 in table 20020: choose another table"
        ),
        "link vip0 (veth) is in the way of link vip0 (dummy)",
    ]


def test_device_that_overrules_all_is_told() -> None:
    host = with_sysctls(eth0__arp_ignore="3")
    assert problems(host, REAL_SERVER, Owned()) == [
        (
            "net.ipv4.conf.eth0.arp_ignore is 3, which overrules net.ipv4.conf.all.arp_ignore "
            "(the larger counts): set it to 1 or 2 or 8"
        ),
    ]


def test_all_that_overrules_a_device_is_told() -> None:
    host = with_sysctls(all__arp_announce="3")
    desired = Desired(settings=tuple(arp_suppression("eth0")))
    assert problems(host, desired, Owned()) == [
        (
            "net.ipv4.conf.all.arp_announce is 3, which overrules net.ipv4.conf.eth0.arp_announce "
            "(the larger counts): set it to 2"
        ),
    ]


def test_difference_shows_what_is_touched() -> None:
    assert difference(HOST, plan(HOST, REAL_SERVER, Owned()).operations) == {
        "before": {
            "addresses": [],
            "sysctls": {
                "net.ipv4.conf.all.arp_announce": "0",
                "net.ipv4.conf.all.arp_ignore": "0",
            },
        },
        "after": {
            "addresses": ["address 10.0.0.100/32 on lo"],
            "sysctls": {
                "net.ipv4.conf.all.arp_announce": "2",
                "net.ipv4.conf.all.arp_ignore": "1",
            },
        },
    }


FORWARD = "net/ipv4/ip_forward"
REDIRECTS = "net/ipv4/conf/all/accept_redirects"
OF_ETH0, OF_ETH1 = (f"net/ipv4/conf/{name}/forwarding" for name in ("eth0", "eth1"))


@given(
    st.fixed_dictionaries(
        {key: st.sampled_from("01") for key in (FORWARD, REDIRECTS, OF_ETH0, OF_ETH1)}
    )
)
def test_what_the_kernel_sets_along_is_restored(sysctls: dict[str, str]) -> None:
    host = Current(sysctls=sysctls)
    first = plan(host, Desired(settings=(exactly(FORWARD, "1"),)), Owned())
    forwarding = after(host, first.operations)
    again = plan(forwarding, Desired(settings=(exactly(FORWARD, "1"),)), first.left)
    assert (again.operations, again.left) == ((), first.left)
    last = plan(forwarding, Desired(), first.left)
    assert after(forwarding, last.operations) == host
    assert last.left == Owned()
    for number in range(len(last.operations)):  # the run dies after these
        between = after(forwarding, last.operations[:number])
        rest = plan(between, Desired(), last.owned)
        assert after(between, rest.operations) == host


def test_what_somebody_set_since_stays_although_the_kernel_would_not_keep_it() -> None:
    host = Current(sysctls={FORWARD: "0", REDIRECTS: "0", OF_ETH0: "0", OF_ETH1: "1"})
    first = plan(host, Desired(settings=(exactly(FORWARD, "1"),)), Owned())
    made = after(host, first.operations)
    assert set(made.sysctls.values()) == {"0", "1"}
    later = made._replace(sysctls={**made.sysctls, REDIRECTS: "1", OF_ETH0: "0", OF_ETH1: "0"})
    last = plan(later, Desired(), first.left)
    assert after(later, last.operations).sysctls == {**later.sysctls, FORWARD: "0"}
