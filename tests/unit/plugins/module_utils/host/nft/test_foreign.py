# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of nftables that may drop, as ``nft --json`` shows them."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.topology.plugins.module_utils.host.nft.foreign import (
    dropping,
    redirecting,
)

STATE = {
    "match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}
}


def chain(table: str, **given: object) -> dict[str, Any]:
    return {"chain": {"family": "inet", "table": table, "name": "one", **given}}


def rule(table: str, *expression: object) -> dict[str, Any]:
    return {"rule": {"family": "inet", "table": table, "chain": "one", "expr": [*expression]}}


def test_tables_that_drop() -> None:
    listed = [
        {"metainfo": {"version": "1.0.6"}},
        {"table": {"family": "inet", "name": "filter"}},
        chain("filter", hook="forward", policy="drop"),
        chain("filter", hook="input", policy="accept"),
        rule("filter", STATE, {"accept": None}),
        chain("firewalld", hook="prerouting", policy="accept"),
        rule("firewalld", {"reject": {"type": "icmpx", "expr": "admin-prohibited"}}),
        chain("old", hook="input", policy="accept"),
        rule("old", {"xt": {"type": "target", "name": "REJECT"}}),
        chain("nat", hook="postrouting", policy="accept"),
        rule("nat", {"masquerade": None}),
        chain("lvs_director", hook="prerouting", policy="accept"),
        rule("lvs_director", {"drop": None}),
    ]
    assert dropping({"nftables": listed}) == [
        {"table": "inet filter", "hooks": ["forward", "input"], "by_state": True},
        {"table": "inet firewalld", "hooks": ["prerouting"], "by_state": False},
        {"table": "inet old", "hooks": ["input"], "by_state": False},
    ]
    assert dropping({"nftables": []}) == []


def test_tables_that_lead_packets_elsewhere() -> None:
    listed = [
        chain("filter", hook="forward", policy="drop"),
        rule("filter", STATE, {"accept": None}),
        rule("published", {"dnat": {"addr": "172.17.0.2", "port": 80}}),
        rule("proxy", {"tproxy": {"port": 3128}}),
        rule("port", {"redirect": {"port": 8080}}),
        rule("nodeport", {"xt": {"type": "target", "name": "DNAT"}}),
        rule("nat", {"masquerade": None}),
        rule("lvs_director", {"dnat": {"addr": "10.0.0.1"}}),
    ]
    names = ["nodeport", "port", "proxy", "published"]
    assert redirecting({"nftables": listed}) == [f"inet {name}" for name in names]
