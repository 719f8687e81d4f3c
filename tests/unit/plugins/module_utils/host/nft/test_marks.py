# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks in a director's nftables table as text, and their parser, on output of nft 1.0.6."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    Mark,
    NftTable,
    Resource,
    Snat,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.nft import director_table
from ansible_collections.lvs.topology.plugins.module_utils.net.ports import PortRange

THINGS: set[Resource] = {
    NftTable("lvs_director"),
    Mark("tcp", "10.0.0.100", PortRange.single(80), 1),
    Mark("sctp", "10.0.0.100", PortRange.single(443), 4294967295),
    Mark("udp", "2001:db8:10::100", PortRange.single(53), 7),
    Mark("udp", "2001:db8:10::100", PortRange(1024, 2047), 7),
}


RULES = json.loads((Path(__file__).parent / "recorded.json").read_text())


def listing(tcp: str | int = "tcp") -> dict[str, Any]:
    """What the lab's nft lists once it has read these."""
    table = {"family": "inet", "table": "lvs_director"}
    elements = {
        "marks_ipv4": [
            [{"concat": ["10.0.0.100", tcp, 80]}, 1],
            [{"concat": ["10.0.0.100", "sctp", 443]}, 4294967295],
        ],
        "marks_ipv6": [
            [{"concat": ["2001:db8:10::100", "udp", 53]}, 7],
            [{"concat": ["2001:db8:10::100", "udp", {"range": [1024, 2047]}]}, 7],
        ],
    }
    base = {**table, "type": "filter", "prio": -150, "policy": "accept"}
    return {
        "nftables": [
            {"metainfo": {"version": "1.0.6"}},
            {"table": {"family": "inet", "name": "lvs_director", "handle": 2}},
            *({"map": {**table, "name": name, "elem": elem}} for name, elem in elements.items()),
            *({"chain": {**base, "name": hook, "hook": hook}} for hook in ("input", "output")),
            *({"rule": one} for one in RULES if one["chain"] != "postrouting"),
        ]
    }


# Without /etc/protocols a protocol is shown by its number.
@pytest.mark.parametrize("tcp", ["tcp", 6])
def test_what_nft_shows_is_read(tcp: str | int) -> None:
    assert set(director_table.parse(listing(tcp))) == THINGS


def test_a_rule_that_does_something_else_is_seen() -> None:
    damaged = copy.deepcopy(listing())
    rule = next(one["rule"] for one in damaged["nftables"] if "rule" in one)
    rule["expr"] = [{"mangle": {"key": {"meta": {"key": "mark"}}, "value": 1}}]
    assert NftTable("lvs_director", intact=False) in set(director_table.parse(damaged))


@pytest.mark.parametrize("gone", ["chain", "rule"])
def test_a_part_that_lacks_something_is_seen(gone: str) -> None:
    damaged = copy.deepcopy(listing())
    damaged["nftables"].remove(next(one for one in damaged["nftables"] if gone in one))
    assert NftTable("lvs_director", intact=False) in set(director_table.parse(damaged))


@pytest.mark.parametrize(
    "key",
    [
        [{"prefix": {"addr": "10.0.0.0", "len": 24}}, "tcp", 80],
        ["10.0.0.100", "tcp", {"range": ["a", "b"]}],
        ["10.0.0.100", "tcp", {"set": [80]}],
        ["10.0.0.100", "tcp"],
    ],
    ids=str,
)
def test_an_element_of_somebody_else_is_seen(key: list[Any]) -> None:
    damaged = copy.deepcopy(listing())
    elements = next(one["map"]["elem"] for one in damaged["nftables"] if "map" in one)
    elements.append([{"concat": key}, 1])
    assert set(director_table.parse(damaged)) == {NftTable("lvs_director", intact=False)}


def test_a_map_has_intervals_where_it_has_ranges() -> None:
    lines = director_table.replace(THINGS).splitlines()
    ipv4, ipv6 = (line for line in lines if line.startswith("  map "))
    assert "interval" not in ipv4
    assert "flags interval; elements = { 2001:db8:10::100 . udp . 1024-2047 : 7, " in ipv6


def test_elements_that_are_gone_are_seen() -> None:
    damaged = copy.deepcopy(listing())
    for one in damaged["nftables"]:
        if "map" in one:
            del one["map"]["elem"]
    assert set(director_table.parse(damaged)) == {NftTable("lvs_director", intact=False)}


def test_marks_alone_bring_no_translation() -> None:
    text = director_table.replace(THINGS)
    assert "elements = { 10.0.0.100 . sctp . 443 : 4294967295, 10.0.0.100 . tcp . 80 : 1 };" in text
    assert text.count("priority mangle; policy accept;") == 2
    assert "nat" not in text
    assert "type nat hook postrouting" in director_table.replace(
        {*THINGS, Snat("tcp", "10.0.0.100", PortRange.single(80))}
    )


def test_a_probe_keeps_its_mark() -> None:
    lines = [line.strip() for line in director_table.replace(THINGS).splitlines()]
    begin = lines.index("chain output {")
    assert lines[begin + 2] == 'meta mark 1280704512-1280770047 return comment "probes"'
    assert all("return" not in line for line in lines[:begin])


def test_a_table_that_marks_probes_anew_is_seen() -> None:
    damaged = copy.deepcopy(listing())
    rules = [one for one in damaged["nftables"] if "rule" in one]
    damaged["nftables"].remove(next(one for one in rules if one["rule"]["comment"] == "probes"))
    assert NftTable("lvs_director", intact=False) in set(director_table.parse(damaged))


def test_a_mark_says_what_it_is() -> None:
    assert (
        str(Mark("tcp", "10.0.0.100", PortRange.single(80), 1))
        == "mark 1 for tcp 10.0.0.100 port 80"
    )
