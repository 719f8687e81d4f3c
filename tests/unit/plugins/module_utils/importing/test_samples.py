# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole configurations: what is declared, what is said, and that the compiled table is the same."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.importing.declare import Options
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.inventory import (
    parse_inventory,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.options import (
    parse_options,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.parser import (
    parse_services,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.schema import (
    argument_spec,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.table import SHAPES

from .sampled import KEEPALIVED, LDIRECTORD, RULES, said, sample

MARKS: dict[str, Any] = {
    "1": {"vips": ["10.0.0.105"], "ports": [80, "8000-8010"]},
    "9": {"vips": ["10.0.0.104"], "ports": [80, 443], "protocol": ["tcp", "udp"]},
}
EVERYTHING = Options(marks=MARKS)


def test_keepalived() -> None:
    converted = sample(KEEPALIVED, EVERYTHING, "lb1")
    variables = converted.declared.variables
    assert variables["topology_high_availability"] == {
        "engine": "vrrp",
        "interface": "eth0",
        "virtual_router_id": 51,
        "advertisement_interval": 0.5,
        "sync": {"interface": "eth1", "id": 7},
    }
    assert variables["topology_settings"] == {"tcp_timeout": 1800, "udp_timeout": 60}
    assert converted.declared.hosts["lvs_directors"] == {
        "director1": {"ansible_host": "10.0.0.5", "topology_dip": "10.0.0.1"},
        "director2": {"ansible_host": "10.0.0.6", "topology_dip": "10.0.0.1"},
    }
    services = variables["topology_services"]
    assert [*services] == [
        *("shop", "shop-2", "tcp-10.0.0.102-443", "udp-10.0.0.102-53"),
        *("fwmark-9", "tcp-10.0.0.103-22"),
    ]
    assert services["shop"] == {
        "mode": "dr",
        "vips": ["10.0.0.100", "10.0.0.101"],
        "port": 80,
        "scheduler": "wrr",
        "tunnel": "gue",
        "tunnel_port": 6080,
        "tunnel_checksum": "csum",
        "health": {
            "check": "http",
            "url": "/health?full=1",
            "host": "shop.example.com",
            "statuses": ["200", "204"],
            "interval": 5,
            "timeout": 3,
            "rise": 1,
            "floor": 50,
            "on_floor": "withdraw",
            "fallback": "rs-10-0-0-99",
        },
        "real_servers": [
            {"host": "rs-10-0-0-11", "weight": 10},
            {
                "host": "rs-10-0-0-12",
                "weight": 10,
                "upper_threshold": 1000,
                "lower_threshold": 800,
            },
            {"host": "rs-10-9-0-13", "mode": "tun", "weight": 20},
        ],
    }
    # In the order of the examples.
    assert [*services["tcp-10.0.0.102-443"]] == [
        *("mode", "vips", "port", "scheduler", "scheduler_flags"),
        *("persistence_timeout", "persistence_prefix", "health", "real_servers", "accept"),
    ]
    assert services["tcp-10.0.0.102-443"]["accept"] == ["health.scheduler"]
    assert services["fwmark-9"]["persistence_timeout"] == 360
    assert services["tcp-10.0.0.103-22"]["real_servers"] == [{"host": "rs-10-0-0-11"}]


def test_what_is_lost_of_keepalived_is_said_with_its_line() -> None:
    converted = sample(KEEPALIVED, EVERYTHING, "lb1")
    remarks = said(converted)
    for place, part in (
        ("keepalived.conf:7", "no mails are sent"),
        ("keepalived.conf:18", "(nopreempt)"),
        ("keepalived.conf:25", "authentication of vrrp_instance is left out"),
        ("keepalived.conf:38", "10.0.0.1 is taken for the gateway"),
        ("keepalived.conf:39", "no VIP of a service"),
        ("keepalived.conf:41", "notify_master of vrrp_instance is left out"),
        ("conf.d/10-web.conf:14", "a floor of 50 %"),
        ("conf.d/10-web.conf:42", "this real server has no checker"),
        ("conf.d/20-nat.conf:4", "health.scheduler is accepted in service tcp-10.0.0.102-443"),
        ("conf.d/20-nat.conf:13", "its checker is another one"),
        ("conf.d/20-nat.conf:15", "gets no arguments, and no shell"),
        (
            "conf.d/20-nat.conf:20",
            "is accepted in service udp-10.0.0.102-53, as it was: one_packet",
        ),
        ("conf.d/20-nat.conf:41", "10.0.0.12:22 in mode nat is left out"),
        ("conf.d/20-nat.conf:44", "'web.example.com 22' is no address"),
    ):
        assert [one for one in remarks if one.startswith(f"{place}: ") and part in one], part
    # What of it is in the table is a difference, and nothing else is.
    assert converted.differences == [
        "tcp 10.0.0.103:22: real server 10.0.0.12:22 is not declared",
    ]
    assert not [one for one in remarks if "secret" in one or "site refuses" in one]


def test_lines_for_another_director() -> None:
    directors = sample(KEEPALIVED, EVERYTHING, "lb2").declared.hosts["lvs_directors"]
    assert directors["director1"]["ansible_host"] == "10.0.0.6"
    assert directors["director2"]["ansible_host"] == "10.0.0.5"
    without = sample(KEEPALIVED, EVERYTHING)
    assert "ansible_host" not in without.declared.hosts["lvs_directors"]["director1"]
    assert "keepalived.conf:19: a line for 'lb1' is left out: " in "\n".join(said(without))


def test_ldirectord() -> None:
    converted = sample(LDIRECTORD, EVERYTHING)
    services = converted.declared.services
    assert services["tcp-10.0.0.100-80"] == {
        "mode": "dr",
        "vips": ["10.0.0.100"],
        "port": 80,
        "persistence_timeout": 600,
        "persistence_prefix": 24,
        "health": {
            "check": "http",
            "url": "/index.html",
            "host": "www.example.com",
            "pattern": "Test Page #1",
            "interval": 1,
            "rise": 1,
            "fall": 1,
            "fallback": "director",
        },
        "real_servers": [
            {"host": "rs-10-0-0-11", "weight": 10},
            {"host": "rs-10-0-0-12", "weight": 10},
            {"host": "rs-10-9-0-13", "mode": "tun", "weight": 5},
        ],
    }
    assert services["udp-10.0.0.101-53"]["health"]["answers"] == ["192.0.2.1"]
    assert services["tcp-2001-db8-10--100-3306"]["real_servers"][0]["port"] == 3307
    assert services["fwmark-1"]["health"]["script"] == "/usr/local/bin/check"
    assert services["fwmark-1"]["ports"] == [80, "8000-8010"]
    assert converted.differences == []
    assert [one.partition(": ")[0] for one in said(converted)] == [
        *(f"ldirectord.cf:{line}" for line in (7, 11, 11, 25, 39)),
        *("the inventory", "ldirectord.cf:12"),
    ]


def test_rules() -> None:
    converted = sample(RULES)
    services = converted.declared.services
    assert services["tcp-10.0.0.100-80"]["tunnel"] == "gre"
    assert services["tcp-2001-db8-10--100-443"] == {
        "mode": "nat",
        "vips": ["2001:db8:10::100"],
        "port": 443,
        "scheduler": "sh",
        "scheduler_flags": ["fallback", "port"],
        "real_servers": [
            {
                "host": "rs-2001-db8-10--11",
                "port": 8443,
                "upper_threshold": 100,
                "lower_threshold": 50,
            }
        ],
    }
    assert services["udp-10.0.0.101-5060"]["persistence_engine"] == "sip"
    assert converted.differences == []
    assert [one.partition(": ")[0] for one in said(converted)] == [
        *(f"ipvsadm.rules:{line}" for line in (10, 11, 12)),
        "the inventory",
    ]


def test_a_director_has_an_address_or_a_remark() -> None:
    def of(options: Options) -> tuple[object, bool]:
        converted = sample(RULES, options)
        has_remark = any(
            "nothing says which address director has: say its address in hosts.yml" in one
            for one in said(converted)
        )
        return converted.declared.hosts["lvs_directors"], has_remark

    assert of(Options()) == ({"director": {}}, True)
    # Its table was read, so it is reached by this name.
    assert of(Options(director="lb1")) == ({"lb1": {}}, False)
    named = Options(director="lb1", address="192.0.2.10")
    assert of(named) == ({"lb1": {"ansible_host": "192.0.2.10"}}, False)
    # It goes before what the file says, which may be an address of VRRP's network.
    declared = sample(KEEPALIVED, named, "lb1").declared
    assert declared.hosts["lvs_directors"]["lb1"]["ansible_host"] == "192.0.2.10"


@pytest.mark.parametrize("name", [KEEPALIVED, LDIRECTORD, RULES])
@pytest.mark.parametrize("managed", [True, False])
def test_what_is_declared_is_valid(name: str, managed: bool) -> None:  # noqa: FBT001 - of a test
    declared = sample(name, EVERYTHING._replace(managed=managed), "lb1").declared
    options = {option: spec.get("default") for option, spec in argument_spec().items()}
    for variable in ("high_availability", "health", "settings"):
        options[variable] = declared.variables.get(f"topology_{variable}", options[variable])
    parsed, violations = parse_options(options)
    assert violations == []
    inventory = parse_inventory(declared.groups)
    _services, violations = parse_services(declared.services, inventory, SHAPES, parsed.health)
    assert violations == []
    entries = [one for each in declared.services.values() for one in each["real_servers"]]
    assert {"host" in one for one in entries} == {managed}
