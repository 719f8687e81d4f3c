# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules and routes as facts; the output was recorded with iproute2 6.1."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.host.ip.routing import (
    MAX_ROUTES,
    bounded,
    is_to,
    routes,
    rules,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import rule

ROUTES = json.loads("""[
{"type":"1","dst":"default","table":"254","protocol":"3","scope":"0","flags":[],"nexthops":[
 {"gateway":"10.0.0.2","dev":"eth0","weight":2,"flags":[]},
 {"gateway":"10.0.0.3","dev":"eth0","weight":1,"flags":["dead","linkdown"]}]},
{"type":"1","dst":"10.0.0.0/24","dev":"eth0","table":"254","protocol":"2","scope":"253",
 "prefsrc":"10.0.0.1","flags":[]},
{"type":"1","dst":"10.4.0.0/16","tos":"0x10","dev":"eth0","table":"254","flags":[]},
{"type":"1","dst":"10.5.0.0/16","gateway":"9.9.9.9","dev":"eth0","table":"100","metric":5,
 "flags":["onlink"]},
{"type":"1","dst":"10.5.0.0/16","gateway":"9.9.9.8","dev":"eth0","table":"100","metric":5},
{"type":"1","dst":"10.9.0.0/16","via":{"family":"inet6","host":"fe80::1"},"dev":"eth0",
 "table":"254","protocol":"3","scope":"0","flags":[]},
{"type":"1","dst":"192.0.2.2","dev":"eth1","table":"254","prefsrc":"192.0.2.1","flags":[]},
{"type":"2","dst":"127.0.0.0/8","dev":"lo","table":"255","prefsrc":"127.0.0.1","flags":[]},
{"type":"3","dst":"10.0.0.255","dev":"eth0","table":"255","prefsrc":"10.0.0.1","flags":[]},
{"type":"7","dst":"10.7.0.0/16","table":"100","protocol":"3","scope":"0","flags":[]}]""")
ROUTES6 = json.loads("""[
{"type":"1","dst":"2001:db8:5::/48","from":"2001:db8::/64","gateway":"fe80::1","dev":"eth0",
 "table":"254","protocol":"3","scope":"0","metric":7,"flags":[],"pref":"medium"},
{"type":"8","dst":"2001:db8:7::/48","dev":"lo","table":"254","metric":1024,"flags":[]},
{"type":"1","dst":"fe80::/64","dev":"eth0","table":"254","metric":256,"flags":[]},
{"type":"1","dst":"default","table":"254","metric":1024,"flags":[],"pref":"medium","nexthops":[
 {"gateway":"fe80::2","dev":"eth0","weight":1,"flags":[]},
 {"gateway":"fe80::3","dev":"eth1","weight":1,"flags":[]}]}]""")
RULES = json.loads("""[
{"priority":0,"src":"all","table":"255","protocol":"2"},
{"priority":50,"src":"10.0.0.1","fwmark":"0x5","fwmask":"0xff","iif":"a","iif_detached":null,
 "table":"100","protocol":"0"},
{"priority":60,"not":null,"src":"all","dst":"10.1.0.0","dstlen":16,"ipproto":"ipproto-6","sport":5,
 "dport_start":80,"dport_end":90,"table":"100","protocol":"0"},
{"priority":70,"src":"all","table":"254","suppress_prefixlen":0,"protocol":"0"},
{"priority":80,"src":"all","goto":90,"protocol":"0"},
{"priority":85,"src":"all","action":"7","protocol":"0"},
{"priority":90,"src":"all","nop":null,"protocol":"0"},
{"priority":95,"src":"10.0.0.3","tos":"0x10","uid_start":0,"uid_end":100,"table":"100"},
{"priority":96,"src":"all","fwmark":"0x7","oif":"b","table":"100"}]""")


def test_routes() -> None:
    names = ("table", "type", "destination", "source", "gateway", "device", "metric", "tos")
    found = [*routes("ipv4", ROUTES), *routes("ipv6", ROUTES6)]
    assert [tuple(one[name] for name in names) for one in found] == [
        (254, "unicast", "0.0.0.0/0", "", "10.0.0.2", "eth0", 0, 0),
        (254, "unicast", "10.0.0.0/24", "", "", "eth0", 0, 0),
        (254, "unicast", "10.4.0.0/16", "", "", "eth0", 0, 16),
        (100, "unicast", "10.5.0.0/16", "", "9.9.9.9", "eth0", 5, 0),
        (254, "unicast", "10.9.0.0/16", "", "fe80::1", "eth0", 0, 0),
        (254, "unicast", "192.0.2.2/32", "", "", "eth1", 0, 0),
        (100, "unreachable", "10.7.0.0/16", "", "", "", 0, 0),
        (254, "unicast", "2001:db8:5::/48", "2001:db8::/64", "fe80::1", "eth0", 7, 0),
        (254, "prohibit", "2001:db8:7::/48", "", "", "", 1024, 0),
        (254, "unicast", "::/0", "", "fe80::2", "eth0", 1024, 0),
        (254, "unicast", "::/0", "", "fe80::3", "eth1", 1024, 0),
    ]
    assert found[1]["preferred_source"] == "10.0.0.1"


PORTS: dict[str, Any] = {"protocol": 6, "source_ports": [5, 5], "destination_ports": [80, 90]}


def test_rules() -> None:
    expected: list[tuple[int, dict[str, Any]]] = [
        (0, {"table": 255}),
        (50, {"table": 100, "source": "10.0.0.1/32", "device": "a", "mark": 5, "mask": 255}),
        (60, {"table": 100, "destination": "10.1.0.0/16", "inverted": True, **PORTS}),
        (70, {"table": 254, "suppressed": 0}),
        (80, {"action": "goto", "target": 90}),
        (85, {"action": "unreachable"}),
        (90, {"action": "nop"}),
        (95, {"table": 100, "source": "10.0.0.3/32", "other": ["tos", "uid_end", "uid_start"]}),
        (96, {"table": 100, "out": "b", "mark": 7, "mask": 0xFFFFFFFF}),
    ]
    assert [*rules("ipv4", RULES)] == [{**rule(priority, 0), **more} for priority, more in expected]


def test_routes_to_addresses_of_the_host() -> None:
    line = {"type": "2", "dst": "10.0.0.100", "dev": "lo", "table": "255"}
    found = [*routes("ipv4", [line, {**line, "dst": "10.9.0.0/24"}])]
    assert [is_to(one, {"10.0.0.100", "10.9.0.0"}) for one in found] == [True, False]
    assert not is_to(found[0], {"10.0.0.11"})


def route(destination: str, gateway: str = "10.0.0.1") -> dict[str, Any]:
    return {"family": "ipv4", "table": 254, "destination": destination, "gateway": gateway}


def test_of_a_table_of_the_internet_little_is_kept() -> None:
    default, link = route("0.0.0.0/0"), route("10.0.0.0/24", "")
    many = [route(f"198.18.{high}.{low}/32") for high in range(4) for low in range(256)]
    assert len(many) > MAX_ROUTES
    kept, omitted = bounded([default, link, *many])
    assert kept == [default, link]
    assert omitted == [{"family": "ipv4", "table": 254, "networks": ["198.0.0.0/8"]}]


@pytest.mark.parametrize("number", [0, 3])
def test_others_are_kept_whole(number: int) -> None:
    few = [route(f"198.18.0.{low}/32") for low in range(number)]
    assert bounded(few) == (few, [])
