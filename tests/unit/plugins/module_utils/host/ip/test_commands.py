# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands of ``ip``, and parsers of its output (recorded with iproute2 6.1)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.host.ip.commands import (
    addresses,
    command,
    default_routes,
    documents,
    family_option,
    gue_ports,
    links,
    links_up,
    our_rules,
    permanent_neighbours,
    refusals,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    Address,
    GuePort,
    Link,
    Neighbour,
    Route,
    Rule,
    Tunnel,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.plan import Add, LinkUp, Remove
from ansible_collections.lvs.topology.plugins.module_utils.net.ports import PortRange

SHOWN = json.loads("""[
 {"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"mtu":65536,
  "address":"00:00:00:00:00:00","addr_info":[
   {"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"254","label":"lo"},
   {"family":"inet","local":"10.0.0.100","prefixlen":32,"scope":"0","label":"lo"},
   {"family":"inet6","local":"2001:db8:10::100","prefixlen":128,"scope":"0","nodad":true,
    "deprecated":true,"preferred_life_time":0}]},
 {"ifindex":2,"link":"v0","ifname":"v1","flags":["BROADCAST","MULTICAST"],"mtu":1500,
  "linkinfo":{"info_kind":"veth"},"addr_info":[
   {"family":"inet6","local":"fe80::8436:86ff:fe52:8a6c","prefixlen":64,"scope":"253"}]}]
""")
ROUTES = json.loads("""[
 {"type":"1","dst":"default","gateway":"10.0.0.5","dev":"v0","table":"20020","protocol":"4"},
 {"type":"1","dst":"default","gateway":"10.0.0.1","dev":"v0","table":"254","protocol":"3"},
 {"type":"7","dst":"default","dev":"lo","table":"254","metric":4294967295},
 {"type":"1","dst":"default","gateway":"2001:db8:10::5","dev":"v0","table":"20020"}]
""")
RULES = json.loads("""[
 {"priority":0,"src":"all","table":"255","protocol":"2"},
 {"priority":20020,"src":"10.0.0.11","ipproto":"ipproto-6","sport":80,"table":"20020"},
 {"priority":20020,"src":"10.0.0.11","ipproto":"ipproto-17","sport_start":80,"sport_end":90,
  "table":"20020"},
 {"priority":20020,"src":"2001:db8:10::11","ipproto":"ipproto-132","table":"20021"},
 {"priority":20020,"src":"10.0.0.0","srclen":24,"ipproto":"ipproto-6","table":"20020"},
 {"priority":20020,"src":"10.0.0.12","table":"20020"},
 {"priority":100,"src":"10.0.0.11","ipproto":"ipproto-6","sport":80,"table":"20020"}]
""")

VIP, VIP6 = Address("lo", "10.0.0.100", 32), Address("lo", "2001:db8::100", 128)
TUNNEL = Tunnel("ipip-0a00000b", "ipip", "10.0.0.11")
NEIGHBOUR = Neighbour("eth1", "10.0.0.100", "52:54:00:00:00:05")
RULE = Rule("10.0.0.11", "tcp", PortRange.single(80), 20020)
RULE6 = Rule("2001:db8::11", "sctp", PortRange.single(0), 20020)


@pytest.mark.parametrize(
    ("operation", "line"),
    [
        (Add(Link("vip0", "dummy")), "link add name vip0 type dummy"),
        (Remove(Link("vip0", "dummy")), "link delete dev vip0"),
        (Add(TUNNEL), "link add name ipip-0a00000b type ipip mode ipip local 10.0.0.11 remote any"),
        (
            Add(Tunnel("gre-0a00000b", "gre", "10.0.0.11", checksum=True)),
            "link add name gre-0a00000b type gre local 10.0.0.11 remote any icsum",
        ),
        (
            Add(Tunnel("ip6tnl-1", "ip6tnl", "2001:db8::11")),
            (
                "link add name ip6tnl-1 type ip6tnl mode any allow-localremote "
                "local 2001:db8::11 remote any"
            ),
        ),
        (Remove(TUNNEL), "link delete dev ipip-0a00000b"),
        (Add(GuePort("ipv4", 6080)), "fou add port 6080 gue"),
        (Add(GuePort("ipv6", 6080)), "fou add port 6080 gue -6"),
        (Remove(GuePort("ipv4", 6080)), "fou delete port 6080"),
        (Remove(GuePort("ipv6", 6080)), "fou delete port 6080 -6"),
        (LinkUp("lo"), "link set dev lo up"),
        (Add(VIP), "address add 10.0.0.100/32 dev lo"),
        (Remove(VIP), "address delete 10.0.0.100/32 dev lo"),
        (Add(VIP6), "address add 2001:db8::100/128 dev lo nodad preferred_lft 0"),
        (Remove(VIP6), "address delete 2001:db8::100/128 dev lo"),
        (Add(Route(20020, "10.0.0.5")), "route replace default via 10.0.0.5 table 20020"),
        (Remove(Route(20020, "10.0.0.5")), "route delete default via 10.0.0.5 table 20020"),
        (Add(RULE), "rule add priority 20020 from 10.0.0.11 ipproto tcp sport 80 table 20020"),
        (
            Add(RULE._replace(ports=PortRange(80, 90))),
            "rule add priority 20020 from 10.0.0.11 ipproto tcp sport 80-90 table 20020",
        ),
        (
            Add(NEIGHBOUR),
            "neighbour replace 10.0.0.100 lladdr 52:54:00:00:00:05 dev eth1 nud permanent",
        ),
        (Remove(NEIGHBOUR), "neighbour delete 10.0.0.100 dev eth1"),
        (Remove(RULE6), "rule delete priority 20020 from 2001:db8::11 ipproto sctp table 20020"),
    ],
)
def test_lines(operation: Add | Remove | LinkUp, line: str) -> None:
    assert command(operation, arp_suppressed=True) == line


def test_address_that_may_be_seen_is_not_deprecated() -> None:
    assert command(Add(VIP6), arp_suppressed=False).endswith(" dev lo nodad")


def test_only_ipv6_rules_need_an_option() -> None:
    assert [family_option(Add(one)) for one in (VIP6, RULE, RULE6)] == ["", "", "-6"]
    assert family_option(LinkUp("lo")) == ""


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        (
            "Error: ipv4: Address already assigned.\nCommand failed -:2\n",
            (1, "Error: ipv4: Address already assigned"),
        ),
        ('Cannot find device "nope"\nCommand failed -:1\n', (0, 'Cannot find device "nope"')),
        ("Cannot open netlink socket: Permission denied\n", None),
        ("", (-1, "ip gave no reason")),
    ],
)
def test_refused(errors: str, expected: tuple[int, str] | None) -> None:
    assert refusals(errors) == [expected or (-1, errors.strip())]


def test_documents() -> None:
    assert list(documents('[{"a":1},{}]\n[]\n\n[{"b":2}]\n')) == [[{"a": 1}], [], [{"b": 2}]]
    assert list(documents("\n")) == []
    assert list(documents('[{"ifname":"\x1b[2J"}]')) == [[{"ifname": "\x1b[2J"}]]


def test_links() -> None:
    assert list(links(SHOWN)) == [Link("lo", ""), Link("v1", "veth")]
    assert list(links_up(SHOWN)) == ["lo"]


@pytest.mark.parametrize(
    ("kind", "data", "link"),
    [
        (
            "ipip",
            {"proto": "any", "remote": "any", "local": "10.0.0.11", "ttl": 0, "pmtudisc": True},
            Tunnel("t", "ipip", "10.0.0.11"),
        ),
        (
            "gre",
            {"remote": "any", "local": "10.0.0.11", "ttl": 0, "pmtudisc": True, "icsum": True},
            Tunnel("t", "gre", "10.0.0.11", checksum=True),
        ),
        (
            "ip6tnl",
            {"proto": "any", "remote": "any", "local": "2001:db8::11", "encap_limit": 4},
            Tunnel("t", "ip6tnl", "2001:db8::11"),
        ),
        # These take only a part of what is sent to the address, or have none.
        ("ip6tnl", {"proto": "ip6ip6", "remote": "any", "local": "2001:db8::11"}, None),
        ("ipip", {"proto": "any", "remote": "10.0.0.5", "local": "10.0.0.11"}, None),
        ("gre", {"remote": "any", "local": "10.0.0.11", "ikey": "0.0.0.7"}, None),
        ("ipip", {"proto": "any", "remote": "any", "local": "any", "ttl": 0}, None),
        ("vxlan", {"local": "10.0.0.11"}, None),
    ],
)
def test_tunnels(kind: str, data: dict[str, object], link: Tunnel | None) -> None:
    """Recorded with iproute2 6.1."""
    shown = [{"ifname": "t", "flags": [], "linkinfo": {"info_kind": kind, "info_data": data}}]
    assert list(links(shown)) == [link or Link("t", kind)]


def test_gue_ports() -> None:
    """Recorded with iproute2 6.1."""
    shown = json.loads("""[{"port":6080,"gue":null,"family":"inet6"},
     {"port":6081,"ipproto":4,"family":"inet"},
     {"port":6082,"gue":null,"family":"inet","local":"10.0.0.11"}]""")
    assert list(gue_ports(shown)) == [
        GuePort("ipv6", 6080),
        GuePort("ipv4", 6081, "fou"),
        GuePort("ipv4", 6082, "gue at 10.0.0.11"),
    ]


def test_addresses_without_what_sit_has_by_itself() -> None:
    """Recorded with iproute2 6.1."""
    own = {"family": "inet6", "local": "::10.0.1.11", "prefixlen": 96, "scope": "0"}
    other = {"family": "inet6", "local": "2001:db8::1", "prefixlen": 64, "scope": "0"}
    shown = [{"ifname": "sit-0a00010b", "link_type": "sit", "addr_info": [own, other]}]
    assert list(addresses(shown)) == [Address("sit-0a00010b", "2001:db8::1", 64)]


def test_addresses_without_link_local() -> None:
    assert list(addresses(SHOWN)) == [
        Address("lo", "127.0.0.1", 8),
        Address("lo", "10.0.0.100", 32),
        Address("lo", "2001:db8:10::100", 128),
    ]


def test_default_routes() -> None:
    assert list(default_routes(ROUTES)) == [
        Route(20020, "10.0.0.5"),
        Route(254, "10.0.0.1"),
        Route(20020, "2001:db8:10::5"),
    ]


def test_rules_of_others_are_not_ours() -> None:
    assert list(our_rules(RULES)) == [
        Rule("10.0.0.11", "tcp", PortRange.single(80), 20020),
        Rule("10.0.0.11", "udp", PortRange(80, 90), 20020),
        Rule("2001:db8:10::11", "sctp", PortRange.single(0), 20021),
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"not": None}, {"dst": "1.2.3.4"}, {"srclen": 24}, {"fwmark": "0x5"}, {"iif": "va"},
        {"dport": 9}, {"uid_start": 0, "uid_end": 5}, {"suppress_prefixlen": 0}, {"tos": "0x04"},
        {"goto": 32766},
    ],
)  # fmt: skip
def test_a_rule_that_looks_like_ours_is_another_one(other: dict[str, Any]) -> None:
    """Recorded with iproute2 6.1."""
    ours = {"priority": 20020, "src": "10.0.0.11", "ipproto": "ipproto-6", "sport": 80,
            "table": "256", "protocol": "0"}  # fmt: skip
    assert list(our_rules([ours])) == [Rule("10.0.0.11", "tcp", PortRange.single(80), 256)]
    assert list(our_rules([{**ours, **other}])) == []


def test_default_routes_that_we_would_not_add() -> None:
    """Recorded with iproute2 6.1."""
    shown = json.loads("""[
     {"type":"1","dst":"default","via":{"family":"inet6","host":"fe80::9"},"dev":"va",
      "table":"257","protocol":"3","scope":"0","flags":[]},
     {"type":"1","dst":"default","table":"258","protocol":"3","scope":"0","flags":[],"nexthops":[
      {"gateway":"10.0.0.5","dev":"va","weight":1,"flags":[]},
      {"gateway":"10.0.0.6","dev":"va","weight":1,"flags":[]}]},
     {"type":"8","dst":"default","table":"259","protocol":"3","scope":"0","flags":[]}]""")
    assert list(default_routes(shown)) == [
        Route(257, "an IPv6 next hop of IPv4"),
        Route(258, "10.0.0.5 and 10.0.0.6"),
    ]


def test_permanent_neighbours() -> None:
    """Recorded with iproute2 6.1; an entry without a MAC address is ignored."""
    shown = json.loads("""[
     {"dst":"10.0.0.100","dev":"eth1","lladdr":"52:54:00:00:00:05","state":["PERMANENT"]},
     {"dst":"10.0.0.101","dev":"tun0","state":["PERMANENT"]}]
    """)
    assert list(permanent_neighbours(shown)) == [NEIGHBOUR]
