# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of IPv6, read with other tools than the collection's."""

from collections.abc import Mapping

import pytest
from testinfra.host import Host  # type: ignore[import-untyped]

TABLE = """
-A -t [2001:db8:10::100]:80 -s rr
-a -t [2001:db8:10::100]:80 -r [2001:db8:10::12]:80 -g -w 1
-a -t [2001:db8:10::100]:80 -r [2001:db8:10::13]:80 -g -w 1
-A -u [2001:db8:10::100]:80 -s rr
-a -u [2001:db8:10::100]:80 -r [2001:db8:10::12]:80 -g -w 1
-a -u [2001:db8:10::100]:80 -r [2001:db8:10::13]:80 -g -w 1
-A -t [2001:db8:10::101]:8080 -s wlc
-a -t [2001:db8:10::101]:8080 -r [2001:db8:10::11]:80 -m -w 1
-A -u [2001:db8:10::101]:8080 -s wlc
-a -u [2001:db8:10::101]:8080 -r [2001:db8:10::11]:80 -m -w 1
-A --sctp-service [2001:db8:10::101]:8080 -s wlc
-a --sctp-service [2001:db8:10::101]:8080 -r [2001:db8:10::11]:80 -m -w 1
-A -t 10.0.0.102:8080 -s wlc
-a -t 10.0.0.102:8080 -r 10.0.0.12:80 -m -w 1
-A -t [2001:db8:10::102]:8080 -s wlc
-a -t [2001:db8:10::102]:8080 -r [2001:db8:10::12]:80 -m -w 1
"""
REAL_SERVERS_IN_DR = ("web2", "web3")


def test_table(hosts: Mapping[str, Host]) -> None:
    lines = hosts["director"].check_output("ipvsadm -Sn").splitlines()
    assert sorted(lines) == sorted(TABLE.split("\n")[1:-1])


@pytest.mark.parametrize("name", REAL_SERVERS_IN_DR)
def test_arp_is_left_alone(hosts: Mapping[str, Host], name: str) -> None:
    """Nothing to suppress; verification shows which hosts answer for the VIP."""
    keys = "net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce"
    assert hosts[name].check_output(f"sysctl -n {keys}").split() == ["0", "0"]


@pytest.mark.parametrize("name", REAL_SERVERS_IN_DR)
def test_the_vip_is_never_a_source_of_the_hosts_own(hosts: Mapping[str, Host], name: str) -> None:
    shown = hosts[name].check_output("ip -6 -o address show dev lo to 2001:db8:10::100")
    assert "/128" in shown
    assert "deprecated" in shown


def test_the_real_server_with_a_route_of_its_own_is_left_alone(hosts: Mapping[str, Host]) -> None:
    assert not hosts["web1"].file("/var/lib/lvs-topology").exists
