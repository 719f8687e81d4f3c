# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director that is a real server itself."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    Sample,
    direct_routing,
    full_nat,
    inside,
    nat,
    node,
    route,
    tunnels,
    two_arms,
    with_director,
)

MODES = {"nat": nat, "dr": direct_routing, "tun": tunnels, "fullnat": full_nat}
DIP = {"options/dips": {"director": "10.0.0.5"}}


def modules(sample: Sample, host: str) -> dict[str, Any]:
    compiled = sample.compile()
    assert compiled.violations == []
    return compiled.nodes[host]


def destinations(sample: Sample) -> list[tuple[str, int, str]]:
    (service,) = modules(sample, "director")["director"]["services"]
    found = service["destinations"]
    return [(one["address"], one["port"], one["forwarding"]) for one in found]


def alone(sample: Sample) -> Sample:
    server = with_director(sample).services["web"]["real_servers"][0]
    return with_director(sample).changed({"services/web/real_servers": [server]})


@pytest.mark.parametrize("mode", MODES)
def test_as_a_real_server_it_stays_as_it_is(mode: str) -> None:
    sample = with_director(MODES[mode]())
    assert {**modules(sample, "director")["real_server"], "persist": None} == {
        "state": "absent",
        "vips": [],
        "vip_device": "lo",
        "arp_interfaces": [],
        "loose_rp_filter": [],
        "return_routes": [],
        "tunnels": [],
        "mss_limits": [],
        "persist": None,
    }


@pytest.mark.parametrize("mode", MODES)
def test_nothing_is_made_on_the_director_for_a_way_that_ends_there(mode: str) -> None:
    director = modules(alone(MODES[mode]()), "director")["director"]
    assert [one["interface"] for one in director["vips"]] == ["inside"]
    for option in ("forward", "no_redirects", "lips", "snat", "local_addresses", "marks"):
        assert director[option] == []


@pytest.mark.parametrize("mode", MODES)
def test_the_others_are_as_without_it(mode: str) -> None:
    sample = MODES[mode]()
    assert modules(with_director(sample), "web2") == modules(sample, "web2")


def test_the_others_are_as_without_it_in_a_second_service() -> None:
    sample = with_director(full_nat())
    web = sample.services["web"]
    second = {**web, "vips": ["10.0.0.101"]}
    first = {**web, "real_servers": web["real_servers"][1:]}
    sample.services = {"first": first, "second": second}
    snat = modules(sample, "director")["director"]["snat"]
    assert [one["address"] for one in snat] == ["10.0.0.100", "10.0.0.101"]


@pytest.mark.parametrize(
    ("sample", "own"),
    [
        (direct_routing(), ("10.0.0.5", 80, "droute")),
        (tunnels(), ("10.0.0.5", 80, "tunnel")),
        (nat(), ("10.0.0.5", 80, "masq")),
        (full_nat(), ("10.0.0.5", 8080, "masq")),
        # Of its two arms, the one in whose subnet the VIP is; or the one that is declared.
        (two_arms(), ("198.51.100.4", 80, "masq")),
        (two_arms().changed(DIP), ("10.0.0.5", 80, "masq")),
    ],
)
def test_which_address_it_has_in_the_table(sample: Sample, own: tuple[str, int, str]) -> None:
    assert destinations(with_director(sample))[0] == own


def test_an_address_is_not_guessed() -> None:
    sample = with_director(direct_routing()).changed({"services/web/vips": ["203.0.113.1"]})
    sample.options["networks"] = ["10.0.0.0/16"]
    assert [
        (one.id, one.host) for one in sample.compile().violations if one.host == "director"
    ] == [("rip.single", "director")]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, ["on-director.clear-rip"]),
        ({"options/networks": ["10.0.2.0/24"]}, []),
        ({"options/rips": {"director": "10.0.2.5"}}, []),
    ],
)
@pytest.mark.parametrize("mode", ["nat", "fullnat"])
def test_what_is_left_beside_a_vip_is_not_taken_in_silence(
    mode: str, change: dict[str, Any], found: list[str]
) -> None:
    sample = alone(MODES[mode]())
    sample.facts["director"] = inside(5, 1)
    vips = {"services/web/vips": ["10.0.0.5"], "options/manage_vips": False}
    compiled = sample.changed({**vips, **change}).compile()
    assert [one.id for one in compiled.violations if one.host == "director"] == found


def test_the_only_address_beside_vips_is_taken() -> None:
    sample = alone(nat()).changed({"services/web/vips": ["203.0.113.1"]})
    sample.facts["director"] = node(
        {"lo": ["203.0.113.1/32"], "inside": ["10.0.0.5/24"]}, [route("0.0.0.0/0", "10.0.0.1")]
    )
    sample.options["manage_vips"] = False
    assert destinations(sample) == [("10.0.0.5", 80, "masq")]


@pytest.mark.parametrize("mode", MODES)
def test_its_name_and_its_address_are_the_same(mode: str) -> None:
    sample = with_director(MODES[mode]())
    server = {**sample.services["web"]["real_servers"][0], "address": "10.0.0.5"}
    del server["host"]
    by_address = sample.changed({"services/web/real_servers/0": server})
    assert by_address.compile().violations == []
    assert by_address.compile().nodes == sample.compile().nodes
    assert by_address.compile().paths == sample.compile().paths
    assert by_address.compile().warnings == sample.compile().warnings


@pytest.mark.parametrize("mode", ["dr", "tun"])
def test_nothing_is_prepared_by_hand_on_it(mode: str) -> None:
    server = {"address": "10.0.0.5", "prepared": True}
    sample = with_director(MODES[mode]()).changed({"services/web/real_servers/0": server})
    found = sample.compile().violations
    assert [(one.id, one.host) for one in found] == [(f"{mode}.prepared", "director")]


def test_its_ftp_has_the_same_limits() -> None:
    (warning,) = alone(nat()).changed({"services/web/port": 21}).compile().warnings
    assert "if that is FTP, its data connections do not work" in warning


def test_what_goes_into_no_tunnel_always_fits() -> None:
    sample = tunnels().changed({"services/web/protocol": "udp"})
    assert sample.compile().warnings
    assert alone(sample).compile().warnings == []


def test_paths_say_so() -> None:
    own, other = with_director(direct_routing()).compile().paths
    assert (own["host"], own["on_director"], own["dips"]) == ("director", True, {})
    assert own["rip"] == "10.0.0.5"
    assert (other["host"], other["on_director"]) == ("web2", False)


def test_it_is_drained_by_its_name() -> None:
    director = modules(with_director(direct_routing()), "director")["director"]
    assert director["hosts"] == {"director": ["10.0.0.5"], "web2": ["10.0.0.12"]}


def test_it_has_a_mode_of_its_own_as_others_have() -> None:
    sample = with_director(tunnels(), mode="dr")
    assert [one[2] for one in destinations(sample)] == ["droute", "tunnel"]


@pytest.mark.parametrize("server", [{"host": "director"}, {"address": "10.0.0.5"}])
@pytest.mark.parametrize("mode", MODES)
def test_beside_another_director_one_reason_refuses_it(mode: str, server: dict[str, str]) -> None:
    sample = with_director(MODES[mode]()).changed(
        {
            "services/web/vips": ["10.0.0.100", "10.0.0.110"],
            "services/web/real_servers/0": server,
            "groups/lvs_directors": ["director", "spare"],
            "options/manage_vips": False,
        }
    )
    sample.facts["spare"] = {**sample.facts["director"], "addresses": inside(6, 1)["addresses"]}
    found = {one for one in sample.compile().violations if one.host != "web2"}
    assert [(one.id, one.service, one.host) for one in found] == [
        ("on-director.alone", "web", "director")
    ]
