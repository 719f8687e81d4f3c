# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is watched to probes."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.health import mark_services, plan
from ansible_collections.lvs.topology.plugins.module_utils.health.model import (
    VIP,
    Check,
    Probe,
    Watch,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
    Table,
)

TCP = Check("tcp")
WEB, TLS, DNS = (ServiceKey("ipv4", 0, "tcp", "192.0.2.1", port) for port in (80, 443, 53))
ONE, TWO, SORRY = "10.0.0.1", "10.0.0.2", "10.0.0.9"


def entry(key: ServiceKey, *destinations: Destination) -> Entry:
    return Entry(Service(key), {one.key: one for one in destinations})


def masq(rip: str, port: int = 8080, weight: int = 1) -> Destination:
    return Destination(DestinationKey(rip, port), "masq", weight)


def watch(key: ServiceKey, check: Check = TCP, fallback: tuple[DestinationKey, ...] = ()) -> Watch:
    return Watch(key, "", key.address, key.port, check, fallback=fallback)


def test_equal_probes_of_several_services_are_one() -> None:
    table: Table = {key: entry(key, masq(ONE), masq(TWO)) for key in (WEB, TLS, DNS)}
    watches = [watch(WEB), watch(TLS, TCP._replace(port=8080)), watch(DNS, Check("tcp", fall=9))]
    found = plan.probes(watches, table, {})
    assert len(found) == 6
    assert {*found.values()} == {
        Probe(check, rip, 8080) for check in (TCP, Check("tcp", fall=9)) for rip in (ONE, TWO)
    }
    assert plan.marked(watches, table) == set()


def test_no_probe_for_what_no_answer_would_change() -> None:
    table = {WEB: entry(WEB, masq(ONE), masq(TWO, weight=0), masq(SORRY))}
    watches = [watch(WEB, fallback=(DestinationKey(SORRY, 8080),)), watch(TLS)]
    assert [*plan.probes(watches, table, {})] == [(WEB, DestinationKey(ONE, 8080))]


def test_through_the_vip_by_one_mark_for_each_real_server() -> None:
    table = {
        key: entry(
            key, *(Destination(DestinationKey(rip, key.port), weight=3) for rip in (ONE, TWO))
        )
        for key in (WEB, TLS)
    }
    watches = [watch(key, Check("tcp", through=VIP)) for key in (WEB, TLS)]
    ways = plan.marked(watches, table)
    assert {way.destination.key.address for way in ways} == {ONE, TWO}
    assert len(ways) == 2
    marks = mark_services.assign(ways, {}).marks
    found = plan.probes(watches, table, marks)
    assert {(probe.address, probe.port, probe.rip) for probe in found.values()} == {
        ("192.0.2.1", port, rip) for port in (80, 443) for rip in (ONE, TWO)
    }
    assert {(probe.mark, probe.rip) for probe in found.values()} == {
        (mark, way.destination.key.address) for way, mark in marks.items()
    }
    # Without a mark a real server is not tried, and stays as it is.
    assert plan.probes(watches, table, {}) == {}


def test_a_program_is_told_what_it_tries() -> None:
    check = Check("script", 99, options=(("script", "/bin/true"),))
    (probe,) = plan.probes([watch(WEB, check)], {WEB: entry(WEB, masq(ONE))}, {}).values()
    assert dict(probe.environment) == {
        "LVS_SERVICE": "tcp 192.0.2.1:80",
        "LVS_VIP": "192.0.2.1",
        "LVS_RIP": ONE,
        "LVS_PORT": "99",
    }
