# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of static neighbour entries, read with other tools than the collection's."""

from collections.abc import Mapping

import pytest
from testinfra.host import Host  # type: ignore[import-untyped]

REAL_SERVERS = ("web1", "web2")


def test_the_router_knows_the_director_for_good(hosts: Mapping[str, Host]) -> None:
    mac = hosts["director"].check_output("cat /sys/class/net/inside/address")
    lines = hosts["router"].check_output("ip neighbour show nud permanent").splitlines()
    assert [line.split() for line in lines] == [
        ["10.0.0.100", "dev", "inside", "lladdr", mac, "PERMANENT"]
    ]


@pytest.mark.parametrize("name", REAL_SERVERS)
def test_arp_of_the_real_servers_stays_as_it_is(hosts: Mapping[str, Host], name: str) -> None:
    keys = [
        f"net.ipv4.conf.{interface}.{key}"
        for interface in ("lo", "all", "inside")
        for key in ("arp_ignore", "arp_announce")
    ]
    assert set(hosts[name].check_output(f"sysctl -n {' '.join(keys)}").split()) == {"0"}


def test_they_would_answer(hosts: Mapping[str, Host]) -> None:
    """So only the entry leads to the director."""
    said = hosts["router"].run("arping -b -w 2 -I inside 10.0.0.100").stdout
    macs = {hosts[name].check_output("cat /sys/class/net/inside/address") for name in REAL_SERVERS}
    assert macs <= {word.strip("[]").lower() for word in said.split() if word.startswith("[")}


@pytest.mark.parametrize("name", ["router", "director", *REAL_SERVERS])
def test_it_comes_back_at_boot(hosts: Mapping[str, Host], name: str) -> None:
    assert hosts[name].service("lvs-topology.service").is_enabled
