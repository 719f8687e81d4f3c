# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A declaration that cannot work ends with the whole list, before any host changes."""

from collections.abc import Mapping
from pathlib import Path

from scenario.topology import Topology
from testinfra.host import Host  # type: ignore[import-untyped]

DECLARATION = Path(__file__).with_name("bad_declaration.yml")
MANAGED = ("director", "web1", "web2")
SNAPSHOT = """
ip -o address show; ip rule show; ip -6 rule show
ip route show table all; ip -6 route show table all
sysctl -a 2>/dev/null | grep -E 'forward|arp_|rp_filter|send_redirects|[.]vs[.]'
ls -l --time-style=full-iso /var/lib/lvs-topology; cat /var/lib/lvs-topology/*
test ! -e /proc/net/ip_vs || ipvsadm -Sn
"""


def snapshots(hosts: Mapping[str, Host]) -> dict[str, str]:
    return {name: hosts[name].check_output(SNAPSHOT) for name in MANAGED}


def test_all_violations_are_listed_and_nothing_is_touched(
    hosts: Mapping[str, Host], topology: Topology
) -> None:
    before = snapshots(hosts)
    refused = topology.converge("-e", f"@{DECLARATION}")
    assert refused.status != 0
    for part in ("gateway-is-director", "web2", "gateway-is-not-director", "web1",
                 "unknown-host", "web9", "duplicate", "10.0.0.112"):  # fmt: skip
        assert part in refused.output
    assert snapshots(hosts) == before
