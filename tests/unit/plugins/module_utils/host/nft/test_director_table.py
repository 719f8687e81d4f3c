# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director's nftables table as text, and its parser, on output of nft 1.0.6."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    LocalAddresses,
    NftTable,
    Resource,
    Snat,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.nft import director_table
from ansible_collections.lvs.topology.plugins.module_utils.net.ports import PortRange

# As nft 1.0.6 and 1.1.3 list what director_table.replace() gives.
RULES = json.loads((Path(__file__).parent / "recorded.json").read_text())
THINGS: set[Resource] = {
    NftTable("lvs_director"),
    Snat("tcp", "10.0.0.100", PortRange.single(80)),
    Snat("udp", "2001:db8:10::100", PortRange.single(53)),
    Snat("tcp", "2001:db8:10::100", PortRange(8080, 8081)),
    LocalAddresses("10.1.0.11", "10.1.0.5", "10.1.0.5"),
    LocalAddresses("10.1.0.12", "10.1.0.6", "10.1.0.9"),
    LocalAddresses("2001:db8:11::11", "2001:db8:11::8", "2001:db8:11::b"),
}


def listing() -> dict[str, Any]:
    """What the lab's nft lists once it has read these."""
    table = {"family": "inet", "table": "lvs_director"}
    names = ["tcp_ipv4", "udp_ipv4", "tcp_ipv6", "udp_ipv6"]
    elements: dict[str, list[Any]] = {
        "services_tcp_ipv4": [{"concat": ["10.0.0.100", 80]}],
        "services_tcp_ipv6": [{"concat": ["2001:db8:10::100", {"range": [8080, 8081]}]}],
        "services_udp_ipv6": [{"concat": ["2001:db8:10::100", 53]}],
        "sources_ipv4": [
            ["10.1.0.11", {"prefix": {"addr": "10.1.0.5", "len": 32}}],
            ["10.1.0.12", {"range": ["10.1.0.6", "10.1.0.9"]}],
        ],
        "sources_ipv6": [["2001:db8:11::11", {"prefix": {"addr": "2001:db8:11::8", "len": 126}}]],
    }

    def container(kind: str, name: str) -> dict[str, Any]:
        elem = {"elem": elements[name]} if name in elements else {}
        return {kind: {**table, "name": name, **elem}}

    return {
        "nftables": [
            {"metainfo": {"version": "1.0.6"}},
            {"table": {"family": "inet", "name": "lvs_director", "handle": 7}},
            *(container("set", f"services_{name}") for name in names),
            *(container("map", f"sources_{name}") for name in ("ipv4", "ipv6")),
            {
                "chain": {
                    **table,
                    "name": "postrouting",
                    "type": "nat",
                    "hook": "postrouting",
                    "prio": 100,
                    "policy": "accept",
                }
            },
            *({"rule": one} for one in RULES if one["chain"] == "postrouting"),
        ]
    }


def test_what_nft_shows_is_read() -> None:
    assert set(director_table.parse(listing())) == THINGS


@pytest.mark.parametrize("gone", ["chain", "rule", "set", "map"])
def test_a_table_that_lacks_something_is_seen(gone: str) -> None:
    damaged = copy.deepcopy(listing())
    first = next(one for one in damaged["nftables"] if gone in one)
    damaged["nftables"].remove(first)
    assert NftTable("lvs_director", intact=False) in set(director_table.parse(damaged))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("rule", "expr"), [{"accept": None}]),
        (("rule", "expr", 0, "match", "op"), "!="),
        (("rule", "expr", 0, "match", "right"), 17),
        (("rule", "expr", 1, "match", "right"), "@services_udp_ipv4"),
        (("rule", "expr", 2, "snat", "addr"), "10.1.0.5"),
        (("chain", "prio"), -300),
    ],
)
def test_a_rule_that_does_something_else_is_seen(place: tuple[Any, ...], value: object) -> None:
    damaged = copy.deepcopy(listing())
    kind, *steps, last = place
    part = next(one[kind] for one in damaged["nftables"] if kind in one)
    for step in steps:
        part = part[step]
    part[last] = value
    assert NftTable("lvs_director", intact=False) in set(director_table.parse(damaged))


def test_a_protocol_may_be_shown_by_its_number() -> None:
    listed = copy.deepcopy(listing())
    first = next(one["rule"] for one in listed["nftables"] if "rule" in one)
    first["expr"][0]["match"]["right"] = 6
    assert set(director_table.parse(listed)) == THINGS


def test_a_rule_too_many_is_seen() -> None:
    damaged = copy.deepcopy(listing())
    damaged["nftables"].append({"rule": {"expr": []}})
    assert NftTable("lvs_director", intact=False) in set(director_table.parse(damaged))


def test_the_text_is_one_transaction_and_always_the_same() -> None:
    text = director_table.replace(THINGS)
    assert text == director_table.replace(sorted(THINGS, key=str))
    assert text.startswith("table inet lvs_director {}\ndelete table inet lvs_director\n")
    assert "elements = { 10.0.0.100 . 80 };" in text
    assert "flags interval; elements = { 2001:db8:10::100 . 8080-8081 };" in text
    assert "elements = { 10.1.0.11 : 10.1.0.5-10.1.0.5, 10.1.0.12 : 10.1.0.6-10.1.0.9 };" in text
    assert text.count("snat ip to ip daddr map @sources_ipv4") == 2
    assert text.count("snat ip6 to ip6 daddr map @sources_ipv6") == 2


def test_connections_keep_their_source_for_as_long_as_local_addresses_are_there() -> None:
    hook = "type nat hook postrouting"
    without_services = {one for one in THINGS if not isinstance(one, Snat)}
    assert hook in director_table.replace(without_services)
    assert hook not in director_table.replace({NftTable("lvs_director")})


def test_things_say_what_they_are() -> None:
    assert sorted(map(str, THINGS)) == [
        "rules of nft table inet lvs_director",
        "source NAT of tcp 10.0.0.100 port 80",
        "source NAT of tcp 2001:db8:10::100 port 8080-8081",
        "source NAT of udp 2001:db8:10::100 port 53",
        "source address 10.1.0.5 towards 10.1.0.11",
        "source address 10.1.0.6 to 10.1.0.9 towards 10.1.0.12",
        "source address 2001:db8:11::8 to 2001:db8:11::b towards 2001:db8:11::11",
    ]
