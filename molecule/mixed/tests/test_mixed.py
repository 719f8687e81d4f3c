# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of hosts that serve in two modes, read with other tools than the collection's."""

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
"""


def test_table(hosts: Mapping[str, Host]) -> None:
    lines = hosts["director"].check_output("ipvsadm -Sn").splitlines()
    assert sorted(lines) == sorted(TABLE.split("\n")[1:-1])


@pytest.mark.parametrize("name", REAL_SERVERS)
def test_only_vips_of_direct_routing_are_on_real_servers(
    hosts: Mapping[str, Host], name: str
) -> None:
    shown = hosts[name].check_output("ip -o address show dev lo scope global").split()
    assert {word.partition("/")[0] for word in shown if "/" in word} == {"10.0.0.100"}


def test_nat_services_of_a_real_server_share_a_table(hosts: Mapping[str, Host]) -> None:
    rules = hosts["web1"].check_output("ip rule show priority 20020").splitlines()
    selectors = sorted(line.partition("from ")[2].strip() for line in rules)
    assert selectors == [
        "10.0.0.11 ipproto tcp sport 80 lookup 20020",
        "10.0.0.11 ipproto udp sport 80 lookup 20020",
    ]
