# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers of one service in modes of their own."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    Sample,
    near_and_far,
)

GRE = {"services/web/tunnel": "gre", "services/web/tunnel_checksum": "csum"}


def arguments(sample: Sample, host: str, call: str) -> dict[str, Any]:
    compiled = sample.compile()
    assert compiled.violations == []
    return compiled.nodes[host][call]


def test_each_is_reached_in_its_own_mode() -> None:
    (service,) = arguments(near_and_far().changed(GRE), "director", "director")["services"]
    assert [
        (one["address"], one["forwarding"], one.get("tunnel_type"))
        for one in service["destinations"]
    ] == [("10.0.0.11", "droute", None), ("10.0.1.12", "tunnel", "gre")]


def test_each_gets_what_its_own_mode_needs() -> None:
    sample = near_and_far().changed(GRE)
    near, far = (arguments(sample, host, "real_server") for host in ("web1", "web2"))
    assert near["vips"] == far["vips"] == ["10.0.0.100"]
    assert near["arp_interfaces"] == far["arp_interfaces"] == ["all"]
    assert (near["tunnels"], near["mss_limits"]) == ([], [])
    assert [(one["type"], one["local"], one["checksum"]) for one in far["tunnels"]] == [
        ("gre", "10.0.1.12", True)
    ]
    assert far["mss_limits"] == [{"address": "10.0.0.100", "size": 1432}]
    sysctls = arguments(sample, "director", "director")["settings"]["sysctls"]
    assert sysctls == {"conn_reuse_mode": 2, "pmtu_disc": 1}


def test_which_of_the_two_the_service_names_makes_no_difference() -> None:
    sample = near_and_far()
    turned = sample.changed(
        {
            "services/web/mode": "tun",
            "services/web/real_servers": [{"host": "web1", "mode": "dr"}, {"host": "web2"}],
        }
    )
    assert turned.compile().nodes == sample.compile().nodes
    assert turned.compile().paths == sample.compile().paths


def test_a_group_has_a_mode() -> None:
    sample = near_and_far().changed(
        {
            "groups/far": ["web2"],
            "services/web/real_servers/1": {"group": "far", "mode": "tun"},
        }
    )
    assert sample.compile().nodes == near_and_far().compile().nodes


def test_only_the_near_one_has_to_be_near() -> None:
    violations = (
        near_and_far().changed({"services/web/real_servers/1/mode": "dr"}).compile().violations
    )
    assert {(one.id, one.host) for one in violations} == {("dr.rip-in-dip-subnet", "web2")}


def test_paths_have_the_mode_and_the_tunnel_of_their_real_server() -> None:
    paths = near_and_far().changed(GRE).compile().paths
    assert [(one["server"], one["mode"], one["tunnel"]) for one in paths] == [
        ("web1", "dr", ""),
        ("web2", "tun", "gre"),
    ]
    assert all(one["real_server_has_vip"] for one in paths)


def test_no_tunnel_is_taken_to_lead_to_who_has_none() -> None:
    """The other service reaches web1 by GRE without checksums, and this one reaches it by DR."""
    other = {
        "mode": "tun",
        "tunnel": "gre",
        "vips": ["10.0.0.101"],
        "port": 81,
        "real_servers": [{"host": "web1"}],
    }
    sample = near_and_far().changed({**GRE, "services/other": other})
    assert sample.compile().violations == []


def test_routers_are_told_of_a_vip_that_only_some_real_servers_answer_for() -> None:
    sample = near_and_far().changed(
        {
            "services/web/arp": "static",
            "services/web/mode": "tun",
            "services/web/real_servers": [{"host": "web1", "mode": "dr"}, {"host": "web2"}],
            "groups/lvs_routers": ["router"],
            "facts/router": near_and_far().facts["director"],
        }
    )
    sample.facts["router"]["addresses"][1]["address"] = "10.0.0.1"
    compiled = sample.compile()
    assert compiled.violations == []
    assert [one["address"] for one in compiled.nodes["router"]["router"]["neighbours"]] == [
        "10.0.0.100"
    ]
    assert compiled.nodes["web1"]["real_server"]["arp_interfaces"] == []
    assert compiled.nodes["web2"]["real_server"]["arp_interfaces"] == ["all"]


def test_both_modes_are_named_where_a_service_moves() -> None:
    migration = {
        "services": ["web"],
        "wait_for": ["active"],
        "timeout": 60,
        "poll_interval": 2,
        "on_timeout": "fail",
    }
    compiled = near_and_far().changed({"options/migration": migration}).compile()
    assert compiled.notices[0].startswith("service web is in mode dr and tun from now on")
