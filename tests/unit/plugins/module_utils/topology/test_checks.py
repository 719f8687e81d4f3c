# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every check, in both its outcomes: with something wrong, and with the same done rightly."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.topology import (
    complaints,
    options,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.checks import hosts, services
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.table import MODES
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    Change,
    Sample,
    both_ways,
    direct_routing,
    inside,
    nat,
    node,
    on,
    route,
)

DR, NAT, BOTH = direct_routing(), nat(), both_ways()
SERVERS = "services/web/real_servers"


@dataclass(frozen=True)
class Case:
    """One thing that is wrong, and the same thing done rightly."""

    check: str
    sample: Sample
    bad: Change
    found: str
    wanted: str
    good: Change
    service: str = "web"
    host: str = ""


CASES = {
    # The declaration's shape
    "unknown key of a service": Case(
        "declaration.key",
        DR,
        bad={"services/web/schedular": "rr"},
        found="schedular",
        wanted="did you mean scheduler?",
        good={"services/web/scheduler": "rr"},
    ),
    "unknown key of a real server": Case(
        "declaration.key",
        DR,
        bad={f"{SERVERS}/0/wieght": 2},
        found="real_servers[0].wieght",
        wanted="did you mean weight?",
        good={f"{SERVERS}/0/weight": 2},
        host="web1",
    ),
    "another mode's key": Case(
        "declaration.key",
        DR,
        bad={"services/web/return_route": "main"},
        found="return_route",
        wanted="only nat has it",
        good={"services/web/mode": "nat", "services/web/return_route": "policy"},
    ),
    "a missing key": Case(
        "declaration.key",
        DR,
        bad={"services/web/port": None},
        found="no port",
        wanted="port, which every service needs",
        good={"services/web/port": 8000},
    ),
    "a real server without a name": Case(
        "declaration.key",
        DR,
        bad={f"{SERVERS}/0": {"weight": 1}},
        found="real_servers[0]: ['weight']",
        wanted="a host, a group, or an address",
        good={f"{SERVERS}/0": {"host": "web1", "weight": 1}},
    ),
    "a group with an address": Case(
        "declaration.key",
        DR,
        bad={SERVERS: [{"group": "lvs_real_servers", "address": "10.0.0.11"}]},
        found="real_servers[0]: ['address', 'group']",
        wanted="the group alone",
        good={SERVERS: [{"group": "lvs_real_servers"}]},
    ),
    "unknown mode": Case(
        "declaration.mode",
        DR,
        bad={"services/web/mode": "ndr"},
        found="mode: 'ndr'",
        wanted="one of nat, dr (did you mean dr?)",
        good={"services/web/mode": "dr"},
    ),
    "no mode": Case(
        "declaration.mode",
        DR,
        bad={"services/web/mode": None},
        found="no mode",
        wanted="one of nat, dr",
        good={"services/web/mode": "dr"},
    ),
    "a service that is none": Case(
        "declaration.value",
        DR,
        bad={"services/web": ["10.0.0.100"]},
        found="['10.0.0.100']",
        wanted="a service: mode, vips, port and real_servers",
        good={},
    ),
    "a real server that is none": Case(
        "declaration.value",
        DR,
        bad={f"{SERVERS}/0": "web1"},
        found="real_servers[0]: 'web1'",
        wanted="a real server: a host, a group, or an address",
        good={f"{SERVERS}/0": {"host": "web1"}},
    ),
    "unknown scheduler": Case(
        "declaration.value",
        DR,
        bad={"services/web/scheduler": "wwr"},
        found="scheduler: 'wwr'",
        wanted="did you mean wrr?",
        good={"services/web/scheduler": "wrr"},
    ),
    "unknown protocol": Case(
        "declaration.value",
        DR,
        bad={"services/web/protocol": "tpc"},
        found="protocol: 'tpc'",
        wanted="one of tcp, udp, sctp",
        good={"services/web/protocol": "sctp"},
    ),
    "malformed VIP": Case(
        "declaration.value",
        DR,
        bad={"services/web/vips": ["10.0.0.256"]},
        found="vips[0]: '10.0.0.256'",
        wanted="an IPv4 or IPv6 address",
        good={"services/web/vips": ["10.0.0.254"]},
    ),
    "a VIP that no other host reaches": Case(
        "declaration.value",
        DR,
        bad={"services/web/vips": ["127.0.0.1"]},
        found="vips[0]: '127.0.0.1'",
        wanted="that other hosts can reach",
        good={"services/web/vips": ["10.0.0.254"]},
    ),
    "a VIP with a prefix length": Case(
        "declaration.value",
        DR,
        bad={"services/web/vips": ["10.0.0.100/24"]},
        found="vips[0]: '10.0.0.100/24'",
        wanted="without prefix length",
        good={"services/web/vips": ["10.0.0.254"]},
    ),
    "a VIP that is no list": Case(
        "declaration.value",
        DR,
        bad={"services/web/vips": "10.0.0.100"},
        found="vips: '10.0.0.100'",
        wanted="a list of addresses",
        good={"services/web/vips": ["10.0.0.100"]},
    ),
    "no VIP": Case(
        "declaration.value",
        DR,
        bad={"services/web/vips": []},
        found="vips: []",
        wanted="at least one address",
        good={},
    ),
    "the same VIP twice": Case(
        "declaration.value",
        BOTH,
        bad={"services/web/vips": ["2001:db8:10::100", "2001:db8:10:0::100"]},
        found="vips[1]: '2001:db8:10:0::100'",
        wanted="each VIP only once",
        good={"services/web/vips": ["2001:db8:10::100", "2001:db8:10::102"]},
    ),
    "malformed RIP": Case(
        "declaration.value",
        NAT,
        bad={f"{SERVERS}/0": {"address": "10.0.0"}},
        found="real_servers[0].address: '10.0.0'",
        wanted="an IPv4 or IPv6 address",
        good={f"{SERVERS}/0": {"address": "10.0.0.99"}},
    ),
    "two RIPs of a family": Case(
        "declaration.value",
        NAT,
        bad={f"{SERVERS}/0": {"address": ["10.0.0.98", "10.0.0.99"]}},
        found="['10.0.0.98', '10.0.0.99']",
        wanted="one address for each family",
        good={f"{SERVERS}/0": {"address": ["10.0.0.98", "2001:db8:10::98"]}},
    ),
    "port 0 without persistence": Case(
        "declaration.value",
        DR,
        bad={"services/web/port": 0},
        found="port: 0",
        wanted="persistence_timeout",
        good={"services/web/port": 0, "services/web/persistence_timeout": 300},
    ),
    "port out of range": Case(
        "declaration.value",
        DR,
        bad={"services/web/port": 65536},
        found="port: 65536",
        wanted="0 to 65535",
        good={"services/web/port": 65535},
    ),
    "weight out of range": Case(
        "declaration.value",
        DR,
        bad={f"{SERVERS}/0/weight": -1},
        found="real_servers[0].weight: -1",
        wanted="0 to 65535",
        good={f"{SERVERS}/0/weight": 0},
        host="web1",
    ),
    "thresholds that cross": Case(
        "declaration.value",
        DR,
        bad={f"{SERVERS}/0/lower_threshold": 9, f"{SERVERS}/0/upper_threshold": 5},
        found="real_servers[0].lower_threshold: 9",
        wanted="at most the upper_threshold 5",
        good={f"{SERVERS}/0/lower_threshold": 5, f"{SERVERS}/0/upper_threshold": 9},
        host="web1",
    ),
    "an unknown way back": Case(
        "declaration.value",
        NAT,
        bad={"services/web/return_route": "polcy"},
        found="return_route: 'polcy'",
        wanted="one of main, policy (did you mean policy?)",
        good={"services/web/return_route": "policy"},
    ),
    "prepared that is neither": Case(
        "declaration.value",
        DR,
        bad={f"{SERVERS}/0": {"address": "10.0.0.99", "prepared": "perhaps"}},
        found="real_servers[0].prepared: 'perhaps'",
        wanted="true or false",
        good={f"{SERVERS}/0": {"address": "10.0.0.99", "prepared": True}},
    ),
    "a host outside the inventory": Case(
        "declaration.host",
        DR,
        bad={f"{SERVERS}/0/host": "wbe1"},
        found="real_servers[0]: wbe1, which is not in the inventory",
        wanted="did you mean web1?",
        good={f"{SERVERS}/0/host": "web1"},
        host="wbe1",
    ),
    "a host that is no real server": Case(
        "declaration.host",
        DR,
        bad={f"{SERVERS}/0/host": "client"},
        found="client, which is in the inventory but not in lvs_real_servers",
        wanted="a host of the group lvs_real_servers",
        good={f"{SERVERS}/0/host": "web1"},
        host="client",
    ),
    "unknown group": Case(
        "declaration.group",
        DR,
        bad={SERVERS: [{"group": "lvs_real_server"}]},
        found="real_servers[0].group: 'lvs_real_server'",
        wanted="did you mean lvs_real_servers?",
        good={SERVERS: [{"group": "lvs_real_servers"}]},
    ),
    # The topology's own options
    "a network with host bits": Case(
        "options.value",
        DR,
        bad={"options/networks": ["10.0.0.5/24"]},
        found="topology_networks: '10.0.0.5/24'",
        wanted="a network as ADDRESS/PREFIX",
        good={"options/networks": ["10.0.0.0/24"]},
        service="",
    ),
    "a malformed topology_rip": Case(
        "options.value",
        DR,
        bad={"options/rips": {"web1": "10.0.0.0.11"}},
        found="topology_rip: '10.0.0.0.11'",
        wanted="an IPv4 or IPv6 address",
        good={"options/rips": {"web1": ["10.0.0.11", "2001:db8:10::11"]}},
        service="",
        host="web1",
    ),
    "two of a family as topology_dip": Case(
        "options.value",
        DR,
        bad={"options/dips": {"director": ["10.0.0.5", "10.0.2.5"]}},
        found="topology_dip: ['10.0.0.5', '10.0.2.5']",
        wanted="one address for each family",
        good={"options/dips": {"director": ["10.0.0.5", "2001:db8:10::5"]}},
        service="",
        host="director",
    ),
    "a setting out of range": Case(
        "options.value",
        DR,
        bad={"options/settings": {"tcp_timeout": 0, "sysctls": {}}},
        found="topology_settings.tcp_timeout: 0",
        wanted="a number from 1",
        good={"options/settings": {"tcp_timeout": 900, "sysctls": {"conntrack": 1}}},
        service="",
    ),
    # Hosts
    "no director": Case(
        "director.exists",
        DR,
        bad={"groups/lvs_directors": []},
        found="no host in the group lvs_directors",
        wanted="a director",
        good={},
        service="",
    ),
    "no director, in NAT": Case(
        "director.exists",
        NAT,
        bad={"groups/lvs_directors": []},
        found="no host in the group lvs_directors",
        wanted="a director",
        good={"groups/lvs_directors": [], "services/web": None},
        service="",
    ),
    "two directors": Case(
        "director.single",
        DR,
        bad={"groups/lvs_directors": ["director", "spare"], "facts/spare": inside(6, 1)},
        found="2 directors (director, spare)",
        wanted="topology_manage_vips: false",
        good={
            "groups/lvs_directors": ["director", "spare"],
            "facts/spare": inside(6, 1),
            "options/manage_vips": False,
        },
        service="",
    ),
    "a real server that was not read": Case(
        "host.facts",
        DR,
        bad={"facts/web2": {}},
        found="no facts",
        wanted="--limit",
        good={"facts/web2": {}, SERVERS: [{"host": "web1"}]},
        service="",
        host="web2",
    ),
    "a director that was not read": Case(
        "host.facts",
        DR,
        bad={"facts/director": {}},
        found="no facts",
        wanted="--limit",
        good={},
        service="",
        host="director",
    ),
    "no ip_vs": Case(
        "director.ip-vs",
        DR,
        bad={"facts/director/ipvs/available": False},
        found="neither ip_vs in the running kernel nor a module",
        wanted="a kernel with ip_vs",
        good={"facts/web1/ipvs/available": False},
        service="",
        host="director",
    ),
    "keepalived has the table": Case(
        "director.table-owner",
        DR,
        bad={"facts/director/owners": ["keepalived"]},
        found="keepalived, which writes the IPVS table",
        wanted="topology_ignore_owners",
        good={"facts/director/owners": ["keepalived"], "options/ignore_owners": ["keepalived"]},
        service="",
        host="director",
    ),
    "a DIP that is nowhere": Case(
        "director.dip",
        DR,
        bad={"options/dips": {"director": "10.0.0.6"}},
        found="topology_dip: 10.0.0.6",
        wanted="10.0.0.5/24 on inside",
        good={"options/dips": {"director": "10.0.0.5"}},
        service="",
        host="director",
    ),
    "a VIP that belongs nowhere": Case(
        "director.vip-device",
        DR,
        bad={"services/web/vips": ["203.0.113.1"], "facts/director/routes": []},
        found="no interface in the subnet of the VIP 203.0.113.1, and no route",
        wanted="either of the two",
        good={"services/web/vips": ["203.0.113.1"], "options/networks": ["10.0.0.0/24"]},
        host="director",
    ),
    "a director as a real server": Case(
        "real-server.no-director",
        NAT,
        bad={
            "groups/lvs_real_servers": ["director", "web1", "web2"],
            f"{SERVERS}/0": {"host": "director"},
        },
        found="director, which is in lvs_directors as well",
        wanted="a host of lvs_real_servers that is no director",
        good={"groups/lvs_real_servers": ["director", "web1", "web2"]},
        host="director",
    ),
    # Services with each other
    "one VIP and port in two services": Case(
        "service.unique",
        BOTH,
        bad={
            "services/web-nat/vips": ["2001:db8:10:0::100", "10.0.0.101"],
            "services/web-nat/port": 80,
        },
        found="tcp [2001:db8:10::100]:80, which the service web has as well",
        wanted="in one service only",
        good={"services/web-nat/vips": ["10.0.0.100", "2001:db8:10::100"]},
        service="web-nat",
    ),
    "a real server twice": Case(
        "real-server.unique",
        NAT,
        bad={f"{SERVERS}/1": {"address": "10.0.0.11", "port": 80}},
        found="10.0.0.11:80 in real_servers[1] and in real_servers[0]",
        wanted="once in a service",
        good={f"{SERVERS}/1": {"host": "web1", "port": 81}},
        host="10.0.0.11",
    ),
    "another host has the VIP": Case(
        "vip.elsewhere",
        DR,
        bad={"facts/web2/addresses/0": on("mgmt0", "10.0.0.100/24")},
        found="10.0.0.100/24 on mgmt0",
        wanted="a VIP that no other host has",
        good={"facts/web2/addresses/0": on("lo", "10.0.0.100/32")},
        host="web2",
    ),
    "our own VIP on another device than now": Case(
        "vip.elsewhere",
        DR,
        bad={"facts/web2/addresses/0": on("vip0", "10.0.0.100/32")},
        found="10.0.0.100/32 on vip0",
        wanted="a VIP that no other host has",
        good={
            "facts/web2/addresses/0": on("vip0", "10.0.0.100/32"),
            "facts/web2/vip_owned": ["10.0.0.100"],
        },
        host="web2",
    ),
    "a RIP that is a VIP": Case(
        "vip.is-rip",
        NAT,
        bad={f"{SERVERS}/0": {"address": "10.0.0.101"}},
        found="the RIP 10.0.0.101, which is the VIP of the service web",
        wanted="a RIP that is nobody's VIP",
        good={f"{SERVERS}/0": {"address": "10.0.0.102"}},
        host="10.0.0.101",
    ),
    # Which address is the RIP
    "a RIP that its host does not have": Case(
        "rip.on-host",
        DR,
        bad={f"{SERVERS}/0/address": "10.0.0.99"},
        found="10.0.0.99 declared as its RIP",
        wanted="10.0.2.11/24 on mgmt0, 10.0.0.11/24 on inside",
        good={f"{SERVERS}/0/address": "10.0.0.11"},
        host="web1",
    ),
    "several addresses that may be the RIP": Case(
        "rip.single",
        DR,
        bad={"services/web/vips": ["203.0.113.1"]},
        found="10.0.2.11/24 on mgmt0, 10.0.0.11/24 on inside",
        wanted="topology_networks",
        good={
            "services/web/vips": ["203.0.113.1"],
            "options/rips": {"web1": "10.0.0.11", "web2": "10.0.0.12"},
        },
        host="web1",
    ),
    # NAT
    "NAT: a RIP in another subnet": Case(
        "nat.rip-in-dip-subnet",
        NAT,
        bad={"facts/web1": node({"eth0": ["10.9.0.11/24"]}, [route("0.0.0.0/0", "10.9.0.1")])},
        found="10.9.0.11/24 on eth0",
        wanted="the director director, which has 10.0.2.5/24 on mgmt0, 10.0.0.5/24 on inside",
        good={},
        host="web1",
    ),
    "NAT: no address of the VIP's family": Case(
        "nat.rip-in-dip-subnet",
        NAT,
        bad={"services/web/vips": ["2001:db8:10::101"], f"{SERVERS}/1": {"address": "10.0.0.12"}},
        found="no ipv6 address",
        wanted="the VIP is 2001:db8:10::101",
        good={
            "services/web/vips": ["2001:db8:10::101"],
            f"{SERVERS}/1": {"address": "2001:db8:10::12"},
        },
        host="10.0.0.12",
    ),
    "NAT: no address in the networks": Case(
        "nat.rip-in-dip-subnet",
        NAT,
        bad={"options/networks": ["10.1.0.0/24"]},
        found="10.0.2.11/24 on mgmt0, 10.0.0.11/24 on inside",
        wanted="(topology_networks: 10.1.0.0/24)",
        good={"options/networks": ["10.0.0.0/24"]},
        host="web1",
    ),
    "NAT: two directors with a DIP each": Case(
        "nat.one-dip",
        NAT,
        bad={
            "groups/lvs_directors": ["director", "spare"],
            "facts/spare": inside(6, 1),
            "options/manage_vips": False,
        },
        found="2 DIPs: 10.0.0.5, 10.0.0.6",
        wanted="topology_dip of every director",
        good={
            "groups/lvs_directors": ["director", "spare"],
            "facts/spare": inside(6, 1),
            "options/manage_vips": False,
            "options/dips": {"director": "10.0.0.5", "spare": "10.0.0.5"},
        },
        host="web1",
    ),
    "NAT: a port of a service for all": Case(
        "nat.port-of-all",
        NAT,
        bad={"services/web/port": 0, "services/web/persistence_timeout": 60},
        found="port 80",
        wanted="no port",
        good={
            "services/web/port": 0,
            "services/web/persistence_timeout": 60,
            SERVERS: [{"host": "web1"}],
        },
        host="web1",
    ),
    "NAT: every port of a service for one": Case(
        "nat.port-of-all",
        NAT,
        bad={f"{SERVERS}/0/port": 0},
        found="port 0",
        wanted="the service's own (8080)",
        good={f"{SERVERS}/0/port": None},
        host="web1",
    ),
    "NAT: a policy route on a host that is not managed": Case(
        "nat.policy-managed",
        NAT,
        bad={"services/web/return_route": "policy", f"{SERVERS}/0": {"address": "10.0.0.99"}},
        found="return_route: policy for a host that is not managed",
        wanted="return_route: main",
        good={f"{SERVERS}/0": {"address": "10.0.0.99"}},
        host="10.0.0.99",
    ),
    "NAT: replies go by the router": Case(
        "nat.return-route",
        NAT,
        bad={"facts/web1": inside(11, 1)},
        found="replies to 0.0.0.0/0 go by 0.0.0.0/0 via 10.0.0.1 on inside",
        wanted="a route through the DIP 10.0.0.5, or return_route: policy",
        good={"facts/web1": inside(11, 1), "services/web/return_route": "policy"},
        host="web1",
    ),
    "NAT: replies go straight to the clients": Case(
        "nat.return-route",
        NAT,
        bad={"options/clients": ["10.0.2.128/25"]},
        found="replies to 10.0.2.128/25 go by 10.0.2.0/24 directly connected on mgmt0",
        wanted="a route through the DIP 10.0.0.5",
        good={"options/clients": ["10.0.3.128/25"]},
        host="web1",
    ),
    "NAT: no way back": Case(
        "nat.return-route",
        NAT,
        bad={"facts/web1/routes": []},
        found="no route to 0.0.0.0/0",
        wanted="a route through the DIP 10.0.0.5",
        good={"facts/web1/routes": [], "services/web/return_route": "policy"},
        host="web1",
    ),
    "NAT: clients among the real servers": Case(
        "nat.client-outside",
        NAT,
        bad={"options/clients": ["10.0.0.192/26"]},
        found="clients in 10.0.0.192/26, which is in its own subnet 10.0.0.0/24",
        wanted="clients in other networks",
        good={"options/clients": ["10.0.0.192/26"], "services/web/return_route": "policy"},
        host="web1",
    ),
    "NAT: clients beside a host that is not managed": Case(
        "nat.client-outside",
        NAT,
        bad={
            "options/clients": ["10.0.0.192/26"],
            "services/web/real_servers": [{"address": "10.0.0.99"}],
        },
        found="in its own subnet 10.0.0.0/24",
        wanted="clients in other networks",
        good={"services/web/real_servers": [{"address": "10.0.0.99"}]},
        host="10.0.0.99",
    ),
    # DR
    "DR: a RIP in another subnet": Case(
        "dr.rip-in-dip-subnet",
        DR,
        bad={"facts/web1": node({"eth0": ["10.9.0.11/24"]}, [route("0.0.0.0/0", "10.9.0.1")])},
        found="10.9.0.11/24 on eth0",
        wanted="an address in a subnet of the director director",
        good={},
        host="web1",
    ),
    "DR: a declared RIP in another subnet": Case(
        "dr.rip-in-dip-subnet",
        DR,
        bad={
            "facts/web1/addresses/0": on("eth9", "10.9.0.11/24"),
            f"{SERVERS}/0/address": "10.9.0.11",
        },
        found="10.9.0.11/24 on eth9",
        wanted="an address in a subnet of the director director",
        good={"facts/web1/addresses/0": on("eth9", "10.9.0.11/24")},
        host="web1",
    ),
    "DR: a host that does not see the director in its own subnet": Case(
        "dr.rip-in-dip-subnet",
        DR,
        bad={
            "facts/web1": node({"inside": ["10.0.0.129/25"]}, [route("0.0.0.0/0", "10.0.0.130")]),
        },
        found="10.0.0.129/25 on inside",
        wanted="an address in a subnet of the director director",
        good={"facts/web1": node({"inside": ["10.0.0.11/25"]}, [route("0.0.0.0/0", "10.0.0.1")])},
        host="web1",
    ),
    "DR: another port": Case(
        "dr.port",
        DR,
        bad={f"{SERVERS}/0/port": 8080},
        found="port 8080",
        wanted="80, the service's own",
        good={f"{SERVERS}/0/port": 80},
        host="web1",
    ),
    "DR: a host that is not managed": Case(
        "dr.managed",
        DR,
        bad={f"{SERVERS}/0": {"address": "10.0.0.99"}},
        found="a real server that is not managed",
        wanted="prepared: true",
        good={f"{SERVERS}/0": {"address": "10.0.0.99", "prepared": True}},
        host="10.0.0.99",
    ),
    "DR: a managed host prepared by hand": Case(
        "dr.prepared",
        DR,
        bad={f"{SERVERS}/0/prepared": True},
        found="prepared: true for a managed host",
        wanted="beside an address alone",
        good={f"{SERVERS}/0/prepared": False},
        host="web1",
    ),
    "DR: replies go by the director": Case(
        "dr.return-route",
        DR,
        bad={"facts/web1": inside(11, 5)},
        found="via 10.0.0.5 on inside, the director director",
        wanted="a route through a router",
        good={"facts/web1": inside(11, 1)},
        host="web1",
    ),
    "DR: no way back": Case(
        "dr.return-route",
        DR,
        bad={"facts/web1/routes": []},
        found="no route to 0.0.0.0/0",
        wanted="a route by which it answers the clients",
        good={"facts/web1/routes": [route("0.0.0.0/0", "10.0.0.1")]},
        host="web1",
    ),
    "DR: the director has no address but the VIP": Case(
        "dr.vip-is-dip",
        DR,
        bad={"services/web/vips": ["10.0.0.5"]},
        found="the VIP 10.0.0.5, which is the only address of director",
        wanted="a VIP of its own",
        good={
            "services/web/vips": ["10.0.0.5"],
            "facts/director/addresses/0": on("inside", "10.0.0.6/24"),
        },
        host="web1",
    ),
    "DR: ARP suppressed elsewhere": Case(
        "dr.arp-suppressed",
        DR,
        bad={"options/arp_interfaces": ["mgmt0"]},
        found="topology_arp_interfaces: mgmt0",
        wanted="inside among them",
        good={"options/arp_interfaces": ["mgmt0", "inside"]},
        host="web1",
    ),
    "DR: ARP suppressed elsewhere, which IPv6 does not need": Case(
        "dr.arp-suppressed",
        DR,
        bad={"options/arp_interfaces": ["mgmt0"]},
        found="topology_arp_interfaces: mgmt0",
        wanted="an empty list leaves ARP to you",
        good={"options/arp_interfaces": ["mgmt0"], "services/web/vips": ["2001:db8:10::100"]},
        host="web1",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_what_is_wrong_is_found(case: Case) -> None:
    compiled = case.sample.changed(case.bad).compile()
    assert compiled.nodes == {}
    of_check = [one for one in compiled.violations if one.id == case.check]
    assert any(
        (one.service, one.host) == (case.service, case.host)
        and case.found in one.found
        and case.wanted in one.wanted
        for one in of_check
    ), compiled.violations


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_what_is_right_passes(case: Case) -> None:
    compiled = case.sample.changed(case.good).compile()
    assert compiled.violations == []
    assert compiled.nodes


def every_check() -> set[str]:
    of_modes = {check.id for mode in MODES.values() for check in mode.checks}
    of_all = {check.id for check in (*hosts.CHECKS, *services.CHECKS)}
    return of_modes | of_all | {*complaints.RULES, *options.RULES}


def test_every_check_has_a_case() -> None:
    assert {case.check for case in CASES.values()} == every_check()
