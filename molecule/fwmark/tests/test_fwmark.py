# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services with a mark, read with other tools than the collection's."""

import json
from collections.abc import Mapping

import pytest
from testinfra.host import Host  # type: ignore[import-untyped]

TABLE = """
-A -f 1 -s rr -p 300
-a -f 1 -r 10.0.0.11:0 -g -w 1
-a -f 1 -r 10.0.0.12:0 -g -w 1
-A -f 1 -6 -s rr -p 300
-a -f 1 -6 -r [2001:db8:10::11]:0 -g -w 1
-a -f 1 -6 -r [2001:db8:10::12]:0 -g -w 1
-A -f 2 -s rr
-a -f 2 -r 10.0.0.11:0 -m -w 1
-a -f 2 -r 10.0.0.12:0 -m -w 1
-A -f 2 -6 -s rr
-a -f 2 -6 -r [2001:db8:10::11]:0 -m -w 1
-a -f 2 -6 -r [2001:db8:10::12]:0 -m -w 1
"""

ASK_UDP = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.socket(family, socket.SOCK_DGRAM) as asking:
    asking.settimeout(10)
    asking.connect((sys.argv[1], int(sys.argv[2])))
    asking.send(b"?")
    print(asking.recv(1000).decode())
"""


def asked(hosts: Mapping[str, Host], *urls: str) -> list[str]:
    """Say which real server answered each request."""
    client = hosts["client"]
    return [json.loads(client.check_output(f"curl -gs -m 10 {url}"))["server"] for url in urls]


def test_table(hosts: Mapping[str, Host]) -> None:
    lines = hosts["director"].check_output("ipvsadm -Sn").splitlines()
    assert sorted(lines) == sorted(TABLE.split("\n")[1:-1])


@pytest.mark.parametrize("vip", ["10.0.0.100", "[2001:db8:10::100]"])
def test_a_persistent_client_has_one_real_server_on_all_ports_and_protocols(
    hosts: Mapping[str, Host], vip: str
) -> None:
    answers = asked(hosts, *(f"http://{vip}:{port}/" for port in (80, 8080, 80, 8080)))
    for port in ("80", "8080"):
        command = ("python3 -c %s %s %s", ASK_UDP, vip.strip("[]"), port)
        answers.append(json.loads(hosts["client"].check_output(*command))["server"])
    assert len(set(answers)) == 1


@pytest.mark.parametrize("vip", ["10.0.0.101", "[2001:db8:10::101]"])
def test_all_ports_of_a_mark_are_scheduled_in_one_row(hosts: Mapping[str, Host], vip: str) -> None:
    answers = asked(hosts, *(f"http://{vip}:{port}/" for port in (80, 8080, 81, 82)))
    assert answers[0] != answers[1]
    assert answers[:2] == answers[2:]


def test_a_range_is_one_element_and_one_rule(hosts: Mapping[str, Host]) -> None:
    listed = hosts["director"].check_output("nft list map inet lvs_director marks_ipv4")
    assert "10.0.0.101 . tcp . 80-82 : 0x00000002" in " ".join(listed.split())
    rules = hosts["web1"].check_output("ip rule show priority 20020").splitlines()
    assert sorted(rule.split(":\t")[1].strip() for rule in rules) == [
        "from 10.0.0.11 ipproto tcp sport 80-82 lookup 20020",
        "from 10.0.0.11 ipproto tcp sport 8080 lookup 20020",
    ]


def test_a_port_without_a_mark_is_not_served(hosts: Mapping[str, Host]) -> None:
    assert hosts["client"].run("curl -s -m 5 http://10.0.0.101:83/").rc != 0
