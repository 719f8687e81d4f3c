# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of tunnels, read with other tools than the collection's; large requests."""

from collections.abc import Iterator, Mapping

import pytest
from testinfra.host import Host  # type: ignore[import-untyped]

REAL_SERVERS = ("web1", "web2")
TABLE = """
-A -t 10.0.0.100:80 -s wrr
-a -t 10.0.0.100:80 -r 10.0.1.11:80 -i -w 2 --tun-type ipip
-a -t 10.0.0.100:80 -r 10.0.1.12:80 -i -w 1 --tun-type ipip
-A -t 10.0.0.100:81 -s rr
-a -t 10.0.0.100:81 -r 10.0.1.11:81 -i -w 1 --tun-type gre --tun-csum
-a -t 10.0.0.100:81 -r 10.0.1.12:81 -i -w 1 --tun-type gre --tun-csum
-A -t 10.0.0.100:82 -s rr
-a -t 10.0.0.100:82 -r 10.0.1.11:82 -i -w 1 GUE
-a -t 10.0.0.100:82 -r 10.0.1.12:82 -i -w 1 GUE
-A -t 10.0.0.103:83 -s rr
-a -t 10.0.0.103:83 -r 10.0.1.11:83 -i -w 1 --tun-type ipip
-a -t 10.0.0.103:83 -r [2001:db8:11::12]:83 -i -w 1 --tun-type ipip
-A -u 10.0.0.101:80 -s rr
-a -u 10.0.0.101:80 -r 10.0.1.11:80 -i -w 1 --tun-type ipip
-a -u 10.0.0.101:80 -r 10.0.1.12:80 -i -w 1 --tun-type ipip
-A -t [2001:db8:10::100]:80 -s wrr
-a -t [2001:db8:10::100]:80 -r [2001:db8:11::11]:80 -i -w 2 --tun-type ipip
-a -t [2001:db8:10::100]:80 -r [2001:db8:11::12]:80 -i -w 1 --tun-type ipip
-A -t [2001:db8:10::100]:81 -s rr
-a -t [2001:db8:10::100]:81 -r [2001:db8:11::11]:81 -i -w 1 --tun-type gre --tun-csum
-a -t [2001:db8:10::100]:81 -r [2001:db8:11::12]:81 -i -w 1 --tun-type gre --tun-csum
-A -t [2001:db8:10::100]:82 -s rr
-a -t [2001:db8:10::100]:82 -r [2001:db8:11::11]:82 -i -w 1 GUE
-a -t [2001:db8:10::100]:82 -r [2001:db8:11::12]:82 -i -w 1 GUE
-A -t [2001:db8:10::103]:83 -s rr
-a -t [2001:db8:10::103]:83 -r 10.0.1.11:83 -i -w 1 --tun-type ipip
-a -t [2001:db8:10::103]:83 -r [2001:db8:11::12]:83 -i -w 1 --tun-type ipip
"""
GUE = "--tun-type gue --tun-port 6080 --tun-remcsum"
FALLBACKS = ("tunl0", "gre0", "sit0", "ip6tnl0", "ip6gre0")
ENDPOINTS = (
    *("10.0.0.100:80", "[2001:db8:10::100]:80", "10.0.0.100:81", "[2001:db8:10::100]:81"),
    *("10.0.0.100:82", "[2001:db8:10::100]:82", "10.0.0.103:83", "[2001:db8:10::103]:83"),
)
UPLOAD = "head -c 200000 /dev/zero | curl -sS --max-time 10 --data-binary @- http://{}/"
# A director's ICMP messages about packets that are too large.
DEAF = """
table inet deaf {
  chain input {
    type filter hook input priority 0; policy accept;
    icmp type destination-unreachable drop
    icmpv6 type packet-too-big drop
  }
}
"""


@pytest.fixture
def deaf_client(hosts: Mapping[str, Host]) -> Iterator[Host]:
    """A client that gets no ICMP about large packets, with an empty route cache."""
    client = hosts["client"]
    client.check_output("ip route flush cache; ip -6 route flush cache")
    client.check_output("echo %s | nft -f -", DEAF)
    yield client
    client.check_output("nft delete table inet deaf")


def test_table(hosts: Mapping[str, Host]) -> None:
    lines = hosts["director"].check_output("ipvsadm -Sn").splitlines()
    assert sorted(lines) == sorted(TABLE.replace("GUE", GUE).split("\n")[1:-1])


@pytest.mark.parametrize("name", REAL_SERVERS)
def test_devices_of_the_kernels_own_are_left_alone(hosts: Mapping[str, Host], name: str) -> None:
    for device in FALLBACKS:
        assert "UP" not in hosts[name].check_output(f"ip -brief link show dev {device}")


@pytest.mark.parametrize("name", REAL_SERVERS)
def test_a_port_for_gue(hosts: Mapping[str, Host], name: str) -> None:
    lines = hosts[name].check_output("ip fou show").splitlines()
    assert sorted(line.strip() for line in lines) == ["port 6080 gue", "port 6080 gue -6"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_request_beyond_one_mtu(hosts: Mapping[str, Host], endpoint: str) -> None:
    """TCP never lets a router fragment its packets (DF)."""
    for _each in REAL_SERVERS:
        assert '"server"' in hosts["client"].check_output(UPLOAD.format(endpoint))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_the_same_where_icmp_is_lost(deaf_client: Host, endpoint: str) -> None:
    for _each in REAL_SERVERS:
        assert '"server"' in deaf_client.check_output(UPLOAD.format(endpoint))


@pytest.mark.parametrize("name", ["director", *REAL_SERVERS])
def test_it_comes_back_at_boot(hosts: Mapping[str, Host], name: str) -> None:
    assert hosts[name].service("lvs-topology.service").is_enabled
