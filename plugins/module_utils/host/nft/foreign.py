# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What other tables of nftables than ours may do to packets; rules are not followed."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from . import director_table, real_server_table, switch_table

_OURS = (director_table.TABLE, real_server_table.TABLE, switch_table.TABLE)
_VERDICTS = {"drop", "reject"}
_REDIRECTIONS = {"dnat", "redirect", "tproxy"}


def dropping(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tables with a rule or policy that drops, of ``nft --json list ruleset``."""
    found: dict[str, dict[str, Any]] = {}
    drops: set[str] = set()
    for entry in document.get("nftables", ()):
        for name, one in _parts(entry):
            table = found.setdefault(name, {"table": name, "hooks": [], "by_state": False})
            words = {*_words(one.get("expr", ()))}
            table["by_state"] = table["by_state"] or "ct state" in words
            if one.get("policy") == "drop" or words & _VERDICTS:
                drops.add(name)
            if one.get("hook") and one["hook"] not in table["hooks"]:
                table["hooks"].append(one["hook"])
    return [{**found[name], "hooks": sorted(found[name]["hooks"])} for name in sorted(drops)]


def redirecting(document: Mapping[str, Any]) -> list[str]:
    """Return the tables that lead packets to another address or port, or to another's socket."""
    return sorted(
        {
            name
            for entry in document.get("nftables", ())
            for name, one in _parts(entry)
            if {*_words(one.get("expr", ()))} & _REDIRECTIONS
        }
    )


def _parts(entry: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a chain or rule that is not ours, with the name of its table."""
    for kind, one in entry.items():
        if kind in ("chain", "rule") and one["table"] not in _OURS:
            yield f"{one['family']} {one['table']}", one


def _words(expression: object) -> Iterator[str]:
    """Yield what a rule is made of: names of statements and of what they look at."""
    if isinstance(expression, dict):
        for name, inner in expression.items():
            if name == "ct" and isinstance(inner, dict):
                yield f"ct {inner.get('key')}"
            elif name == "xt" and isinstance(inner, dict):
                yield str(inner.get("name", "")).lower()
            yield name
            yield from _words(inner)
    elif isinstance(expression, (list, tuple)):
        for inner in expression:
            yield from _words(inner)
