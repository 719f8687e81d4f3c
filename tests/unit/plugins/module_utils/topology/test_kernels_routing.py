# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Designs that are legitimate or not by the hosts' own routing, with facts as they give them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    Change,
    Sample,
    direct_routing,
    full_nat,
    inside,
    link,
    link_local,
    mac,
    nat,
    node,
    route,
    rule,
    tunnels,
)

ANY, ANY6 = "0.0.0.0/0", "::/0"
INSIDE = ["10.0.0.11/32"]
ONLY_INSIDE: Change = {"options/networks": ["10.0.0.0/24"]}
VIP6: Change = {"services/web/vips": ["2001:db8:10::100"]}
DIRECTORS_OWN = link_local(mac("10.0.0.5/24"))


def table(number: int, one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "table": number}


def rips(sample: Sample, service: int = 0) -> list[str]:
    """The addresses of the real servers of a service in the director's table."""
    compiled = sample.compile()
    assert compiled.violations == []
    found = compiled.nodes["director"]["director"]["services"][service]
    return [one["address"] for one in found["destinations"]]


def found(sample: Sample) -> set[tuple[str, str]]:
    return {(one.id, one.host) for one in sample.compile().violations}


def text(sample: Sample, check: str) -> str:
    """What a check says."""
    return next(one.message for one in sample.compile().violations if one.id == check)


# 04: a real server as hosters make it


def hosted() -> dict[str, Any]:
    """An address of its own alone; subnet and gateway by routes on the link."""
    return node(
        {"mgmt0": ["10.0.2.11/24"], "inside": INSIDE},
        [route("10.0.0.0/24"), route(ANY, "10.0.0.1")],
    )


@pytest.mark.parametrize("sample", [direct_routing(), nat()])
def test_a_host_address_on_the_link_is_a_rip(sample: Sample) -> None:
    facts = hosted()
    if sample.services["web"]["mode"] == "nat":
        facts["routes"][1] = route(ANY, "10.0.0.5")
    assert rips(sample.changed({"facts/web1": facts})) == ["10.0.0.11", "10.0.0.12"]
    assert rips(sample.changed({"facts/web1": facts, **ONLY_INSIDE})) == ["10.0.0.11", "10.0.0.12"]


def test_a_network_that_only_happens_to_be_shared_is_not_taken() -> None:
    backup = node({"mgmt0": ["10.0.2.11/24"], "up": ["192.0.2.11/24"]}, [route(ANY, "192.0.2.1")])
    sample = direct_routing().changed({"facts/web1": backup})
    assert found(sample) == {("rip.single", "web1")}
    assert "topology_networks" in text(sample, "rip.single")
    named = sample.changed({"options/rips": {"web1": "10.0.2.11"}})
    assert rips(named) == ["10.0.2.11", "10.0.0.12"]


def test_a_link_without_addresses() -> None:
    """Both hosts have their addresses on lo, and routes to each other on the link."""
    sample = direct_routing()
    for name, own, other in (("director", 5, 11), ("web1", 11, 5)):
        routes = [route(f"10.9.0.{other}/32"), route("10.9.0.1/32"), route(ANY, "10.9.0.1")]
        sample.facts[name] = node({"lo": [f"10.9.0.{own}/32"]}, routes)
        sample.facts[name]["links"].append(link("inside", f"52:54:00:00:00:{own:02x}"))
    sample.services["web"]["real_servers"] = [{"host": "web1"}]
    assert found(sample) == {("rip.single", "web1")}
    sample.options["rips"] = {"web1": "10.9.0.11"}
    assert rips(sample) == ["10.9.0.11"]


def test_of_several_addresses_on_a_link_the_dip_is_the_one_in_the_rips_subnet() -> None:
    sample = direct_routing().changed({"options/networks": ["10.9.0.0/24"]})
    for name, number in (("director", 5), ("web1", 11), ("web2", 12)):
        sample.facts[name] = node(
            {"inside": [f"10.0.0.{number}/24", f"10.9.0.{number}/24"]}, [route(ANY, "10.0.0.1")]
        )
    assert {one["dips"]["director"] for one in sample.compile().paths} == {"10.9.0.5"}


# 05: rules and tables


def by_policy(default: dict[str, Any] | None = None) -> dict[str, Any]:
    """The way out is in a table of its own, for the host's addresses and the VIP."""
    facts = node(
        {"mgmt0": ["10.0.2.12/24"], "inside": ["10.0.0.12/24"]},
        [table(100, route(ANY, "10.0.0.1")), *([default] if default else [])],
    )
    facts["rules"] += [rule(1000, 100, "10.0.0.12/32"), rule(1001, 100, "10.0.0.100/32")]
    return facts


@pytest.mark.parametrize("default", [None, route(ANY, "10.0.0.5")])
def test_replies_by_a_rule_for_the_vip(default: dict[str, Any] | None) -> None:
    sample = direct_routing().changed({"facts/web2": by_policy(default)})
    assert rips(sample) == ["10.0.0.11", "10.0.0.12"]
    assert sample.compile().warnings == []
    other = sample.changed({"services/web/vips": ["10.0.0.101"]})
    assert found(other) == {("dr.return-route", "web2")}
    assert "for packets from 10.0.0.101" in text(other, "dr.return-route")


def test_nat_by_a_rule_for_the_rip() -> None:
    facts = by_policy(route(ANY, "10.0.0.1"))
    assert found(nat().changed({"facts/web2": facts})) == {("nat.return-route", "web2")}
    facts["routes"][0] = table(100, route(ANY, "10.0.0.5"))
    assert rips(nat().changed({"facts/web2": facts})) == ["10.0.0.11", "10.0.0.12"]


def test_halves_of_a_default_route() -> None:
    facts = node({"inside": ["10.0.0.12/24"]}, [route("0.0.0.0/1", "10.0.0.1")])
    sample = direct_routing().changed({"facts/web2": facts})
    assert found(sample) == {("dr.return-route", "web2")}
    facts["routes"].append(route("128.0.0.0/1", "10.0.0.1"))
    assert rips(direct_routing().changed({"facts/web2": facts})) == ["10.0.0.11", "10.0.0.12"]
    facts["routes"].append(route(ANY, "10.0.0.5"))
    assert rips(direct_routing().changed({"facts/web2": facts})) == ["10.0.0.11", "10.0.0.12"]


def test_no_default_route_names_the_variable() -> None:
    sample = direct_routing().changed({"facts/web2": node({"inside": ["10.0.0.12/24"]}, [])})
    assert "topology_clients" in text(sample, "dr.return-route")
    assert rips(sample.changed({"options/clients": ["10.0.0.0/25"]})) == ["10.0.0.11", "10.0.0.12"]


@pytest.mark.parametrize("kind", ["blackhole", "prohibit", "unreachable"])
def test_a_refusing_route(kind: str) -> None:
    refusing = {**route(ANY, device=""), "type": kind}
    facts = node({"inside": ["10.0.0.12/24"]}, [refusing])
    sample = direct_routing().changed({"facts/web2": facts})
    assert found(sample) >= {("dr.return-route", "web2")}
    assert kind in text(sample, "dr.return-route")


def test_each_of_several_next_hops_counts() -> None:
    facts = node({"inside": ["10.0.0.12/24"]}, [route(ANY, "10.0.0.5"), route(ANY, "10.0.0.1")])
    for sample, check in ((direct_routing(), "dr.return-route"), (nat(), "nat.return-route")):
        assert found(sample.changed({"facts/web2": facts})) == {(check, "web2")}


def test_the_smallest_metric_counts() -> None:
    spare = {**route(ANY, "10.0.0.5"), "metric": 100}
    facts = node({"inside": ["10.0.0.12/24"]}, [spare, route(ANY, "10.0.0.1")])
    assert rips(direct_routing().changed({"facts/web2": facts})) == ["10.0.0.11", "10.0.0.12"]


def test_what_a_mark_decides_is_a_warning() -> None:
    facts = node(
        {"inside": ["10.0.0.12/24"]}, [route(ANY, "10.0.0.5"), table(7, route(ANY, "10.0.0.1"))]
    )
    facts["rules"].append({**rule(100, 7), "mark": 1, "mask": 255})
    compiled = direct_routing().changed({"facts/web2": facts}).compile()
    assert compiled.violations == []
    assert [one for one in compiled.warnings if "rule 100 (fwmark 0x1/0xff)" in one]


def test_what_a_mark_and_unread_routes_decide_is_a_warning() -> None:
    """Every way that is known is wrong, but not every way is."""
    facts = node(
        {"inside": ["10.0.0.12/24"]}, [route(ANY, "10.0.0.1"), table(7, route(ANY, "10.0.0.9"))]
    )
    facts["rules"].append({**rule(100, 7), "mark": 1, "mask": 255})
    sample = nat().changed({"facts/web2": facts, "options/clients": ["198.51.100.0/24"]})
    assert found(sample) == {("nat.return-route", "web2")}
    facts["routes_omitted"] = [{"family": "ipv4", "table": 254, "networks": ["198.0.0.0/8"]}]
    compiled = sample.changed({"facts/web2": facts}).compile()
    assert compiled.violations == []
    assert [one for one in compiled.warnings if "more routes than were read" in one]


def test_a_way_to_the_lip_that_was_not_read_is_a_warning() -> None:
    sample = full_nat().changed({"options/rips": {"web2": "10.2.0.12"}})
    sample.facts["web2"]["routes"][0] = route("10.9.9.0/24", "10.2.0.1", "far")
    assert found(sample) == {("fullnat.return-route", "web2")}
    omitted = [{"family": "ipv4", "table": 254, "networks": ["10.0.0.0/8"]}]
    unread = sample.changed({"facts/web2/routes_omitted": omitted})
    assert rips(unread) == ["10.1.0.11", "10.2.0.12"]
    (warning,) = unread.compile().warnings
    assert "web2: it cannot be told whether there is a route to the LIP 10.1.0.5" in warning
    assert "more routes than were read" in warning


def test_a_way_to_the_lip_that_a_mark_decides_is_a_warning() -> None:
    sample = full_nat()
    sample.facts["web2"]["rules"].append({**rule(100, 7), "mark": 1, "mask": 255})
    prohibit = {**route("10.1.0.0/24", device=""), "type": "prohibit", "table": 7}
    sample.facts["web2"]["routes"].append(prohibit)
    assert rips(sample) == ["10.1.0.11", "10.2.0.12"]
    (warning,) = sample.compile().warnings
    assert "rule 100 (fwmark 0x1/0xff)" in warning


@pytest.mark.parametrize("host", ["director", "web1"])
@pytest.mark.parametrize(
    "selector",
    [
        {"protocol": 6},
        {"destination_ports": [443, 443]},
        {"source_ports": [443, 443]},
        {"other": ["uid_start", "uid_end"]},
        {"other": ["tos"]},
    ],
    ids=str,
)
def test_a_rule_for_some_packets_parts_no_link(host: str, selector: dict[str, Any]) -> None:
    sample = direct_routing()
    sample.facts[host]["routes"].append(table(100, route(ANY, "10.0.0.1")))
    sample.facts[host]["rules"].append({**rule(100, 100), **selector})
    assert rips(sample) == ["10.0.0.11", "10.0.0.12"]


def test_a_rule_for_all_packets_parts_a_link() -> None:
    sample = direct_routing().changed({"options/rips": {"web1": "10.0.0.11"}})
    sample.facts["director"]["routes"].append(table(100, route(ANY, "10.0.0.1")))
    sample.facts["director"]["rules"].append(rule(100, 100))
    assert ("dr.rip-in-dip-subnet", "web1") in found(sample)


def test_a_vrf() -> None:
    facts = by_policy()
    facts["rules"] = [*facts["rules"][:-2], {**rule(1000, 0), "vrf": True}]
    facts["routes"].append(table(100, route("10.0.0.0/24")))
    facts["links"][1]["vrf"] = "blue"
    facts["links"].append({**facts["links"][0], "name": "blue", "vrf_table": 100})
    assert rips(direct_routing().changed({"facts/web2": facts})) == ["10.0.0.11", "10.0.0.12"]


# 06: link-local next hops


def test_nat_by_a_directors_link_local_address() -> None:
    sample = nat().changed({"services/web/vips": ["2001:db8:10::101"]})
    for name in ("web1", "web2"):
        sample.facts[name]["routes"][1] = route(ANY6, DIRECTORS_OWN)
    assert rips(sample) == ["2001:db8:10::11", "2001:db8:10::12"]
    sample.facts["web2"]["routes"][1] = route(ANY6, "fe80::1")
    assert found(sample) == {("nat.return-route", "web2")}


def test_dr_by_a_directors_link_local_address() -> None:
    sample = direct_routing().changed(VIP6)
    sample.facts["web1"]["routes"][1] = route(ANY6, DIRECTORS_OWN)
    assert found(sample) == {("dr.return-route", "web1")}
    assert "the director director" in text(sample, "dr.return-route")


def test_the_same_link_local_address_on_another_link_is_another() -> None:
    sample = direct_routing().changed(VIP6)
    for device in sample.facts["director"]["links"]:
        device["link_local"] = ["fe80::1"] if device["name"] == "mgmt0" else []
    sample.facts["web1"]["routes"][1] = route(ANY6, "fe80::1")
    assert rips(sample) == ["2001:db8:10::11", "2001:db8:10::12"]


# 08: two directors, and a VIP that routers spread over both


def test_a_routed_vip_on_two_directors() -> None:
    sample = direct_routing().changed({"services/web/vips": ["192.0.2.80"], **ONLY_INSIDE})
    sample.groups["lvs_directors"].append("lb2")
    sample.facts["lb2"] = inside(6, 1)
    sample.options["manage_vips"] = False
    assert rips(sample) == ["10.0.0.11", "10.0.0.12"]


# 09: a floating DIP


@pytest.mark.parametrize("prefix", [24, 32])
def test_a_floating_dip(prefix: int) -> None:
    floating = f"10.0.0.254/{prefix}"
    director = node({"inside": ["10.0.0.5/24", floating]}, [route(ANY, "10.0.0.1")])
    spare = node({"inside": ["10.0.0.6/24"]}, [route(ANY, "10.0.0.1")])
    sample = direct_routing().changed(
        {"facts/director": director, "options/manage_vips": False, **ONLY_INSIDE}
    )
    sample.groups["lvs_directors"].append("lb2")
    sample.facts["lb2"] = spare
    sample.options["dips"] = {"director": "10.0.0.254", "lb2": "10.0.0.254"}
    sample.services["web-nat"] = {
        **copy.deepcopy(nat().services["web"]),
        "return_route": "policy",
    }
    assert rips(sample) == rips(sample, 1) == ["10.0.0.11", "10.0.0.12"]
    routes = sample.compile().nodes["web1"]["real_server"]["return_routes"]
    assert [one["gateway"] for one in routes] == ["10.0.0.254"]


# 12: a VLAN


def test_a_device_with_a_dot() -> None:
    sample = nat().changed({"options/networks": ["10.0.100.0/24"]})
    sample.services["web"].update(vips=["10.0.100.100"], return_route="policy")
    for name, number in (("director", 5), ("web1", 11), ("web2", 12)):
        sample.facts[name] = node(
            {"inside": [f"10.0.0.{number}/24"], "inside.100": [f"10.0.100.{number}/24"]},
            [route(ANY, "10.0.0.1")],
        )
    nodes = sample.compile().nodes
    assert nodes["director"]["director"]["vips"][0]["interface"] == "inside.100"
    assert nodes["web1"]["real_server"]["loose_rp_filter"] == ["inside.100"]


# 19: the director's own address as a VIP


@pytest.mark.parametrize("default", [[], [route(ANY, "10.0.0.1")]])
def test_a_vip_that_is_the_directors_own_address_tells_the_subnet(
    default: list[dict[str, Any]],
) -> None:
    sample = nat().changed(ONLY_INSIDE)
    own = {"outside": ["198.51.100.1/24"], "inside": ["10.0.0.5/24"]}
    sample.facts["director"] = node(own, default)
    sample.services["own"] = {**sample.services["web"], "vips": ["198.51.100.1"]}
    sample.services["web"]["vips"] = ["198.51.100.100"]
    compiled = sample.compile()
    assert compiled.violations == []
    vips = compiled.nodes["director"]["director"]["vips"]
    assert {one["address"]: one["interface"] for one in vips} == {
        "198.51.100.1": "outside",
        "198.51.100.100": "outside",
    }


# A real server behind another router


def far(*, is_known: bool) -> Sample:
    sample = nat().changed({"services/web/real_servers": [{"host": "web3"}]})
    sample.facts["director"]["routes"].append(route("10.0.1.0/24", "10.0.0.1"))
    sample.facts["web3"] = node({"far": ["10.0.1.11/24"]}, [route(ANY, "10.0.1.1", "far")])
    sample.groups["lvs_real_servers"].append("web3")
    sample.options["rips"] = {"web3": "10.0.1.11"}
    if is_known:
        sample.groups["lvs_routers"] = ["r2"]
        sample.facts["r2"] = node(
            {"inside": ["10.0.0.1/24"], "far": ["10.0.1.1/24"]}, [route(ANY, "10.0.0.5")]
        )
    return sample


def test_nat_with_a_router_between() -> None:
    assert rips(far(is_known=True)) == ["10.0.1.11"]
    assert found(far(is_known=False)) == {("nat.return-route", "web3")}
    astray = far(is_known=True)
    astray.facts["r2"]["routes"][0] = route(ANY, "10.0.0.9")
    assert found(astray) == {("nat.return-route", "web3")}
    policy = far(is_known=True).changed({"services/web/return_route": "policy"})
    assert found(policy) == {("nat.policy-link", "web3")}


def far6() -> Sample:
    """The same with IPv6; the router's next hop is fe80::1."""
    sample = far(is_known=True).changed(
        {
            "services/web/vips": ["2001:db8:10::101"],
            "options/rips": {"web3": "2001:db8:11::11"},
            "facts/web3": node(
                {"far": ["10.0.1.11/24", "2001:db8:11::11/64"]},
                [route(ANY6, "2001:db8:11::1", "far")],
            ),
            "facts/r2": node(
                {
                    "up": ["10.0.0.1/24", "2001:db8:10::1/64"],
                    "side": ["10.0.3.1/24"],
                    "far": ["10.0.1.1/24", "2001:db8:11::1/64"],
                },
                [route(ANY6, "fe80::1", "up")],
            ),
        }
    )
    director = sample.facts["director"]
    director["routes"].append(route("2001:db8:11::/64", "2001:db8:10::1"))
    for one in director["links"]:
        one["link_local"] = ["fe80::1"] if one["name"] == "inside" else []
    return sample


def test_nat_with_a_router_whose_next_hop_is_the_directors_link_local_address() -> None:
    assert rips(far6()) == ["2001:db8:11::11"]


def test_a_routers_devices_are_not_those_of_the_real_server() -> None:
    """The real server has a device on the director's link; the router's of that name is on none."""
    sample = far6()
    sample.facts["r2"]["routes"][0]["device"] = "side"
    sample.facts["web3"]["links"].append(link("side", mac("10.0.0.13/24")))
    sample.facts["web3"]["addresses"].append(
        {"device": "side", "address": "10.0.0.13", "prefix": 24, "family": "ipv4"}
    )
    sample.facts["web3"]["routes"].append(route("10.0.0.0/24", device="side"))
    assert found(sample) == {("nat.return-route", "web3")}


def test_nat_with_a_router_in_a_vrf() -> None:
    sample = far(is_known=True)
    router = sample.facts["r2"]
    router["links"][1]["vrf"] = "blue"
    router["links"].append({**link("blue", mac("10.0.9.1/24")), "vrf_table": 9})
    router["rules"].append({**rule(1000, 0), "vrf": True})
    router["routes"].append(table(9, route(ANY, "10.0.0.5")))
    router["routes"][0] = route(ANY, "10.0.0.9")
    assert router["links"][1]["name"] == "far"
    assert rips(sample) == ["10.0.1.11"]
    router["routes"][-1] = table(9, route(ANY, "10.0.0.9"))
    router["routes"][0] = route(ANY, "10.0.0.5")
    assert found(sample) == {("nat.return-route", "web3")}


def test_nat_by_ways_that_part_and_meet_again() -> None:
    sample = far(is_known=True)
    sample.facts["r2"] = node(
        {"up": ["10.0.2.1/24"], "far": ["10.0.1.1/24"]},
        [route(ANY, "10.0.2.3", "up"), route(ANY, "10.0.2.4", "up")],
    )
    for number in (3, 4):
        sample.facts[f"r{number}"] = node(
            {"down": [f"10.0.2.{number}/24"], "up": [f"10.0.3.{number}/24"]},
            [route(ANY, "10.0.3.1", "up")],
        )
    sample.facts["r5"] = node(
        {"down": ["10.0.3.1/24"], "inside": ["10.0.0.1/24"]}, [route(ANY, "10.0.0.5")]
    )
    sample.groups["lvs_routers"] = ["r2", "r3", "r4", "r5"]
    assert rips(sample) == ["10.0.1.11"]
    sample.facts["r5"]["routes"][0] = route(ANY, "10.0.3.3", "down")
    assert found(sample) == {("nat.return-route", "web3")}


def test_dr_with_a_router_between_is_none() -> None:
    sample = far(is_known=True)
    sample.services["web"].update(mode="dr", port=80)
    assert ("dr.rip-in-dip-subnet", "web3") in found(sample)


def test_a_tunnel_by_a_rule() -> None:
    facts = tunnels().facts["web1"]
    facts["rules"].append(rule(50, 9, "10.0.0.100/32"))
    facts["routes"].append(table(9, route(ANY, "10.0.1.1", "back")))
    facts["routes"][0] = route("10.0.0.0/24", "10.0.1.1", "back")
    assert rips(tunnels().changed({"facts/web1": facts})) == ["10.0.1.11", "10.0.1.12"]
