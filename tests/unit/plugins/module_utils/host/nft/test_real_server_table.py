# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real server's nftables table as text, and its parser, on output of nft 1.0.6."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    MssLimit,
    NftTable,
    Resource,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.nft import real_server_table

LIMITS: set[Resource] = {MssLimit("10.0.0.100", 1400), MssLimit("2001:db8:10::100", 1380)}
LISTING: dict[str, Any] = json.loads("""{"nftables": [
 {"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
 {"table": {"family": "inet", "name": "lvs_real_server", "handle": 2}},
 {"chain": {"family": "inet", "table": "lvs_real_server", "name": "output", "handle": 1,
  "type": "filter", "hook": "output", "prio": -150, "policy": "accept"}},
 {"rule": {"family": "inet", "table": "lvs_real_server", "chain": "output", "handle": 2, "expr": [
  {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}},
   "right": "10.0.0.100"}},
  {"match": {"op": "==", "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}},
   ["syn", "rst"]]}, "right": "syn"}},
  {"mangle": {"key": {"tcp option": {"name": "maxseg", "field": "size"}}, "value": 1400}}]}},
 {"rule": {"family": "inet", "table": "lvs_real_server", "chain": "output", "handle": 3, "expr": [
  {"match": {"op": "==", "left": {"payload": {"protocol": "ip6", "field": "saddr"}},
   "right": "2001:db8:10::100"}},
  {"match": {"op": "==", "left": {"&": [{"payload": {"protocol": "tcp", "field": "flags"}},
   ["syn", "rst"]]}, "right": "syn"}},
  {"mangle": {"key": {"tcp option": {"name": "maxseg", "field": "size"}}, "value": 1380}}]}}]}
""")


def test_listing_of_what_was_written() -> None:
    assert set(real_server_table.parse(LISTING)) == {*LIMITS, NftTable("lvs_real_server")}


def test_listing_of_nft_1_1_3() -> None:
    listed = copy.deepcopy(LISTING)
    for one in listed["nftables"][3:]:
        one["rule"]["expr"][1]["match"]["left"]["&"][1] = {"|": ["syn", "rst"]}
    assert set(real_server_table.parse(listed)) == {*LIMITS, NftTable("lvs_real_server")}


def test_text_replaces_the_table_in_one_transaction() -> None:
    assert real_server_table.replace([*LIMITS, NftTable("lvs_real_server")]).splitlines() == [
        "table inet lvs_real_server {}",
        "delete table inet lvs_real_server",
        "table inet lvs_real_server {",
        "  chain output {",
        "    type filter hook output priority mangle; policy accept;",
        ("    ip saddr 10.0.0.100 tcp flags & (syn | rst) == syn tcp option maxseg size set 1400"),
        (
            "    ip6 saddr 2001:db8:10::100 tcp flags & (syn | rst) == syn "
            "tcp option maxseg size set 1380"
        ),
        "  }",
        "}",
    ]


def test_a_rule_without_expressions_is_a_foreign_one() -> None:
    listed = copy.deepcopy(LISTING)
    listed["nftables"].append({"rule": {"table": "lvs_real_server", "chain": "output"}})
    parsed = set(real_server_table.parse(listed))
    assert parsed == {*LIMITS, NftTable("lvs_real_server", intact=False)}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((2, "chain", "policy"), "drop"),
        ((2, "chain", "hook"), "input"),
        ((3, "rule", "expr"), [{"accept": None}]),
        ((3, "rule", "expr", 0, "match", "op"), "!="),
        ((3, "rule", "expr", 0, "match", "left", "payload", "field"), "daddr"),
        ((3, "rule", "expr", 0, "match", "left", "payload", "protocol"), "ip6"),
        ((3, "rule", "expr", 1, "match", "right"), "fin"),
        ((3, "rule", "expr", 1, "match", "op"), "!="),
        ((3, "rule", "expr", 1, "match", "left", "&", 1), ["syn"]),
        ((2, "chain", "prio"), 0),
        ((3, "rule", "expr", 2, "mangle", "key", "tcp option", "name"), "sack"),
        ((3, "rule", "expr", 2, "mangle", "value"), {"rt": {"key": "mtu"}}),
    ],
)
def test_what_somebody_changed_is_noticed(place: tuple[Any, ...], value: object) -> None:
    damaged = copy.deepcopy(LISTING["nftables"])
    at = damaged
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    parsed = set(real_server_table.parse({"nftables": damaged}))
    assert NftTable("lvs_real_server", intact=False) in parsed
    assert MssLimit("2001:db8:10::100", 1380) in parsed
