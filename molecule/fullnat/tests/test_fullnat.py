# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of FULLNAT, and the client that real servers see, read with other tools."""

import json
from collections.abc import Mapping

import pytest
from testinfra.host import Host  # type: ignore[import-untyped]

TABLE = """
-A -t 10.0.0.100:80 -s wrr
-a -t 10.0.0.100:80 -r 10.1.0.11:8080 -m -w 2
-a -t 10.0.0.100:80 -r 10.2.0.12:8080 -m -w 1
-A -t [2001:db8:10::100]:80 -s wrr
-a -t [2001:db8:10::100]:80 -r [2001:db8:11::11]:8080 -m -w 2
-a -t [2001:db8:10::100]:80 -r [2001:db8:12::12]:8080 -m -w 1
-A -u 10.0.0.101:53 -s rr
-a -u 10.0.0.101:53 -r 10.1.0.11:8080 -m -w 1
-a -u 10.0.0.101:53 -r 10.2.0.12:8080 -m -w 1
-A -u [2001:db8:10::101]:53 -s rr
-a -u [2001:db8:10::101]:53 -r [2001:db8:11::11]:8080 -m -w 1
-a -u [2001:db8:10::101]:53 -r [2001:db8:12::12]:8080 -m -w 1
"""
LIPS = {"10.1.0.20", "10.1.0.21", "10.1.0.22"}


def test_table(hosts: Mapping[str, Host]) -> None:
    lines = hosts["director"].check_output("ipvsadm -Sn").splitlines()
    assert sorted(lines) == sorted(TABLE.split("\n")[1:-1])


def test_nothing_but_our_own_table_is_in_nftables(hosts: Mapping[str, Host]) -> None:
    tables = hosts["director"].check_output("nft list tables").splitlines()
    assert [table for table in tables if "lvs" in table] == ["table inet lvs_director"]


def test_the_pool_is_on_the_inner_interface(hosts: Mapping[str, Host]) -> None:
    shown = hosts["director"].check_output("ip -brief -4 address show dev near")
    assert {word.partition("/")[0] for word in shown.split()} >= LIPS


@pytest.mark.parametrize("name", ["web1", "web2"])
def test_no_real_server_has_a_vip_or_a_route_to_the_client(
    hosts: Mapping[str, Host], name: str
) -> None:
    script = "ip -brief address show; ip route show default; ip -6 route show default"
    state = hosts[name].check_output(f"({script}) | grep -Ec '10.0.0.10|:10::10|default' || true")
    assert state == "0"


@pytest.mark.parametrize(
    ("url", "lips"),
    [("http://10.0.0.100/", LIPS), ("http://[2001:db8:10::100]/", {"2001:db8:11::5"})],
)
def test_real_servers_see_a_lip(hosts: Mapping[str, Host], url: str, lips: set[str]) -> None:
    command = f"curl -gs -m 10 {url}"
    answers = [json.loads(hosts["client"].check_output(command)) for _each in range(3)]
    assert {answer["server"] for answer in answers} == {"web1", "web2"}
    seen = {answer["client"].rpartition(":")[0].strip("[]") for answer in answers}
    assert seen <= lips
