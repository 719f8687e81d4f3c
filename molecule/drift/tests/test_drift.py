# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode shows manual changes exactly, and a run reverts them; foreign resources stay."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from scenario import outcomes
from scenario.topology import Run, Topology
from testinfra.host import Host  # type: ignore[import-untyped]

FOREIGN = ("-A -t 10.9.9.9:9 -s rr", "-a -t 10.9.9.9:9 -r 10.0.0.11:9 -m -w 1")
BY_HAND = {
    "director": """
        ipvsadm -d -t 10.0.0.103:8080 -r 10.0.1.12:80
        ipvsadm -e -t 10.0.0.103:8080 -r 10.0.0.11:80 -m -w 9
        ipvsadm -D -t 10.0.0.101:8080
        ipvsadm -E -t 10.0.0.102:80 -s sh
        sysctl -qw net.ipv4.vs.conntrack=0
        ip address delete 10.0.0.101/32 dev inside
        nft delete table inet lvs_director
    """,
    "web1": """
        ip address delete 10.0.0.100/32 dev lo
        sysctl -qw net.ipv4.conf.all.arp_ignore=0
        ip rule delete priority 20020
        ip route flush table 20020
    """,
    "web2": """
        ip link set ipip-0a00010c down
        nft delete table inet lvs_real_server
    """,
}

# Programs that write the table too: a real keepalived, the device that shows kube-proxy's IPVS
# mode, and the distribution's service that restores a table.
OTHER_WRITERS = """
    cat > /etc/keepalived/keepalived.conf
    systemctl start keepalived
    ip link add kube-ipvs0 type dummy
    sed -i 's/^AUTO=.*/AUTO="true"/' /etc/default/ipvsadm
"""
KEEPALIVED = """
virtual_server 10.9.9.10 9 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 10.0.0.11 9 {
        weight 1
    }
}
"""
OF_KEEPALIVED = ("-A -t 10.9.9.10:9 -s rr", "-a -t 10.9.9.10:9 -r 10.0.0.11:9 -m -w 1")


def service(address: str, port: int, scheduler: str, *destinations: object) -> dict[str, object]:
    return {"protocol": "tcp", "address": address, "port": port, "scheduler": scheduler,
            "destinations": [*destinations]}  # fmt: skip


def masq(address: str, weight: int) -> dict[str, object]:
    return {"address": address, "port": 80, "forwarding": "masq", "weight": weight}


TUNNEL = {"address": "10.0.1.12", "port": 80, "forwarding": "tunnel", "weight": 1,
          "tunnel_type": "ipip"}  # fmt: skip
SHOWN: dict[str, dict[str, dict[str, Any]]] = {
    "director": {
        "before": {
            "sysctls": {"net.ipv4.vs.conntrack": "0"},
            "services": [
                service("10.0.0.102", 80, "sh", TUNNEL),
                service("10.0.0.103", 8080, "wrr", masq("10.0.0.11", 9)),
            ],
        },
        "after": {
            "sysctls": {"net.ipv4.vs.conntrack": "1"},
            "services": [
                service("10.0.0.101", 8080, "wlc", masq("10.0.0.11", 1)),
                service("10.0.0.102", 80, "wlc", TUNNEL),
                service("10.0.0.103", 8080, "wrr", masq("10.0.0.11", 1), masq("10.0.1.12", 3)),
            ],
            "nft_tables": ["rules of nft table inet lvs_director"],
            "snat": ["source NAT of tcp 10.0.0.103 port 8080"],
            "local_addresses": [
                "source address 10.0.0.5 towards 10.0.0.11",
                "source address 10.0.0.5 towards 10.0.1.12",
            ],
            "addresses": ["address 10.0.0.101/32 on inside"],
        },
    },
    "web1": {
        "before": {"sysctls": {"net.ipv4.conf.all.arp_ignore": "0"}},
        "after": {
            "sysctls": {"net.ipv4.conf.all.arp_ignore": "1"},
            "addresses": ["address 10.0.0.100/32 on lo"],
            "routes": ["default route via 10.0.0.5 in table 20020"],
            "rules": ["rule from 10.0.0.11 tcp port 80 to table 20020"],
        },
    },
    "web2": {
        "before": {},
        "after": {
            "up": ["ipip-0a00010c"],
            "nft_tables": ["rules of nft table inet lvs_real_server"],
            "mss_limits": ["TCP segments for 10.0.0.102 of at most 1440 bytes"],
        },
    },
}


def table(hosts: Mapping[str, Host]) -> list[str]:
    return sorted(hosts["director"].check_output("ipvsadm -Sn").splitlines())


@pytest.fixture(scope="module")
def declared(hosts: Mapping[str, Host]) -> list[str]:
    """The table before any manual change."""
    return table(hosts)


@pytest.fixture(scope="module")
def predicted(hosts: Mapping[str, Host], topology: Topology, declared: list[str]) -> Run:
    """Check mode after all manual changes."""
    assert declared
    add_foreign_service(hosts)
    hosts["director"].check_output("nft add table inet other")
    hosts["web1"].check_output("sysctl -qw net.ipv4.conf.inside.arp_filter=1")
    for name, script in BY_HAND.items():
        hosts[name].check_output(f"set -e; {script}")
    return topology.converge("--check")


@pytest.fixture(scope="module")
def repaired(topology: Topology, predicted: Run) -> Run:
    """The run after check mode."""
    assert predicted.status == 0
    return topology.converge()


def add_foreign_service(hosts: Mapping[str, Host]) -> None:
    for line in FOREIGN:
        hosts["director"].check_output(f"ipvsadm {line}")


def test_check_mode_shows_exactly_what_was_changed(predicted: Run) -> None:
    shown = {one for host, diff in SHOWN.items() for one in outcomes.statements(host, diff)}
    assert predicted.outcomes.statements() == shown


def test_the_diff_shown_is_the_diff_made(predicted: Run, repaired: Run) -> None:
    assert repaired.status == 0
    assert repaired.outcomes.statements() == predicted.outcomes.statements()
    assert repaired.outcomes.having("changed") == predicted.outcomes.having("changed")


@pytest.mark.usefixtures("repaired")
def test_what_is_somebody_elses_stays(hosts: Mapping[str, Host], declared: list[str]) -> None:
    assert table(hosts) == sorted([*declared, *FOREIGN])
    assert "table inet other" in hosts["director"].check_output("nft list tables")
    assert hosts["web1"].check_output("sysctl -n net.ipv4.conf.inside.arp_filter") == "1"


@pytest.mark.usefixtures("repaired")
def test_a_flushed_table_is_filled_and_purge_covers_the_rest(
    hosts: Mapping[str, Host], topology: Topology, declared: list[str]
) -> None:
    hosts["director"].check_output("ipvsadm -C")
    add_foreign_service(hosts)
    run = topology.converge("-e", "topology_purge=all")
    assert (run.status, run.changed) == (0, {"director"})
    assert table(hosts) == declared


@pytest.mark.usefixtures("repaired")
def test_every_packet_takes_its_way_again(topology: Topology) -> None:
    assert [str(finding) for finding in topology.verify()] == []


@pytest.mark.usefixtures("repaired")
def test_others_who_write_the_table(
    hosts: Mapping[str, Host], topology: Topology, declared: list[str]
) -> None:
    director = topology.inventory.nodes["director"]
    director.run("sh", "-ec", OTHER_WRITERS, stdin=KEEPALIVED)
    director.run("sh", "-c", "until ipvsadm -Sn | grep -q 10.9.9.10; do sleep 0.1; done")
    director.run("ipvsadm", "-D", "-t", "10.0.0.103:8080")
    refused = topology.converge()
    assert (refused.status != 0, refused.changed) == (True, set())
    for name in ("keepalived", "kube-proxy", "ipvsadm"):
        assert f"{name}, which writes the IPVS table as well" in refused.output

    ignored = json.dumps({"topology_ignore_owners": ["keepalived", "kube-proxy", "ipvsadm"]})
    allowed = topology.converge("-e", ignored)
    assert (allowed.status, allowed.changed) == (0, {"director"})
    assert table(hosts) == sorted([*declared, *OF_KEEPALIVED])
