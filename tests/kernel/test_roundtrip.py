# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every field of the model: written by us, read by ipvsadm and by us."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from ansible_collections.lvs.topology.plugins.module_utils.ipvs import edit
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import Table, Timeouts
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import plan, stale
from ansible_collections.lvs.topology.tests.kernel.conftest import Ipvsadm
from ansible_collections.lvs.topology.tests.kernel.tables import WEB, table, web
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.ipvs.strategies import (
    DEBIAN_SCHEDULERS,
    tables,
)

GUE = {"forwarding": "tunnel", "tunnel_type": "gue", "tunnel_port": 6080}
GUE_SAVED = "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -i -w 1 --tun-type gue --tun-port 6080"
RIP: dict[str, Any] = {"address": "10.0.0.1"}

SAVED: dict[str, tuple[dict[str, object], list[str]]] = {
    "the least": (WEB, ["-A -t 192.0.2.1:80 -s wlc"]),
    "udp": ({**WEB, "protocol": "udp"}, ["-A -u 192.0.2.1:80 -s wlc"]),
    "sctp": ({**WEB, "protocol": "sctp"}, ["-A --sctp-service 192.0.2.1:80 -s wlc"]),
    "ipv6": ({"address": "2001:db8::1", "port": 443}, ["-A -t [2001:db8::1]:443 -s wlc"]),
    "mark": ({"fwmark": 7}, ["-A -f 7 -s wlc"]),
    "mark for ipv6": ({"fwmark": 8, "family": "ipv6"}, ["-A -f 8 -6 -s wlc"]),
    "persistent": (web(persistence_timeout=360), ["-A -t 192.0.2.1:80 -s wlc -p 360"]),
    "persistent by network": (
        web(persistence_timeout=360, persistence_prefix=24),
        ["-A -t 192.0.2.1:80 -s wlc -p 360 -M 255.255.255.0"],
    ),
    "persistent by ipv6 network": (
        {"address": "2001:db8::1", "port": 80, "persistence_timeout": 60, "persistence_prefix": 64},
        ["-A -t [2001:db8::1]:80 -s wlc -p 60 -M 64"],
    ),
    "every port": (web(port=0, persistence_timeout=60), ["-A -t 192.0.2.1:0 -s wlc -p 60"]),
    "sip": (
        {**WEB, "protocol": "udp", "persistence_timeout": 60, "persistence_engine": "sip"},
        ["-A -u 192.0.2.1:80 -s wlc -p 60 --pe sip"],
    ),
    "one packet": (
        {**WEB, "protocol": "udp", "one_packet": True},
        ["-A -u 192.0.2.1:80 -s wlc -o"],
    ),
    "sh with flags": (
        web(scheduler="sh", scheduler_flags=["fallback", "port"]),
        ["-A -t 192.0.2.1:80 -s sh -b sh-fallback,sh-port"],
    ),
    "mh with a flag": (
        web(scheduler="mh", scheduler_flags=["port"]),
        ["-A -t 192.0.2.1:80 -s mh -b mh-port"],
    ),
    "droute": (
        web({**RIP, "weight": 7}),
        ["-A -t 192.0.2.1:80 -s wlc", "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 7"],
    ),
    "masq with another port": (
        web({**RIP, "port": 8080, "forwarding": "masq", "weight": 0}),
        ["-A -t 192.0.2.1:80 -s wlc", "-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 0"],
    ),
    "ipip": (
        web({**RIP, "forwarding": "tunnel"}),
        ["-A -t 192.0.2.1:80 -s wlc", "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -i -w 1 --tun-type ipip"],
    ),
    "ipip to the other family": (
        web({"address": "2001:db8::5", "forwarding": "tunnel"}),
        [
            "-A -t 192.0.2.1:80 -s wlc",
            "-a -t 192.0.2.1:80 -r [2001:db8::5]:80 -i -w 1 --tun-type ipip",
        ],
    ),
    "gre with checksums": (
        web({**RIP, "forwarding": "tunnel", "tunnel_type": "gre", "tunnel_checksum": "csum"}),
        [
            "-A -t 192.0.2.1:80 -s wlc",
            "-a -t 192.0.2.1:80 -r 10.0.0.1:80 -i -w 1 --tun-type gre --tun-csum",
        ],
    ),
    "gue": (
        web({**RIP, **GUE}),
        [
            "-A -t 192.0.2.1:80 -s wlc",
            f"{GUE_SAVED} --tun-nocsum",
        ],
    ),
    "gue with remote checksums": (
        web({**RIP, **GUE, "tunnel_checksum": "remcsum"}),
        [
            "-A -t 192.0.2.1:80 -s wlc",
            f"{GUE_SAVED} --tun-remcsum",
        ],
    ),
}


def converge(client: Client, desired: Table) -> None:
    """Replace the whole table by this one."""
    current = client.table()
    assert client.table(likely=desired) == current  # whether or not it is there already
    client.apply(plan(current, desired, stale(current, desired, "all", ())))


@pytest.mark.parametrize(("service", "lines"), SAVED.values(), ids=SAVED.keys())
def test_ipvsadm_reads_what_we_write(
    client: Client, ipvsadm: Ipvsadm, service: dict[str, object], lines: list[str]
) -> None:
    desired = table(service)
    converge(client, desired)
    assert [line.strip() for line in ipvsadm.saved()] == lines
    assert client.table() == desired


@pytest.mark.parametrize("scheduler", DEBIAN_SCHEDULERS)
def test_every_scheduler(client: Client, ipvsadm: Ipvsadm, scheduler: str) -> None:
    desired = table(web(scheduler=scheduler))
    converge(client, desired)
    assert ipvsadm.saved()[0].split()[-1] == scheduler
    assert client.table() == desired


def test_thresholds(client: Client, ipvsadm: Ipvsadm) -> None:
    # ipvsadm -S omits them.
    desired = table(web({**RIP, "upper_threshold": 200, "lower_threshold": 150}))
    converge(client, desired)
    assert "-> 10.0.0.1:80 200 150 0 0" in ipvsadm.listed("--thresholds")
    assert client.table() == desired


def test_we_read_what_ipvsadm_writes(client: Client, ipvsadm: Ipvsadm) -> None:
    for service, lines in SAVED.values():
        ipvsadm.run("--restore", stdin="\n".join(lines) + "\n")
        assert client.table() == table(service)
        ipvsadm.run("--clear")


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tables())
def test_any_table_follows_any_other(client: Client, desired: Table) -> None:
    # The table of the last example is the start of this one.
    converge(client, desired)
    read = client.table()
    assert read == desired
    assert client.table(likely=desired) == desired
    assert plan(read, desired, stale(read, desired, "all", ())) == []


def test_destinations_keep_their_order(client: Client) -> None:
    addresses = ["10.0.0.9", "10.0.0.1", "10.0.0.5"]
    converge(client, table(web(*({"address": address} for address in addresses))))
    [entry] = client.table().values()
    assert sorted(key.address for key in entry.destinations) == sorted(addresses)


def test_one_entry_and_none(client: Client) -> None:
    desired = table(web(RIP), web(port=81))
    converge(client, desired)
    for key, entry in desired.items():
        assert client.entry(key) == entry
    missing = next(iter(table(web(port=82))))
    assert client.entry(missing) is None


def test_single_edits(client: Client, ipvsadm: Ipvsadm) -> None:
    converge(client, table(web(RIP, {"address": "10.0.0.2"})))
    before = client.table()
    [key] = before
    [gone, _kept] = before[key].destinations
    desired = edit.without_destination(before, key, gone)
    client.apply(plan(before, desired, ()))
    assert len(ipvsadm.saved()) == 2
    assert client.table() == desired


def test_timeouts(client: Client, ipvsadm: Ipvsadm) -> None:
    before = client.timeouts()
    client.set_timeouts(Timeouts(tcp=901, udp=302))
    try:
        listed = ipvsadm.listed("--timeout")
        assert listed == f"Timeout (tcp tcpfin udp): 901 {before.tcp_fin} 302"
        assert client.timeouts() == Timeouts(901, before.tcp_fin, 302)
    finally:
        client.set_timeouts(before)


def test_version(client: Client, ipvsadm: Ipvsadm) -> None:
    version, size = client.info()
    assert f"version {version} (size={size})" in ipvsadm.listed()


def test_activity(client: Client) -> None:
    converge(client, table(web(RIP)))
    [activity] = client.activity().values()
    [doing] = activity.destinations.values()
    assert activity.statistics["connections"] == 0
    assert doing.active_connections == doing.persistent_connections == 0
    assert doing.statistics.keys() == activity.statistics.keys()


def test_more_than_one_batch_and_more_than_one_datagram(client: Client, ipvsadm: Ipvsadm) -> None:
    many = [{"address": f"10.0.{number // 250}.{number % 250 + 1}"} for number in range(900)]
    desired = table(
        web(*many), *({"address": f"198.51.100.{n}", "port": 80} for n in range(1, 200))
    )
    converge(client, desired)
    assert len(ipvsadm.saved()) == 1 + 900 + 199
    assert client.table() == desired
