# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sound topologies become."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any, ClassVar

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.topology.violation import MOST_CAUSES
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    Change,
    Sample,
    both_ways,
    direct_routing,
    full_nat,
    inside,
    nat,
    node,
    on,
    route,
    rule,
    static_arp,
    tunnels,
    two_arms,
)

_ANY = "0.0.0.0/0"


@pytest.mark.parametrize(
    ("health", "declared", "sysctls"),
    [
        (True, {}, {"conn_reuse_mode": 2, "expire_quiescent_template": 1}),
        (False, {}, {"conn_reuse_mode": 2}),
        # Whoever names it means it.
        (
            True,
            {"expire_quiescent_template": 0},
            {"conn_reuse_mode": 2, "expire_quiescent_template": 0},
        ),
    ],
)
def test_persistent_clients_leave_a_real_server_that_is_out(
    health: object, declared: dict[str, int], sysctls: dict[str, int]
) -> None:
    sample = direct_routing().changed(
        {
            "services/web/health": health,
            "services/web/persistence_timeout": 300,
            "options/settings": {"sysctls": declared},
        }
    )
    assert _arguments(sample, "director", "director")["settings"] == {"sysctls": sysctls}


def _arguments(sample: Sample, host: str, module: str) -> dict[str, Any]:
    compiled = sample.compile()
    assert compiled.violations == []
    return compiled.nodes[host][module]


def _destinations(sample: Sample) -> list[list[tuple[str, int, str, int]]]:
    services = _arguments(sample, "director", "director")["services"]
    return [
        [(one["address"], one["port"], one["forwarding"], one["weight"]) for one in destinations]
        for destinations in (service["destinations"] for service in services)
    ]


def _gateway(sample: Sample) -> str:
    routes = _arguments(sample, "web1", "real_server")["return_routes"]
    return str(routes[0]["gateway"])


def _with_a_mark(servers: Mapping[str, str]) -> Sample:
    """Real servers, each with its device, where a mark decides whether replies go by a router."""
    sample = direct_routing()
    sample.services["web"]["real_servers"] = [{"host": name} for name in servers]
    for number, (name, device) in enumerate(servers.items(), start=11):
        routes = [route(_ANY, "10.0.0.5", device), {**route(_ANY, "10.0.0.1", device), "table": 7}]
        sample.facts[name] = node({device: [f"10.0.0.{number}/24"]}, routes)
        sample.facts[name]["rules"].append({**rule(100, 7), "mark": 1, "mask": 255})
        sample.groups["all"].append(name)
        sample.groups["lvs_real_servers"].append(name)
    return sample


def test_a_real_server_in_both_modes() -> None:
    assert _arguments(both_ways(), "web1", "real_server") == {
        "state": "present",
        "vips": ["10.0.0.100", "2001:db8:10::100"],
        "vip_device": "lo",
        "arp_interfaces": ["all"],
        "loose_rp_filter": [],
        "return_routes": [
            {"source": "10.0.0.11", "protocol": "tcp", "ports": "80", "gateway": "10.0.0.5"},
            {
                "source": "2001:db8:10::11",
                "protocol": "tcp",
                "ports": "80",
                "gateway": "2001:db8:10::5",
            },
        ],
        "tunnels": [],
        "mss_limits": [],
        "persist": True,
    }


TABLE = ("services", "hosts", "purge", "drain_removed", "wait", "persist")


def test_a_director_in_both_modes() -> None:
    arguments = _arguments(both_ways(), "director", "director")
    assert {name: each for name, each in arguments.items() if name not in TABLE} == {
        "state": "present",
        "vips": [
            {"address": "10.0.0.100", "interface": "inside"},
            {"address": "2001:db8:10::100", "interface": "inside"},
            {"address": "10.0.0.101", "interface": "inside"},
            {"address": "2001:db8:10::101", "interface": "inside"},
        ],
        "forward": ["ipv4", "ipv6"],
        "no_redirects": ["inside"],
        "lips": [],
        "snat": [],
        "local_addresses": [],
        "marks": [],
        "helpers": [],
        "probe_interfaces": [],
        "liberal_conntrack": False,
        "health": [],
        "metrics": None,
        "settings": {"sysctls": {"conn_reuse_mode": 2}},
        "vrrp": None,
    }


MARKED = {
    "services/web/fwmark": 7,
    "services/web/ports": [80, "10000-20000"],
    "services/web/port": None,
    "services/web/real_servers": [{"host": "web1"}, {"host": "web2"}],
}
PORTS = ("80", "10000-20000")


@pytest.mark.parametrize(
    ("sample", "vip"),
    [
        (direct_routing(), "10.0.0.100"),
        (nat(), "10.0.0.101"),
        (tunnels(), "10.0.0.100"),
        (full_nat(), "10.0.0.100"),
    ],
    ids=["dr", "nat", "tun", "fullnat"],
)
def test_a_service_with_a_mark(sample: Sample, vip: str) -> None:
    vips = [vip, "2001:db8:10::100", "2001:db8:10::200"]
    sample = sample.changed({**MARKED, "services/web/vips": vips})
    marks = _arguments(sample, "director", "director")["marks"]
    assert [(one["address"], one["ports"]) for one in marks] == list(product(vips, PORTS))
    assert {(one["protocol"], one["mark"]) for one in marks} == {("tcp", 7)}
    services = _arguments(sample, "director", "director")["services"]
    assert [(one["fwmark"], one["family"]) for one in services] == [(7, "ipv4"), (7, "ipv6")]
    assert [len(one["destinations"]) for one in services] == [2, 2]
    assert {each["port"] for one in services for each in one["destinations"]} == {0}
    paths = sample.compile().paths
    asked = [(one["vip"], one["ports"], one["port"], one["rip_port"]) for one in paths]
    of_vip = [("80", 80, 80)] * 2 + [("10000-20000", 0, 0)] * 2  # a path to each real server
    assert asked == [(vip, *ports) for vip, ports in product(vips, of_vip)]
    assert {one["fwmark"] for one in paths} == {7}


@pytest.mark.parametrize(
    ("sample", "host", "call", "option"),
    [
        (direct_routing(), "director", "director", "marks"),
        (full_nat(), "director", "director", "snat"),
        (nat().changed({"services/web/return_route": "policy"}), "web1", "real_server",
         "return_routes"),
    ],
    ids=["marks", "snat", "return_routes"],
)  # fmt: skip
def test_several_protocols_by_one_mark(sample: Sample, host: str, call: str, option: str) -> None:
    sample = sample.changed({**MARKED, "services/web/protocol": ["tcp", "udp"]})
    found = [(one["protocol"], one["ports"]) for one in _arguments(sample, host, call)[option]]
    assert found == [*product(("tcp", "udp"), PORTS)]
    (service,) = _arguments(sample, "director", "director")["services"]
    assert service["fwmark"] == 7
    paths = [(one["protocol"], one["ports"]) for one in sample.compile().paths]
    assert paths == [one for one in found for _server in ("web1", "web2")]


FTP = {
    "services/web/port": 21,
    "services/web/helper": "ftp",
    "services/web/return_route": "policy",
}


@pytest.mark.parametrize(
    ("port", "ports"),
    [
        (21, ["20-21", "1024-65534"]),
        (1, ["1", "1024-65534"]),
        (1024, ["1023-1024", "1024-65534"]),
        (2121, ["1024-65534"]),
    ],
)
def test_ftp_has_data_connections(port: int, ports: list[str]) -> None:
    servers = [{"host": "web1", "port": port}, {"host": "web2"}]
    sample = nat().changed({**FTP, "services/web/real_servers": servers})
    assert _arguments(sample, "director", "director")["helpers"] == ["ftp"]
    routes = _arguments(sample, "web1", "real_server")["return_routes"]
    assert [one["ports"] for one in routes] == ports
    assert sample.compile().warnings == []


@pytest.mark.parametrize(
    ("change", "warns"),
    [
        ({"services/web/port": 21}, True),
        ({"services/web/port": 2121}, False),
        ({"services/web/port": 21, "services/web/protocol": "udp"}, False),
        ({**MARKED, "services/web/ports": ["20-21"]}, True),
        ({**MARKED, "services/web/ports": [21, "50000-50999"]}, False),
    ],
)
def test_ftp_without_its_helper_is_warned_of(change: dict[str, Any], *, warns: bool) -> None:
    warnings = nat().changed(change).compile().warnings
    assert ["helper: ftp knows of them" in one for one in warnings] == [True] * warns


def test_sources_of_every_port_with_a_mark_are_translated() -> None:
    snat = _arguments(full_nat().changed(MARKED), "director", "director")["snat"]
    assert [one["ports"] for one in snat] == [*PORTS]


def test_replies_of_every_port_with_a_mark_take_the_policy_route() -> None:
    sample = nat().changed({**MARKED, "services/web/return_route": "policy"})
    routes = _arguments(sample, "web1", "real_server")["return_routes"]
    assert [one["ports"] for one in routes] == [*PORTS]


def test_a_director_in_fullnat() -> None:
    sample = full_nat().changed({"options/lips": {"director": ["10.1.0.20-10.1.0.21"]}})
    sample.services["web"]["vips"].append("2001:db8:10::100")
    director = _arguments(sample, "director", "director")
    assert director["forward"] == ["ipv4", "ipv6"]
    assert director["snat"] == [
        {"address": "10.0.0.100", "protocol": "tcp", "ports": "80"},
        {"address": "2001:db8:10::100", "protocol": "tcp", "ports": "80"},
    ]
    assert director["lips"] == [
        {"address": "10.1.0.20", "interface": "near"},
        {"address": "10.1.0.21", "interface": "near"},
    ]
    assert director["local_addresses"] == [
        {"real_server": "10.1.0.11", "first": "10.1.0.20", "last": "10.1.0.21"},
        {"real_server": "10.2.0.12", "first": "10.1.0.20", "last": "10.1.0.21"},
        {"real_server": "2001:db8:11::11", "first": "2001:db8:11::5", "last": "2001:db8:11::5"},
        {"real_server": "2001:db8:12::12", "first": "2001:db8:11::5", "last": "2001:db8:11::5"},
    ]
    assert _arguments(sample, "director", "director")["settings"] == {"sysctls": {"conntrack": 1}}
    assert _arguments(sample, "web1", "real_server")["state"] == "absent"


def test_the_table_in_both_modes() -> None:
    assert _destinations(both_ways()) == [
        [("10.0.0.11", 80, "droute", 1), ("10.0.0.12", 80, "droute", 1)],
        [("2001:db8:10::11", 80, "droute", 1), ("2001:db8:10::12", 80, "droute", 1)],
        [("10.0.0.11", 80, "masq", 1), ("10.0.0.12", 80, "masq", 1)],
        [("2001:db8:10::11", 80, "masq", 1), ("2001:db8:10::12", 80, "masq", 1)],
    ]


def test_every_field_of_a_service_reaches_the_table() -> None:
    sample = direct_routing().changed(
        {
            "services/web": {
                "mode": "dr",
                "vips": ["10.0.0.100"],
                "port": "53",
                "protocol": "udp",
                "scheduler": "mh",
                "scheduler_flags": ["port", "fallback"],
                "persistence_timeout": 60,
                "persistence_prefix": 24,
                "persistence_engine": "sip",
                "one_packet": True,
                "real_servers": [
                    {"host": "web1", "weight": 0, "upper_threshold": 9, "lower_threshold": 3}
                ],
            }
        }
    )
    arguments = _arguments(sample, "director", "director")
    assert {name: arguments[name] for name in TABLE} == {
        "services": [
            {
                "address": "10.0.0.100",
                "port": 53,
                "protocol": "udp",
                "scheduler": "mh",
                "scheduler_flags": ["fallback", "port"],
                "persistence_timeout": 60,
                "persistence_prefix": 24,
                "persistence_engine": "sip",
                "one_packet": True,
                "destinations": [
                    {
                        "address": "10.0.0.11",
                        "port": 53,
                        "forwarding": "droute",
                        "weight": 0,
                        "upper_threshold": 9,
                        "lower_threshold": 3,
                    }
                ],
            }
        ],
        "hosts": {"web1": ["10.0.0.11"]},
        "purge": "owned",
        "drain_removed": None,
        "wait": None,
        "persist": True,
    }


def test_a_real_server_that_no_service_uses_any_more_is_undone() -> None:
    sample = direct_routing().changed({"services/web/real_servers": [{"host": "web1"}]})
    gone = _arguments(sample, "web2", "real_server")
    assert gone["state"] == "absent"
    assert gone["vips"] == []
    assert gone["arp_interfaces"] == []


def test_a_director_without_services_is_undone() -> None:
    sample = direct_routing().changed({"services/web": None})
    assert _arguments(sample, "director", "director")["state"] == "absent"
    assert _arguments(sample, "director", "director")["services"] == []
    assert _arguments(sample, "director", "director")["settings"] == {}


def test_nat_by_their_own_routes_leaves_real_servers_alone() -> None:
    assert _arguments(nat(), "web1", "real_server")["state"] == "absent"


def test_a_group_stands_for_its_hosts_but_those_named_themselves() -> None:
    servers = [{"group": "lvs_real_servers"}, {"host": "web1", "weight": 0}]
    sample = direct_routing().changed({"services/web/real_servers": servers})
    assert _destinations(sample) == [
        [("10.0.0.12", 80, "droute", 1), ("10.0.0.11", 80, "droute", 0)]
    ]


def test_one_host_with_two_ports() -> None:
    servers = [{"host": "web1", "port": 80}, {"host": "web1", "port": 81}]
    sample = nat().changed(
        {"services/web/real_servers": servers, "services/web/return_route": "policy"}
    )
    routes = _arguments(sample, "web1", "real_server")["return_routes"]
    assert [one["ports"] for one in routes] == ["80", "81"]


def test_two_services_on_one_real_server_need_one_return_route() -> None:
    sample = nat().changed({"services/web/return_route": "policy"})
    sample.services["other"] = {**sample.services["web"], "vips": ["10.0.0.102"]}
    assert len(_arguments(sample, "web1", "real_server")["return_routes"]) == 1


def test_nat_with_two_arms() -> None:
    sample = two_arms()
    director = _arguments(sample, "director", "director")
    # The management network is shared as well; the director as their gateway tells the RIP.
    assert _destinations(sample) == [[("10.0.0.11", 80, "masq", 1), ("10.0.0.12", 80, "masq", 1)]]
    assert director["vips"] == [{"address": "198.51.100.5", "interface": "outside"}]
    assert director["no_redirects"] == []
    assert director["forward"] == ["ipv4"]


@pytest.mark.parametrize("selector", [{"source": "10.0.0.0/24"}, {"device": "inside"}], ids=str)
def test_redirects_follow_the_route_of_forwarded_replies(selector: dict[str, str]) -> None:
    """The director's own packets to the clients leave by another interface."""
    sample = two_arms()
    sample.facts["director"]["rules"].append({**rule(100, 7), **selector})
    sample.facts["director"]["routes"].append({**route("0.0.0.0/0", "10.0.0.1"), "table": 7})
    assert _arguments(sample, "director", "director")["no_redirects"] == ["inside"]


def test_dr_and_nat_on_one_vip_and_one_real_server() -> None:
    sample = both_ways().changed({"services/web-nat/vips": ["10.0.0.100"]})
    assert _arguments(sample, "web1", "real_server")["vips"] == ["10.0.0.100", "2001:db8:10::100"]
    vips = _arguments(sample, "director", "director")["vips"]
    assert [one["address"] for one in vips] == ["10.0.0.100", "2001:db8:10::100"]


def test_silence_about_ipv6_needs_nothing() -> None:
    sample = direct_routing().changed({"services/web/vips": ["2001:db8:10::100"]})
    assert _arguments(sample, "web1", "real_server")["arp_interfaces"] == []


@pytest.mark.parametrize("vip", ["10.0.0.100", "2001:db8:10::100"])
def test_a_strict_rp_filter_is_loosened_where_replies_leave_elsewhere(vip: str) -> None:
    sample = direct_routing().changed({"services/web/vips": [vip]})
    sample.facts["web1"]["routes"][0] = route("0.0.0.0/0", "10.0.2.1", "mgmt0")
    sample.facts["web1"]["routes"][1] = route("::/0", "fe80::1", "mgmt0")
    loosened = _arguments(sample, "web1", "real_server")["loose_rp_filter"]
    assert loosened == (["inside"] if "." in vip else [])


def test_real_servers_that_are_not_managed() -> None:
    by_hand = {"address": "10.0.0.98", "prepared": True, "weight": 3}
    sample = both_ways().changed(
        {
            "services/web/vips": ["10.0.0.100"],
            "services/web/real_servers": [by_hand],
            "services/web-nat/return_route": "main",
            "services/web-nat/real_servers": [{"address": ["10.0.0.99", "2001:db8:10::99"]}],
        }
    )
    assert _destinations(sample) == [
        [("10.0.0.98", 80, "droute", 3)],
        [("10.0.0.99", 8080, "masq", 1)],
        [("2001:db8:10::99", 8080, "masq", 1)],
    ]
    assert _arguments(sample, "web1", "real_server")["state"] == "absent"


def test_vips_of_another_program() -> None:
    sample = direct_routing().changed({"options/manage_vips": False})
    assert _arguments(sample, "director", "director")["vips"] == []
    assert _arguments(sample, "web1", "real_server")["vips"] == ["10.0.0.100"]


def test_two_directors_have_the_same_table() -> None:
    sample = direct_routing().changed(
        {
            "groups/lvs_directors": ["director", "spare"],
            "facts/spare": inside(6, 1),
            "options/manage_vips": False,
        }
    )
    nodes = sample.compile().nodes
    assert nodes["spare"]["director"] == nodes["director"]["director"]


def test_a_pair() -> None:
    sample = both_ways().changed(
        {
            "groups/lvs_directors": ["director", "spare"],
            "facts/spare": inside(6, 1),
            "options/dips": {
                name: ["10.0.0.9", "2001:db8:10::9"] for name in ("director", "spare")
            },
            "options/high_availability": {"engine": "vrrp", "virtual_router_id": 51},
        }
    )
    found = {name: _arguments(sample, name, "director") for name in ("director", "spare")}
    assert found["director"]["vips"] == []
    assert {**found["director"], "vrrp": None} == {**found["spare"], "vrrp": None}
    first, second = (found[name]["vrrp"] for name in ("director", "spare"))
    assert (first["router_id"], first["health"]) == (51, False)
    assert (first["sync"]["send_id"], first["sync"]["receive_id"]) == (51, 52)
    assert (second["sync"]["send_id"], second["sync"]["receive_id"]) == (52, 51)
    assert found["spare"]["settings"]["sysctls"]["sync_threshold"] == "0 1"
    # The DIP that the two share moves along, and is nobody's own.
    moving = [
        f"{network}{number}" for number in (100, 101, 9) for network in ("10.0.0.", "2001:db8:10::")
    ]
    assert {one["address"] for one in first["addresses"]} == {*moving}
    assert (first["source"], first["peer"]) == ("10.0.0.5", "10.0.0.6")
    assert (second["source"], second["peer"]) == ("10.0.0.6", "10.0.0.5")


@pytest.mark.parametrize(
    ("holders", "standby"),
    [
        (["director"], ["spare"]),
        (["spare"], ["director"]),
        ([], []),  # the first run: who comes first is master
        (["director", "spare"], []),  # split brain: both have traffic
    ],
)
def test_the_director_without_traffic_changes_first(holders: list[str], standby: list[str]) -> None:
    owned: Change = {
        f"facts/{name}/{key}": value
        for name in holders
        for key, value in (
            ("addresses/0", on("inside", "10.0.0.100/32")),
            ("vip_owned", ["10.0.0.100"]),
        )
    }
    sample = direct_routing().changed(
        {
            "groups/lvs_directors": ["director", "spare"],
            "facts/spare": inside(6, 1),
            "options/high_availability": {"engine": "vrrp"},
        }
    )
    pair: Change = {f"facts/{name}/vrrp/router_id": 51 for name in ("director", "spare")}
    nodes = sample.changed({**owned, **pair}).compile().nodes
    assert [name for name, calls in nodes.items() if "standby" in calls] == standby
    assert all(nodes[name]["standby"] == nodes[name]["director"] for name in standby)
    # One that joins hears nothing of the master before that one knows it.
    for alone in ({}, {"facts/director/vrrp/router_id": 51}):
        nodes = sample.changed({**owned, **alone}).compile().nodes
        assert not [name for name, calls in nodes.items() if "standby" in calls]


@pytest.mark.parametrize(
    ("lips", "sysctls", "tracks"),
    [(True, {}, True), (False, {}, False), (False, {"conntrack": 1}, True)],
)
def test_what_went_through_the_other_director_is_not_invalid(
    *, lips: bool, sysctls: Mapping[str, int], tracks: bool
) -> None:
    """Where IPVS tracks connections, as for FULLNAT."""
    sample = (full_nat() if lips else direct_routing()).changed(
        {"options/high_availability": {"engine": "vrrp"}, "options/settings": {"sysctls": sysctls}}
    )
    assert _arguments(sample, "director", "director")["liberal_conntrack"] is tracks


def test_a_pair_of_one_keeps_its_number() -> None:
    change: Change = {"options/high_availability": {"engine": "vrrp"}}
    alone = direct_routing().changed(change)
    vrrp = _arguments(alone, "director", "director")["vrrp"]
    assert vrrp["peer"] == ""
    both = alone.changed(
        {"groups/lvs_directors": ["director", "spare"], "facts/spare": inside(6, 1)}
    )
    other = _arguments(both, "spare", "director")["vrrp"]["router_id"]
    both.facts["director"]["vrrp"]["router_id"] = vrrp["router_id"]
    kept = _arguments(both, "spare", "director")["vrrp"]["router_id"]
    assert (other != vrrp["router_id"], kept) == (True, vrrp["router_id"])


def test_a_director_that_is_down_is_told_of_once() -> None:
    sample = direct_routing().changed(
        {
            "groups/lvs_directors": ["director", "spare"],
            "facts/director/vrrp/silent_peer": "10.0.0.6",
            "facts/spare": inside(6, 1),
            "options/high_availability": {"engine": "vrrp"},
        }
    )
    down: Change = {"facts/spare": {}, "options/unreachable": {"spare": "no route to host"}}
    for change, expected in ((down, "host.reached"), ({}, "pair.reach")):
        assert [one.id for one in sample.changed(change).compile().violations] == [expected]
    gone = sample.changed({"options/teardown": {"hosts": ["spare"]}})
    assert gone.compile().violations == []


def test_who_leaves_a_pair_waits_for_nothing() -> None:
    drain = {"wait_for": ["active"], "timeout": 9, "poll_interval": 2, "on_timeout": "continue"}
    sample = direct_routing().changed(
        {
            "groups/lvs_directors": ["director", "spare"],
            "facts/spare": inside(6, 1),
            "options/high_availability": {"engine": "vrrp"},
            "options/teardown": {"hosts": ["director"]},
            "options/drain_removed": drain,
        }
    )
    leaving, staying = (sample.compile().nodes[name]["director"] for name in ("director", "spare"))
    assert (leaving["state"], leaving["vrrp"], leaving["drain_removed"]) == ("absent", None, None)
    assert staying["vrrp"]["peer"] == ""
    assert staying["drain_removed"] == drain


def test_a_vip_stays_where_somebody_else_has_put_it() -> None:
    sample = direct_routing()
    sample.facts["director"]["addresses"].append(on("mgmt0", "10.0.0.100/32"))
    assert _arguments(sample, "director", "director")["vips"][0]["interface"] == "mgmt0"
    sample.facts["director"]["vip_owned"] = ["10.0.0.100"]
    assert _arguments(sample, "director", "director")["vips"][0]["interface"] == "inside"


def test_compiling_what_has_converged_gives_the_same() -> None:
    sample = both_ways()
    before = sample.compile()
    converged = sample.compile()
    for name, modules in before.nodes.items():
        facts = sample.facts[name]
        for vip in modules.get("director", {}).get("vips", []):
            prefix = 128 if ":" in vip["address"] else 32
            facts["addresses"].append(on(vip["interface"], f"{vip['address']}/{prefix}"))
            facts["vip_owned"].append(vip["address"])
        for address in modules.get("real_server", {}).get("vips", []):
            prefix = 128 if ":" in address else 32
            facts["addresses"].append(on("lo", f"{address}/{prefix}"))
            facts["vip_owned"].append(address)
    assert sample.compile() == converged


def test_settings_and_switches_reach_the_modules() -> None:
    sample = direct_routing().changed(
        {
            "options/settings": {"tcp_timeout": 1800, "udp_timeout": None, "sysctls": {}},
            "options/vip_device": "vip0",
            "options/arp_interfaces": ["inside"],
            "options/purge": "all",
            "options/persist": False,
        }
    )
    nodes = sample.compile().nodes
    settings = nodes["director"]["director"]["settings"]
    assert (settings["tcp_timeout"], settings.get("udp_timeout")) == (1800, None)
    assert nodes["director"]["director"]["purge"] == "all"
    assert nodes["web1"]["real_server"]["vip_device"] == "vip0"
    assert nodes["web1"]["real_server"]["arp_interfaces"] == ["inside"]
    persist = {options["persist"] for modules in nodes.values() for options in modules.values()}
    assert persist == {False}


class TestWhichAddressIsTheRip:
    """The rules of shared_subnet.py."""

    def test_the_vip_is_in_its_subnet(self) -> None:
        sample = direct_routing().changed({"services/web/vips": ["10.0.2.100"]})
        assert [one[0] for one in _destinations(sample)[0]] == ["10.0.2.11", "10.0.2.12"]

    def test_a_network_is_named(self) -> None:
        sample = direct_routing().changed({"options/networks": ["10.0.2.0/24"]})
        assert [one[0] for one in _destinations(sample)[0]] == ["10.0.2.11", "10.0.2.12"]

    def test_a_network_of_one_family_does_not_restrict_the_other(self) -> None:
        sample = both_ways().changed({"options/networks": ["10.0.0.0/24"]})
        assert _destinations(sample) == _destinations(both_ways())

    def test_the_host_says(self) -> None:
        sample = direct_routing().changed({"options/rips": {"web1": "10.0.2.11"}})
        assert [one[0] for one in _destinations(sample)[0]] == ["10.0.2.11", "10.0.0.12"]

    def test_the_service_says_and_has_the_last_word(self) -> None:
        sample = direct_routing().changed(
            {
                "options/rips": {"web1": "10.0.2.11"},
                "services/web/real_servers/0/address": "10.0.0.11",
            }
        )
        assert [one[0] for one in _destinations(sample)[0]] == ["10.0.0.11", "10.0.0.12"]

    def test_a_bridge_that_every_host_has_is_not_shared(self) -> None:
        sample = direct_routing().changed({"services/web/vips": ["172.17.0.100"]})
        for facts in sample.facts.values():
            facts["addresses"] = [one for one in facts["addresses"] if one["device"] != "mgmt0"]
            facts["addresses"].append(on("docker0", "172.17.0.1/16"))
        assert [one[0] for one in _destinations(sample)[0]] == ["10.0.0.11", "10.0.0.12"]

    def test_the_director_says_its_dip(self) -> None:
        sample = nat().changed({"services/web/return_route": "policy"})
        sample.facts["director"]["addresses"].append(on("inside", "10.0.0.6/24"))
        assert _gateway(sample) == "10.0.0.5"
        sample.options["dips"] = {"director": "10.0.0.6"}
        assert _gateway(sample) == "10.0.0.6"

    def test_a_vip_in_its_subnet_is_not_the_dip(self) -> None:
        sample = nat().changed({"services/web/return_route": "policy"})
        sample.facts["director"]["addresses"].insert(0, on("inside", "10.0.0.101/24"))
        assert _gateway(sample) == "10.0.0.5"

    def test_a_director_with_one_address(self) -> None:
        sample = nat().changed({"services/web/vips": ["10.0.0.5"]})
        assert [one[0] for one in _destinations(sample)[0]] == ["10.0.0.11", "10.0.0.12"]


class TestRoutersThatAreTold:
    """arp: static and both."""

    ENTRY: ClassVar[dict[str, str]] = {
        "address": "10.0.0.100",
        "interface": "inside",
        "mac": "52:54:0a:00:00:05",
    }

    def test_static(self) -> None:
        sample = static_arp().changed({"services/web/vips": ["10.0.0.100", "2001:db8:10::100"]})
        assert sample.compile().nodes["router"] == {
            "router": {"neighbours": [self.ENTRY], "persist": True}
        }
        real_server = _arguments(sample, "web1", "real_server")
        assert real_server["vips"] == ["10.0.0.100", "2001:db8:10::100"]
        assert real_server["arp_interfaces"] == []

    def test_both(self) -> None:
        sample = static_arp().changed({"services/web/arp": "both"})
        assert _arguments(sample, "router", "router")["neighbours"] == [self.ENTRY]
        assert _arguments(sample, "web1", "real_server")["arp_interfaces"] == ["all"]

    def test_suppress(self) -> None:
        compiled = static_arp().changed({"services/web/arp": "suppress"}).compile()
        assert compiled.nodes["router"] == {}
        assert compiled.nodes["web1"]["real_server"]["arp_interfaces"] == ["all"]

    def test_two_services_with_one_vip_are_one_entry(self) -> None:
        sample = static_arp()
        sample.services["tls"] = {**sample.services["web"], "port": 443}
        assert _arguments(sample, "router", "router")["neighbours"] == [self.ENTRY]

    def test_another_service_of_the_real_server_is_suppressed(self) -> None:
        sample = static_arp()
        other = {**sample.services["web"], "vips": ["10.0.0.102"], "arp": "suppress"}
        sample.services["other"] = other
        assert _arguments(sample, "router", "router")["neighbours"] == [self.ENTRY]
        assert _arguments(sample, "web1", "real_server")["arp_interfaces"] == ["all"]

    def test_what_is_no_longer_wanted_leaves(self) -> None:
        sample = static_arp()
        gone = {**self.ENTRY, "address": "10.0.0.103"}
        old = {**self.ENTRY, "mac": "52:54:0a:00:00:06"}
        sample.facts["router"]["neighbours_owned"] = [old, gone]
        # It stays at first, while real servers still answer for its VIP.
        assert _arguments(sample, "router", "router")["neighbours"] == [self.ENTRY, gone]
        assert _arguments(sample, "router", "router_finish")["neighbours"] == [self.ENTRY]
        sample.services["web"]["arp"] = "suppress"
        assert sample.compile().nodes["router"] == {
            "router_finish": {"neighbours": [], "persist": True}
        }

    def test_a_director_that_routes_is_not_told(self) -> None:
        sample = static_arp().changed({"groups/lvs_routers": ["router", "director"]})
        assert "router" not in sample.compile().nodes["director"]


class TestWarnings:
    def test_weight_0_everywhere(self) -> None:
        servers = [{"host": "web1", "weight": 0}, {"host": "web2", "weight": 0}]
        compiled = direct_routing().changed({"services/web/real_servers": servers}).compile()
        assert compiled.nodes
        assert compiled.warnings == [
            "service web has weight 0 on every real server: none takes new connections"
        ]

    def test_weight_0_somewhere(self) -> None:
        sample = direct_routing().changed({"services/web/real_servers/0/weight": 0})
        assert sample.compile().warnings == []

    def test_no_real_servers(self) -> None:
        compiled = direct_routing().changed({"services/web/real_servers": []}).compile()
        assert compiled.nodes
        assert compiled.warnings == ["service web has no real servers: every connection is refused"]

    def test_one_cause_on_many_paths_is_one_sentence(self) -> None:
        sample = _with_a_mark({f"web{number}": "inside" for number in range(11, 71)})
        for number in range(20):
            sample.services[f"s{number}"] = {**sample.services["web"], "port": 1000 + number}
        [warning] = sample.compile().warnings
        assert warning.startswith(
            "services s0, s1, s10, s11, s12 and 16 more, "
            "hosts web11, web12, web13, web14, web15 and 55 more: it cannot be told whether"
        )

    def test_of_many_causes_the_first_are_shown(self) -> None:
        sample = _with_a_mark({f"web{number}": f"eth{number}" for number in range(11, 71)})
        *first, last = sample.compile().warnings
        assert len(first) == MOST_CAUSES
        assert last == "and 50 more like that"

    def test_a_hosts_words_are_shown_and_not_obeyed(self) -> None:
        sample = _with_a_mark({"web11": "inside"})
        sample.facts["web11"]["routes"][0]["device"] = "a\x1b[2J"
        [warning] = sample.compile().warnings
        assert r"on a\x1b[2J" in warning

    def test_as_are_those_that_were_accepted(self) -> None:
        facts = node({"a\x1b[2J": ["10.0.0.11/24"]}, [route(_ANY, "10.0.0.1", "a\x1b[2J")])
        change = {"facts/web1": facts, "services/web/accept": ["nat.return-route"]}
        compiled = nat().changed(change).compile()
        [[*texts, _message]] = [one.as_dict().values() for one in compiled.accepted]
        assert r"on a\x1b[2J" in compiled.accepted[0].got
        assert all(text.isprintable() for text in (*texts, *compiled.warnings))


def test_everything_wrong_is_reported_at_once() -> None:
    sample = both_ways().changed(
        {
            "services/web/scheduler": "wwr",
            "services/web/real_servers/0/weight": 70000,
            "services/web-nat/return_route": "main",
            "facts/director/owners": ["keepalived"],
            "facts/web2": node({"eth0": ["192.0.2.12/24"]}, []),
        }
    )
    assert {(one.id, one.service, one.host) for one in sample.compile().violations} == {
        ("declaration.value", "web", ""),
        ("declaration.value", "web", "web1"),
        ("dr.rip-in-dip-subnet", "web", "web2"),
        ("director.table-owner", "", "director"),
        ("nat.return-route", "web-nat", "web1"),
        ("nat.rip-in-dip-subnet", "web-nat", "web2"),
    }


def test_an_unclear_service_has_no_consequences() -> None:
    """With a way back that nobody understands, routes are neither right nor wrong."""
    compiled = nat().changed({"services/web/return_route": "polcy"})
    compiled.facts["web1"] = inside(11, 1)
    assert [one.id for one in compiled.compile().violations] == ["declaration.value"]


def test_vips_of_ours_are_not_a_hosts_own_addresses() -> None:
    sample = direct_routing().changed({"services/web/real_servers/0/address": "10.0.0.99"})
    sample.facts["web1"]["addresses"].append(on("lo", "10.0.0.200/32"))
    sample.facts["web1"]["vip_owned"] = ["10.0.0.200"]
    assert "10.0.0.200" not in sample.compile().violations[0].expected
