# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without the limit of TCP segments, and without ICMP, a large request gets stuck."""

from collections.abc import Iterator, Mapping

import pytest
from scenario.faults import expect
from scenario.topology import Topology
from testinfra.host import Host  # type: ignore[import-untyped]

REAL_SERVERS = ("web1", "web2")
UPLOAD = "head -c 200000 /dev/zero | curl -sS --max-time 10 --data-binary @- http://10.0.0.100:80/"
DEAF = (
    "table inet deaf { chain input { type filter hook input priority 0; "
    "icmp type destination-unreachable drop; }; }"
)


@pytest.fixture
def deaf_client(hosts: Mapping[str, Host]) -> Iterator[Host]:
    """A client that gets no ICMP about packets that are too large."""
    client = hosts["client"]
    client.check_output("echo %s | nft -f -", DEAF)
    yield client
    client.check_output("nft delete table inet deaf")


def test_limit_taken_away(topology: Topology, hosts: Mapping[str, Host], deaf_client: Host) -> None:
    deaf_client.check_output("ip route flush cache")
    assert '"server"' in deaf_client.check_output(UPLOAD)
    for name in REAL_SERVERS:
        hosts[name].check_output("nft delete table inet lvs_real_server")
    assert deaf_client.run(UPLOAD).rc != 0
    found = topology.verify("-e", "verify_size=20000")
    stuck = {finding.host for finding in found if "an MTU on the path is too small" in str(finding)}
    expect(stuck, {"director"}, "hosts with an MTU that is too small")

    repaired = topology.converge()
    expect(repaired.changed, {*REAL_SERVERS}, "hosts changed by site.yml")
    assert '"server"' in deaf_client.check_output(UPLOAD)
