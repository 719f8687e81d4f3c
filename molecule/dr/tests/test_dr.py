# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of direct routing, read with other tools than the collection's."""

from collections.abc import Mapping

import pytest
from testinfra.host import Host  # type: ignore[import-untyped]

REAL_SERVERS = ("web1", "web2")
TABLE = """
-A -t 10.0.0.100:80 -s wrr
-a -t 10.0.0.100:80 -r 10.0.0.11:80 -g -w 2
-a -t 10.0.0.100:80 -r 10.0.0.12:80 -g -w 1
-A -t [2001:db8:10::100]:80 -s wrr
-a -t [2001:db8:10::100]:80 -r [2001:db8:10::11]:80 -g -w 2
-a -t [2001:db8:10::100]:80 -r [2001:db8:10::12]:80 -g -w 1
-A -u 10.0.0.101:80 -s rr
-a -u 10.0.0.101:80 -r 10.0.0.11:80 -g -w 1
-a -u 10.0.0.101:80 -r 10.0.0.12:80 -g -w 1
"""


def test_table(hosts: Mapping[str, Host]) -> None:
    lines = hosts["director"].check_output("ipvsadm -Sn").splitlines()
    assert sorted(lines) == sorted(TABLE.split("\n")[1:-1])


@pytest.mark.parametrize("name", REAL_SERVERS)
def test_arp_is_suppressed_where_it_arrives_and_lo_is_left_alone(
    hosts: Mapping[str, Host], name: str
) -> None:
    """Guides read conf/lo, which stays 0 and has no effect: ARP never arrives on lo."""
    keys = [
        f"net.ipv4.conf.{interface}.{key}"
        for interface in ("lo", "all")
        for key in ("arp_ignore", "arp_announce")
    ]
    values = hosts[name].check_output(f"sysctl -n {' '.join(keys)}").split()
    assert values == ["0", "0", "1", "2"]


@pytest.mark.parametrize("name", REAL_SERVERS)
def test_the_vips_are_on_lo(hosts: Mapping[str, Host], name: str) -> None:
    addresses = hosts[name].interface("lo").addresses
    assert {"10.0.0.100", "10.0.0.101", "2001:db8:10::100"} <= set(addresses)


@pytest.mark.parametrize("name", ["director", *REAL_SERVERS])
def test_it_comes_back_at_boot(hosts: Mapping[str, Host], name: str) -> None:
    assert hosts[name].service("lvs-topology.service").is_enabled
