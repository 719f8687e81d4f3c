# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any table, live or saved: what is declared compiles to it, but for what a remark says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.importing.convert import (
    Converted,
    convert,
)
from ansible_collections.lvs.topology.plugins.module_utils.importing.declare import Options
from ansible_collections.lvs.topology.plugins.module_utils.importing.live import read_live
from ansible_collections.lvs.topology.plugins.module_utils.importing.rules import read_rules
from ansible_collections.lvs.topology.plugins.module_utils.importing.settle import settle, table_in
from ansible_collections.lvs.topology.plugins.module_utils.importing.source import (
    Line,
    Place,
    Remarks,
    SourceError,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    Entry,
    Service,
    Table,
    endpoint,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import (
    parse_services,
    render_table,
)
from ansible_collections.lvs.topology.plugins.module_utils.tunnels.table import KINDS
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.ipvs.strategies import tables

PROTOCOLS = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}
FORWARDINGS = {"masq": "-m", "droute": "-g", "tunnel": "-i"}
CHECKSUMS = {"none": "--tun-nocsum", "csum": "--tun-csum", "remcsum": "--tun-remcsum"}
WEB = {
    "address": "10.0.0.100",
    "port": 80,
    "destinations": [{"address": "10.0.0.11"}, {"address": "10.0.0.12", "weight": 0}],
}


def listed(table: Table) -> list[dict[str, Any]]:
    """Return a table as the kernel lists it: the destination that was added last comes first."""
    return [{**one, "destinations": one["destinations"][::-1]} for one in render_table(table)]


def live(table: Table, marks: Options = Options()) -> Converted:  # noqa: B008 - it never changes
    data = {"services": listed(table), "timeouts": {"tcp_timeout": 900, "udp_timeout": 60}}
    remarks = Remarks()
    source = read_live(data, "lb1", remarks)
    return convert(source, marks._replace(director="lb1"), remarks, data)


def saved(entry: Entry) -> list[str]:
    """Return what ipvsadm --save --numeric writes: print_service_entry() in ipvsadm.c."""
    service = entry.service
    name = _name(service)
    line = f"-A {name} -s {service.scheduler}"
    if service.persistence_timeout:
        line += f" -p {service.persistence_timeout} -M {service.persistence_prefix}"
    if service.persistence_engine:
        line += f" --pe {service.persistence_engine}"
    if service.one_packet:
        line += " -o"
    if service.scheduler_flags:
        line += f" -b {','.join(f'{service.scheduler}-{one}' for one in service.scheduler_flags)}"
    return [line, *(_saved_server(name, one) for one in entry.destinations.values())]


def _name(service: Service) -> str:
    key = service.key
    if key.fwmark:
        return f"-f {key.fwmark}{' -6' if key.family == 'ipv6' else ''}"
    return f"{PROTOCOLS[key.protocol]} {endpoint(key.address, key.port)}"


def _saved_server(service: str, one: Destination) -> str:
    line = f"-a {service} -r {one.key} {FORWARDINGS[one.forwarding]} -w {one.weight}"
    line += f" -x {one.upper_threshold} -y {one.lower_threshold}"
    if one.forwarding == "tunnel":
        line += f" --tun-type {one.tunnel_type}"
        line += f" --tun-port {one.tunnel_port}" if KINDS[one.tunnel_type].has_port else ""
        line += f" {CHECKSUMS[one.tunnel_checksum]}"
    return line


@given(tables())
def test_saved_rules_are_read_as_the_table(table: Table) -> None:
    remarks = Remarks()
    texts = [line for entry in table.values() for line in saved(entry)]
    lines = [Line(Place("rules", number), text) for number, text in enumerate(texts, 1)]
    assert table_in(settle(read_rules(lines, remarks), remarks)) == table
    assert remarks.found == []


@given(tables().filter(bool))
def test_a_difference_has_a_remark(table: Table) -> None:
    converted = live(table)
    assert converted.differences == converted.live
    # A real server at the VIP is the director itself, and is declared by its own address.
    lost = [
        one
        for one in converted.remarks
        if " is left out" in one.what or "is the director itself" in one.what
    ]
    assert bool(converted.differences) == bool(lost)


def test_a_live_table() -> None:
    table, _problems = parse_services([WEB])
    converted = live(table)
    assert converted.live == []
    assert converted.declared.variables == {
        "topology_settings": {"udp_timeout": 60},
        "topology_services": {
            "tcp-10.0.0.100-80": {
                "mode": "dr",
                "vips": ["10.0.0.100"],
                "port": 80,
                "real_servers": [
                    {"host": "rs-10-0-0-11"},
                    {"host": "rs-10-0-0-12", "weight": 0},
                ],
            }
        },
    }
    [remark] = converted.remarks
    assert str(remark.place) == "director lb1: tcp 10.0.0.100:80"
    assert remark.what.startswith("10.0.0.12:80 has weight 0 now")


def test_an_empty_table() -> None:
    with pytest.raises(SourceError, match=r"^director lb1: its table has no services"):
        live({})


def test_a_file_is_compared_with_another_table() -> None:
    table, _problems = parse_services([WEB])
    other = {
        "services": [
            {**WEB, "scheduler": "rr", "destinations": [{"address": "10.0.0.13", "weight": 2}]},
            {**WEB, "port": 81},
        ]
    }
    remarks = Remarks()
    source = read_live({"services": listed(table)}, "lb1", remarks)
    converted = convert(source, Options(), remarks, other)
    assert converted.differences == []
    assert converted.live == [
        "tcp 10.0.0.100:80: scheduler rr, declared wlc",
        "tcp 10.0.0.100:80: real server 10.0.0.13:80 is not declared",
        "tcp 10.0.0.100:80: real server 10.0.0.11:80 is declared, and is not there",
        "tcp 10.0.0.100:80: real server 10.0.0.12:80 is declared, and is not there",
        "tcp 10.0.0.100:81 is not declared",
    ]
