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


def asked(hosts: Mapping[str, Host], *urls: str) -> list[str]:
    """Say which real server answered each request."""
    client = hosts["client"]
    return [json.loads(client.check_output(f"curl -gs -m 10 {url}"))["server"] for url in urls]


def test_table(hosts: Mapping[str, Host]) -> None:
    lines = hosts["director"].check_output("ipvsadm -Sn").splitlines()
    assert sorted(lines) == sorted(TABLE.split("\n")[1:-1])


@pytest.mark.parametrize("vip", ["10.0.0.100", "[2001:db8:10::100]"])
def test_a_persistent_client_has_one_real_server_on_all_ports(
    hosts: Mapping[str, Host], vip: str
) -> None:
    answers = asked(hosts, *(f"http://{vip}:{port}/" for port in (80, 8080, 80, 8080)))
    assert len(set(answers)) == 1


@pytest.mark.parametrize("vip", ["10.0.0.101", "[2001:db8:10::101]"])
def test_all_ports_of_a_mark_are_scheduled_in_one_row(hosts: Mapping[str, Host], vip: str) -> None:
    answers = asked(hosts, *(f"http://{vip}:{port}/" for port in (80, 8080, 80, 8080)))
    assert answers[0] != answers[1]
    assert answers[:2] == answers[2:]


def test_a_port_without_a_mark_is_not_served(hosts: Mapping[str, Host]) -> None:
    assert hosts["client"].run("curl -s -m 5 http://10.0.0.100:81/").rc != 0
