# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tunnels: which addresses are found, what fits, and what both hosts are told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.tunnel import Tunnel
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    Change,
    Sample,
    link,
    on,
    route,
    tunnels,
)

TUN = tunnels()
GUE = {"services/web/tunnel": "gue", "services/web/tunnel_port": 6080}
V6 = "2001:db8:10::100"
ONLY_IPV4 = {
    "facts/web1/addresses": [on("back", "10.0.1.11/24")],
    "services/web/vips": [V6],
}


def arguments(sample: Sample, host: str, module: str) -> dict[str, Any]:
    compiled = sample.compile()
    assert compiled.violations == []
    return compiled.nodes[host][module]


def real_server(change: Change) -> dict[str, Any]:
    return arguments(TUN.changed(change), "web1", "real_server")


def destinations(change: Change) -> list[dict[str, Any]]:
    services = arguments(TUN.changed(change), "director", "director")["services"]
    return [one for service in services for one in service["destinations"]]


@pytest.mark.parametrize(
    ("tunnel", "inside_ipv4", "inside_ipv6"),
    [
        (Tunnel("ipip", 0, "none"), 20, 40),
        (Tunnel("gre", 0, "none"), 24, 44),
        (Tunnel("gre", 0, "csum"), 28, 48),
        (Tunnel("gue", 6080, "none"), 32, 52),
        (Tunnel("gue", 6080, "csum"), 32, 52),
        (Tunnel("gue", 6080, "remcsum"), 40, 60),
    ],
)
def test_overhead(tunnel: Tunnel, inside_ipv4: int, inside_ipv6: int) -> None:
    """The lab's kernel gave clients the same MTUs by ICMP, 1500 less each of these."""
    assert (tunnel.overhead(4), tunnel.overhead(6)) == (inside_ipv4, inside_ipv6)


def test_real_server() -> None:
    assert real_server({}) == {
        "state": "present",
        "vips": ["10.0.0.100"],
        "vip_device": "lo",
        "arp_interfaces": ["all"],
        "loose_rp_filter": [],
        "return_routes": [],
        "tunnels": [
            {
                "type": "ipip",
                "local": "10.0.1.11",
                "family": "ipv4",
                "port": None,
                "checksum": False,
            }
        ],
        "mss_limits": [{"address": "10.0.0.100", "size": 1440}],
        "persist": True,
    }


def test_director() -> None:
    director = arguments(TUN, "director", "director")
    assert director["vips"] == [{"address": "10.0.0.100", "interface": "inside"}]
    assert director["forward"] == []
    assert arguments(TUN, "director", "director")["settings"]["sysctls"] == {
        "conn_reuse_mode": 2,
        "pmtu_disc": 1,
    }


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({}, {"tunnel_type": "ipip"}),
        (
            {"services/web/tunnel": "gre", "services/web/tunnel_checksum": "csum"},
            {"tunnel_type": "gre", "tunnel_checksum": "csum"},
        ),
        (
            {**GUE, "services/web/tunnel_checksum": "remcsum"},
            {"tunnel_type": "gue", "tunnel_port": 6080, "tunnel_checksum": "remcsum"},
        ),
    ],
)
def test_destinations(change: Change, shown: dict[str, object]) -> None:
    found = destinations(change)
    assert [one["address"] for one in found] == ["10.0.1.11", "10.0.1.12"]
    for one in found:
        assert one["forwarding"] == "tunnel"
        assert {key: value for key, value in one.items() if key.startswith("tunnel_")} == shown


def test_checksums_of_gre_are_told_and_those_of_gue_need_not_be() -> None:
    checksum = {"services/web/tunnel_checksum": "csum"}
    gre = real_server({"services/web/tunnel": "gre", **checksum})["tunnels"]
    gue = real_server({**GUE, **checksum})["tunnels"]
    assert [(one["checksum"], one["port"]) for one in gre + gue] == [(True, None), (False, 6080)]


@pytest.mark.parametrize(
    ("change", "sizes"),
    [
        # Outside IPv4, inside IPv4 and IPv6: 1500 less 20 and 40 for the headers of TCP and IPv4.
        ({"services/web/vips": ["10.0.0.100", V6]}, [1440, 1400]),
        (GUE, [1428]),
        ({"facts/director/links/0/mtu": 1400}, [1340]),
        ({"facts/web1/links/1/mtu": 9000, "facts/director/links/0/mtu": 9000}, [8940]),
        # What the real server asks for by itself fits.
        ({"facts/director/links/0/mtu": 9000, "facts/web1/links/1/mtu": 1500}, [1440]),
        ({"services/web/protocol": "udp"}, []),
    ],
)
def test_limit_of_segments(change: Change, sizes: list[int]) -> None:
    assert [one["size"] for one in real_server(change)["mss_limits"]] == sizes


def test_no_limit_where_replies_leave_by_a_smaller_link() -> None:
    own = link("front", "52:54:00:00:00:0b", 1400)
    change = {
        "facts/web1/links/0": own,
        "facts/web1/routes/0": route("0.0.0.0/0", "10.0.3.1", "front"),
        "facts/web1/routes/1": route("10.0.0.0/24", "10.0.1.1", "back"),
    }
    assert real_server(change)["mss_limits"] == []


def test_one_limit_for_a_vip_of_two_services() -> None:
    other = {**TUN.services["web"], "port": 81, "tunnel": "gue", "tunnel_port": 6080}
    found = real_server({"services/other": other})
    assert found["mss_limits"] == [{"address": "10.0.0.100", "size": 1428}]
    assert [one["type"] for one in found["tunnels"]] == ["ipip", "gue"]


def test_rp_filter_is_loosened_where_the_way_back_to_the_director_is_another() -> None:
    elsewhere = route("10.0.0.0/24", "10.0.2.1", "mgmt0")
    change = {"facts/web1/routes/0": route("0.0.0.0/0", "10.0.1.1", "back")}
    sample = TUN.changed({**change, "options/rips": {"web1": "10.0.1.11"}})
    sample.facts["web1"]["routes"].append(elsewhere)
    assert arguments(sample, "web1", "real_server")["loose_rp_filter"] == ["back"]


def test_rip_is_where_requests_of_the_director_arrive() -> None:
    """web1 has an address in another network as well, which does not lead to the director."""
    assert destinations({})[0]["address"] == "10.0.1.11"


def test_rip_of_the_vips_family_comes_first() -> None:
    found = destinations({"services/web/vips": [V6]})
    assert [one["address"] for one in found] == ["2001:db8:11::11", "2001:db8:11::12"]


def test_other_family_where_there_is_none_of_the_vips() -> None:
    sample = TUN.changed(ONLY_IPV4)
    found = arguments(sample, "web1", "real_server")
    assert found["vips"] == [V6]
    assert [(one["local"], one["family"]) for one in found["tunnels"]] == [("10.0.1.11", "ipv6")]
    assert found["mss_limits"] == [{"address": V6, "size": 1420}]
    assert sample.compile().warnings == [
        (
            "service web reaches web1 by ipv4: the kernel runs no synchronisation daemon beside "
            "destinations of another family"
        )
    ]


@pytest.mark.parametrize("vip", ["10.0.0.100", V6])
@pytest.mark.parametrize("rip", ["10.0.1.11", "2001:db8:11::11"])
def test_declared_rip_of_any_family(vip: str, rip: str) -> None:
    found = destinations(
        {
            "services/web/vips": [vip],
            "services/web/real_servers": [{"host": "web1", "address": rip}],
        }
    )
    assert [one["address"] for one in found] == [rip]


def test_declared_dip_of_another_device_is_taken() -> None:
    sample = TUN.changed({"options/dips": {"director": "10.0.7.5"}})
    sample.facts["director"]["addresses"].append(on("spare", "10.0.7.5/24"))
    [dip, *_more] = [path["dips"] for path in sample.compile().paths]
    assert dip == {"director": "10.0.7.5"}


def test_networks_restrict_the_rip() -> None:
    found = TUN.changed({"options/networks": ["10.9.0.0/16"]}).compile().violations
    assert {(one.id, one.host) for one in found} == {
        ("tun.route-to-rip", "web1"),
        ("tun.route-to-rip", "web2"),
    }


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        ({}, ""),
        (
            {"services/web/protocol": "udp"},
            (
                "service web: packets for 10.0.0.100 of more than 1480 bytes do not fit into the "
                "tunnel; those that must not be fragmented are answered with ICMP"
            ),
        ),
        (
            {"services/web/real_servers": [{"address": "10.0.1.99", "prepared": True}]},
            (
                "service web: packets for 10.0.0.100 of more than 1480 bytes do not fit into the "
                "tunnel to 10.0.1.99; limit its TCP segments by hand"
            ),
        ),
    ],
)
def test_warnings(change: Change, warning: str) -> None:
    assert TUN.changed(change).compile().warnings == ([warning] if warning else [])


def test_paths_for_the_verification() -> None:
    sample = TUN.changed({**GUE, "services/web/vips": ["10.0.0.100"]})
    ipip = TUN.changed({"services/web/vips": ["10.0.0.100", V6]})
    assert {(one["tunnel"], one["tunnel_port"]) for one in sample.compile().paths} == {
        ("gue", 6080)
    }
    assert [one["tunnel"] for one in ipip.compile().paths] == ["ipip", "ipip", "sit", "sit"]
