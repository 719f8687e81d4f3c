# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of metrics, as Prometheus's own parser reads it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.lvs.topology.plugins.module_utils.health.model import Check, Policy, Watch
from ansible_collections.lvs.topology.plugins.module_utils.health.verdict import Moment, Verdict
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.edit import with_each_destination
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.protocol import Reading, Traffic
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.sync_daemon import SyncDaemon
from ansible_collections.lvs.topology.plugins.module_utils.metrics import families, report
from ansible_collections.lvs.topology.plugins.module_utils.metrics.settings import Settings

ONE, TWO, SORRY = (DestinationKey(f"10.0.0.{number}", 80) for number in (1, 2, 9))
DOWN = Verdict(is_up=False, reason="connection refused", since=Moment(1.0, 2.0))
RUN = report.Run(1000.5, 0.25)
COUNTED = Traffic(1, 2, 3, 4, 5, 6, 7)
OFFSET = 2**53 + 1  # which is no float

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def key(protocol: str = "tcp", address: str = "192.0.2.1", port: int = 80) -> ServiceKey:
    return ServiceKey("ipv6" if ":" in address else "ipv4", 0, protocol, address, port)


def mark(number: int, family: str = "ipv4") -> ServiceKey:
    return ServiceKey(family, number, "", "", 0)


WEB = key()


def table(*keys: ServiceKey, weights: tuple[int, ...] = (3, 2)) -> Table:
    destinations = {
        one: Destination(one, weight=weight)
        for one, weight in zip((ONE, TWO, SORRY), weights, strict=False)
    }
    return {one: Entry(Service(one, "wrr"), destinations) for one in keys}


def reading(entry: Entry) -> Reading:
    return Reading(entry, COUNTED, dict.fromkeys(entry.destinations, COUNTED))


def seen(declared: Table, now: Table | None = None, **options: Any) -> report.Seen:  # noqa: ANN401
    """All that was read; the table is as declared unless ``now`` says otherwise."""
    own: dict[str, Any] = {"effective": declared, "owned": declared.keys()}
    own |= {name: options.pop(name) for name in report.Declared._fields if name in options}
    return report.Seen(
        report.Declared(declared, **own),
        {one: reading(entry) for one, entry in (declared if now is None else now).items()},
        **options,
    )


def samples(found: report.Seen | None, **settings: Any) -> Samples:  # noqa: ANN401
    """Every series once, with types and labels as they are documented."""
    text = "".join(report.lines(Settings("/x", **settings), found, RUN))
    result: Samples = {}
    for family in text_string_to_metric_families(text):
        for name, labels, value, *_more in family.samples:
            known = families.FAMILIES[name]
            assert (family.documentation, family.type) == (known.text, known.kind)
            assert {*labels} <= {*known.labels}
            series = name, frozenset(labels.items())
            assert series not in result, "a series twice"
            result[series] = value
    assert text == "" or text.endswith("\n")
    return result


def values(found: Samples, name: str, **labels: str) -> list[float]:
    """The values of all series of a name with these labels."""
    return [
        value for (one, own), value in found.items() if one == name and own >= {*labels.items()}
    ]


def test_rows_have_the_fields_of_their_families() -> None:
    assert report._Service._fields == tuple(families.SERVICE)
    assert report._Server._fields == tuple(families.SERVER)
    assert {*report.Pair._fields} - {"router_id"} == {*families.PAIR}
    assert Traffic._fields == tuple(families.SERVER)[-len(Traffic._fields) :]
    assert Traffic._fields == tuple(families.SERVICE)[-len(Traffic._fields) :]


def test_all_of_a_service_and_its_real_servers() -> None:
    found = samples(
        seen(table(WEB), names={ONE.address: "web1"}, drained=[TWO.address]),
        names={str(WEB): "web"},
    )
    service = {"service": "web", "protocol": "tcp", "vip": "192.0.2.1", "port": "80"}
    of_service = {
        name: value
        for (name, labels), value in found.items()
        if labels == frozenset(service.items())
    }
    assert of_service == {
        "lvs_service_present": 1,
        "lvs_service_drift_changes": 0,
        "lvs_service_real_servers": 2,
        "lvs_service_serving_real_servers": 2,
        "lvs_service_declared_weight": 5,
        "lvs_service_weight": 5,
        "lvs_service_active_connections": 1,
        "lvs_service_inactive_connections": 2,
        "lvs_service_connections_total": 3,
        "lvs_service_incoming_packets_total": 4,
        "lvs_service_outgoing_packets_total": 5,
        "lvs_service_incoming_bytes_total": 6,
        "lvs_service_outgoing_bytes_total": 7,
    }
    first = {**service, "real_server": "web1", "rip": "10.0.0.1", "rip_port": "80"}
    of_first = {
        name: value for (name, labels), value in found.items() if labels == frozenset(first.items())
    }
    assert of_first == {
        "lvs_real_server_declared_weight": 3,
        "lvs_real_server_weight": 3,
        "lvs_real_server_drained": 0,
        "lvs_real_server_fallback": 0,
        "lvs_real_server_active_connections": 1,
        "lvs_real_server_inactive_connections": 2,
        "lvs_real_server_connections_total": 3,
        "lvs_real_server_incoming_packets_total": 4,
        "lvs_real_server_outgoing_packets_total": 5,
        "lvs_real_server_incoming_bytes_total": 6,
        "lvs_real_server_outgoing_bytes_total": 7,
    }
    # One that the declaration knows by its address alone is called by it.
    assert values(found, "lvs_real_server_drained", real_server="10.0.0.2") == [1]
    assert values(found, "lvs_service_info", scheduler="wrr") == [1]
    assert values(found, "lvs_collector_last_run_timestamp_seconds") == [1000.5]


def test_marks_families_and_protocols_do_not_collide() -> None:
    keys = (
        *(key(protocol) for protocol in ("tcp", "udp", "sctp")),
        key(address="2001:db8::1"),
        key(port=0),
        *(mark(7, family) for family in ("ipv4", "ipv6")),
        mark(8),
    )
    found = samples(seen(table(*keys)), names=dict.fromkeys(map(str, keys), "all"))
    assert len(values(found, "lvs_service_connections_total", service="all")) == len(keys)
    assert len(values(found, "lvs_real_server_weight", service="all")) == 2 * len(keys)
    assert len(values(found, "lvs_real_server_weight", fwmark="7")) == 4
    assert len(values(found, "lvs_real_server_weight", protocol="sctp")) == 2


def test_what_the_table_lacks() -> None:
    """Neither numbers of what is not there, nor silence about it."""
    declared = table(WEB, mark(7))
    there = {WEB: table(WEB, weights=(3,))[WEB], key(port=81): table(key(port=81))[key(port=81)]}
    found = samples(seen(declared, there))
    assert values(found, "lvs_service_present", protocol="tcp") == [1]
    assert values(found, "lvs_service_present", fwmark="7") == [0]
    assert values(found, "lvs_service_serving_real_servers", fwmark="7") == [0]
    assert values(found, "lvs_service_connections_total", fwmark="7") == []
    assert values(found, "lvs_real_server_weight", rip="10.0.0.2") == []
    assert values(found, "lvs_service_drift_changes", protocol="tcp") == [1]
    assert values(found, "lvs_service_drift_changes", fwmark="7") == [3]
    assert values(found, "lvs_drift_changes") == [4]
    assert values(found, "lvs_undeclared_services") == [1]


def test_drift_is_what_differs_from_what_has_to_be() -> None:
    declared = table(WEB)
    drained = with_each_destination(declared, lambda _key, one: one._replace(weight=0))
    assert values(samples(seen(declared, drained)), "lvs_drift_changes") == [2]
    as_it_has_to_be = samples(seen(declared, drained, effective=drained))
    assert values(as_it_has_to_be, "lvs_drift_changes") == [0]
    ours = samples(seen({}, declared, owned=[WEB]))
    assert values(ours, "lvs_drift_changes") == [1]


def watched(floor: int = 0, **policy: Any) -> tuple[Watch, ...]:  # noqa: ANN401
    return (Watch(WEB, "web", "", 80, Check("tcp"), Policy(floor, **policy), fallback=(SORRY,)),)


def health(verdicts: dict[DestinationKey, Verdict] | None) -> report.Health:
    said = None if verdicts is None else {(WEB, one): said for one, said in verdicts.items()}
    return report.Health(is_running=True, verdicts=said, is_readable=said is not None)


def test_up_and_down() -> None:
    declared = table(WEB, weights=(3, 0, 5))
    said = health({ONE: DOWN})
    found = samples(seen(declared, watches=watched(), health=said))
    assert values(found, "lvs_real_server_up", rip="10.0.0.1") == [0]
    # Nobody tries one of weight 0, or the fallback.
    assert values(found, "lvs_real_server_up", rip="10.0.0.2") == []
    assert values(found, "lvs_real_server_up", rip="10.0.0.9") == []
    assert values(found, "lvs_real_server_fallback", rip="10.0.0.9") == [1]
    assert values(found, "lvs_service_real_servers") == [2]
    assert values(found, "lvs_service_serving_real_servers") == [1]
    assert values(found, "lvs_service_fallback_serving") == [1]
    assert values(found, "lvs_service_declared_weight") == [3]
    assert values(found, "lvs_health_daemon_running") == [1]
    assert values(found, "lvs_health_last_decision_timestamp_seconds") == []
    said = said._replace(decided_at=99.5)
    found = samples(seen(declared, watches=watched(), health=said))
    assert values(found, "lvs_health_last_decision_timestamp_seconds") == [99.5]


def test_nobody_knows_who_is_up() -> None:
    found = samples(seen(table(WEB), watches=watched(50), health=health(None)))
    assert values(found, "lvs_health_readable") == [0]
    assert values(found, "lvs_real_server_up") == []
    assert values(found, "lvs_service_floor_hit") == []
    unwatched = samples(seen(table(WEB)))
    assert values(unwatched, "lvs_health_daemon_running") == []
    assert values(unwatched, "lvs_real_server_up") == []


@pytest.mark.parametrize("on_floor", ["keep", "withdraw"])
@pytest.mark.parametrize(
    ("down", "drained", "hit"),
    [
        ((), (), 0),
        ((TWO,), (), 0),  # 3 of 5 are left
        ((ONE,), (), 1),
        ((ONE, TWO), (), 1),
        ((ONE,), (TWO,), 1),
        ((ONE,), (ONE,), 0),  # whoever is drained does not count
    ],
)
def test_the_floor(
    on_floor: str, down: tuple[DestinationKey, ...], drained: tuple[DestinationKey, ...], hit: int
) -> None:
    found = samples(
        seen(
            table(WEB),
            watches=watched(50, on_floor=on_floor),
            health=health(dict.fromkeys(down, DOWN)),
            drained=[one.address for one in drained],
        )
    )
    assert values(found, "lvs_service_floor_hit") == [hit]


def test_a_pair_and_its_sync_daemons() -> None:
    pair = report.Pair(
        51, keepalived_running=True, ready=False, healthy=False, master=False, present_addresses=1
    )
    sends, receives = (SyncDaemon(role, "eth1", 51) for role in ("master", "backup"))
    daemons = report.Declared({}, {}, sync=(sends, receives))
    found = samples(report.Seen(daemons, {}, pair=pair, sync=[sends]))
    assert values(found, "lvs_sync_daemon_running", role="master", sync_id="51") == [1]
    assert values(found, "lvs_sync_daemon_running", role="backup", interface="eth1") == [0]
    for name, expected in (
        ("keepalived_running", 1),
        ("ready", 0),
        ("healthy", 0),
        ("master", 0),
        ("present_addresses", 1),
    ):
        assert values(found, f"lvs_vrrp_{name}", router_id="51") == [expected]
    unwatched = samples(report.Seen(daemons, {}, pair=pair._replace(healthy=None), sync=[sends]))
    assert values(unwatched, "lvs_vrrp_healthy") == []


def test_only_the_failure_where_nothing_can_be_read() -> None:
    assert {name for name, _labels in samples(None)} == {
        one.name for one in families.COLLECTOR.values()
    }
    assert values(samples(None), "lvs_collector_success") == [0]


def test_without_real_servers() -> None:
    declared = table(WEB)
    few, many = (samples(seen(declared), real_servers=each) for each in (False, True))
    assert {name for name, _labels in many} - {name for name, _labels in few} == {
        one.name for one in families.SERVER.values() if one.name != "lvs_real_server_up"
    }
    assert few.items() <= many.items()


@pytest.mark.fuzz
@given(st.text(st.characters(exclude_categories=())), st.text())
def test_any_name_is_a_label(service: str, server: str) -> None:
    found = samples(
        seen(table(WEB, weights=(1,)), names={ONE.address: server}), names={str(WEB): service}
    )
    labels = [dict(own) for name, own in found if name == "lvs_real_server_weight"]
    text = service.encode("utf-8", "replace").decode()
    assert [one.get("service", "") for one in labels] == [text]
    assert [one.get("real_server", "") for one in labels] == [server]


def test_a_large_counter_is_written_whole() -> None:
    found = seen(table(WEB))
    one = found.kernel[WEB]
    kernel = {WEB: one._replace(traffic=COUNTED._replace(incoming_bytes=OFFSET))}
    text = "".join(report.lines(Settings("/x"), found._replace(kernel=kernel), RUN))
    assert f" {OFFSET}\n" in text
