# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of hosts that serve in two modes, read with other tools than the collection's."""

import json
from collections.abc import Mapping

import pytest
from testinfra.host import Host  # type: ignore[import-untyped]

REAL_SERVERS = ("web1", "web2")
TABLE = """
-A -t 10.0.0.100:80 -s rr
-a -t 10.0.0.100:80 -r 10.0.0.11:80 -g -w 1
-a -t 10.0.0.100:80 -r 10.0.0.12:80 -g -w 1
-A -t 10.0.0.100:8080 -s rr
-a -t 10.0.0.100:8080 -r 10.0.0.11:80 -m -w 1
-a -t 10.0.0.100:8080 -r 10.0.0.12:80 -m -w 1
-A -t [2001:db8:10::101]:8080 -s rr
-a -t [2001:db8:10::101]:8080 -r [2001:db8:10::11]:80 -m -w 1
-a -t [2001:db8:10::101]:8080 -r [2001:db8:10::12]:80 -m -w 1
-A -u 10.0.0.100:80 -s rr -o
-a -u 10.0.0.100:80 -r 10.0.0.11:80 -g -w 1
-a -u 10.0.0.100:80 -r 10.0.0.12:80 -g -w 1
-A -u 10.0.0.102:8053 -s wlc
-a -u 10.0.0.102:8053 -r 10.0.0.11:80 -m -w 1
-A -t 10.0.0.103:81 -s rr
-a -t 10.0.0.103:81 -r 10.0.0.5:81 -g -w 1
-a -t 10.0.0.103:81 -r 10.0.0.11:81 -g -w 1
-a -t 10.0.0.103:81 -r 10.0.0.12:81 -i -w 1 --tun-type ipip
-A -t [2001:db8:10::103]:81 -s rr
-a -t [2001:db8:10::103]:81 -r [2001:db8:10::5]:81 -g -w 1
-a -t [2001:db8:10::103]:81 -r [2001:db8:10::11]:81 -g -w 1
-a -t [2001:db8:10::103]:81 -r [2001:db8:10::12]:81 -i -w 1 --tun-type ipip
-A -t 10.0.0.104:8081 -s rr
-a -t 10.0.0.104:8081 -r 10.0.0.5:81 -m -w 1
-a -t 10.0.0.104:8081 -r 10.0.0.11:81 -m -w 1
"""
DIRECT = {"10.0.0.100", "10.0.0.103", "2001:db8:10::103"}


def test_table(hosts: Mapping[str, Host]) -> None:
    lines = hosts["director"].check_output("ipvsadm -Sn").splitlines()
    assert sorted(lines) == sorted(TABLE.split("\n")[1:-1])


@pytest.mark.parametrize("name", REAL_SERVERS)
def test_only_vips_of_direct_routing_are_on_real_servers(
    hosts: Mapping[str, Host], name: str
) -> None:
    shown = hosts[name].check_output("ip -o address show dev lo scope global").split()
    assert {word.partition("/")[0] for word in shown if "/" in word} == DIRECT


def test_only_who_is_reached_by_a_tunnel_has_one(hosts: Mapping[str, Host]) -> None:
    tunnels = {name: hosts[name].check_output("ip -br link show") for name in REAL_SERVERS}
    assert {name: "ipip-0a00000c" in shown for name, shown in tunnels.items()} == {
        "web1": False,
        "web2": True,
    }


def test_a_director_that_is_a_real_server_has_nothing_of_one(hosts: Mapping[str, Host]) -> None:
    director = hosts["director"]
    assert "inet" not in director.check_output("ip -o address show dev lo scope global")
    assert director.check_output("sysctl -n net.ipv4.conf.all.arp_ignore") == "0"
    assert director.check_output("ls /var/lib/lvs-topology") == "director.json"


@pytest.mark.parametrize(
    ("address", "local", "servers"),
    [
        ("10.0.0.103:81", "10.0.0.103:81", {"director", "web1", "web2"}),
        ("[2001:db8:10::103]:81", "[2001:db8:10::103]:81", {"director", "web1", "web2"}),
        ("10.0.0.104:8081", "10.0.0.5:81", {"director", "web1"}),
    ],
)
def test_each_answers_and_sees_the_client(
    hosts: Mapping[str, Host], address: str, local: str, servers: set[str]
) -> None:
    """Its application sees a request as those of other real servers of the mode see it."""
    ask = f"curl -gs http://{address}/"
    answers = [json.loads(hosts["client"].check_output(ask)) for _each in servers]
    assert {one["server"] for one in answers} == servers
    (own,) = [one for one in answers if one["server"] == "director"]
    assert own["local"] == local
    assert own["client"].strip("[").startswith(("198.51.100.10:", "2001:db8:51::10]"))


def test_nat_services_of_a_real_server_share_a_table(hosts: Mapping[str, Host]) -> None:
    rules = hosts["web1"].check_output("ip rule show priority 20020").splitlines()
    selectors = sorted(line.partition("from ")[2].strip() for line in rules)
    assert selectors == [
        "10.0.0.11 ipproto tcp sport 80 lookup 20020",
        "10.0.0.11 ipproto tcp sport 81 lookup 20020",
        "10.0.0.11 ipproto udp sport 80 lookup 20020",
    ]
