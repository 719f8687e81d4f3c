# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of NAT, read with other tools than the collection's."""

from collections.abc import Mapping

import pytest
from testinfra.host import Host  # type: ignore[import-untyped]

TABLE = """
-A -t 10.0.0.101:8080 -s wlc
-a -t 10.0.0.101:8080 -r 10.0.0.12:80 -m -w 1
-A -t [2001:db8:10::101]:8080 -s wlc
-a -t [2001:db8:10::101]:8080 -r [2001:db8:10::12]:80 -m -w 1
-A -t 10.0.0.102:8080 -s rr
-a -t 10.0.0.102:8080 -r 10.0.0.11:80 -m -w 1
-A -t [2001:db8:10::102]:8080 -s rr
-a -t [2001:db8:10::102]:8080 -r [2001:db8:10::11]:80 -m -w 1
"""
VIP_OR_RULE = "10.0.0.10[12]|2001:db8:10::10[12]|lookup 20020"


def test_table(hosts: Mapping[str, Host]) -> None:
    lines = hosts["director"].check_output("ipvsadm -Sn").splitlines()
    assert sorted(lines) == sorted(TABLE.split("\n")[1:-1])


def test_the_director_forwards_and_redirects_nobody(hosts: Mapping[str, Host]) -> None:
    keys = (
        "net.ipv4.ip_forward net.ipv6.conf.all.forwarding"
        " net.ipv4.conf.all.send_redirects net.ipv4.conf.inside.send_redirects"
    )
    assert hosts["director"].check_output(f"sysctl -n {keys}").split() == ["1", "1", "0", "0"]


def test_replies_of_the_service_alone_get_a_route(hosts: Mapping[str, Host]) -> None:
    for family, source, gateway in (
        ("-4", "10.0.0.11", "10.0.0.5"),
        ("-6", "2001:db8:10::11", "2001:db8:10::5"),
    ):
        script = f"ip {family} rule show priority 20020; ip {family} route show table 20020"
        rule, route = hosts["web1"].check_output(script).splitlines()
        assert f"from {source} ipproto tcp sport 80 lookup 20020" in rule
        assert route.startswith(f"default via {gateway} dev inside")


@pytest.mark.parametrize("name", ["web1", "web2"])
def test_no_real_server_has_a_vip(hosts: Mapping[str, Host], name: str) -> None:
    assert "10.0.0.10" not in hosts[name].check_output("ip -4 address show")


def test_the_real_server_with_a_route_of_its_own_is_left_alone(hosts: Mapping[str, Host]) -> None:
    script = "ip rule show; ip -6 rule show; ip address show"
    state = hosts["web2"].check_output(f"({script}) | grep -Ec '{VIP_OR_RULE}' || true")
    assert state == "0"
