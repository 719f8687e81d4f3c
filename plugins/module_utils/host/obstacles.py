# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads what can keep a host from answering or forwarding; one process, and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator

from .errors import HostError
from .nft import foreign, run as nft
from .sockets import STATES, listening
from .sysctl import files as sysctl

ROOT = Path("/")

_LEGACY = {"iptables-legacy": "ip_tables_names", "ip6tables-legacy": "ip6_tables_names"}
# Hooks of each table of the old iptables that can drop, see net/ipv4/netfilter/iptable_*.c.
_HOOKS = {
    "filter": ["forward", "input", "output"],
    "mangle": ["forward", "input", "output", "postrouting", "prerouting"],
    "raw": ["output", "prerouting"],
    "security": ["forward", "input", "output"],
}
_ONLY_FILTERING = {"filter", "raw", "security"}  # no DNAT, REDIRECT or TPROXY
_TRACKED = {"tracked": "net/netfilter/nf_conntrack_count", "most": "net/netfilter/nf_conntrack_max"}


def gather() -> dict[str, Any]:
    """Everything that obstacles_info returns."""
    values = sysctl.read(_TRACKED.values())
    return {
        "listening": _listening(),
        **_filters(),
        "connections": {name: int(values[key]) for name, key in _TRACKED.items() if key in values},
    }


def forwarding_by_state() -> list[str]:
    """Return the tables whose rules forward by a connection's state, as far as they can be read.

    Nobody is asked where no connection is tracked.
    """
    key = _TRACKED["tracked"]
    if sysctl.read([key]).get(key, "0") == "0":
        return []
    filters = _filters()["filters"] or []
    return [one["table"] for one in filters if one["by_state"] and "forward" in one["hooks"]]


def _listening() -> list[dict[str, Any]]:
    found = []
    for protocol in STATES:
        for name in (protocol, f"{protocol}6"):
            try:
                text = (ROOT / "proc/net" / name).read_text(encoding="ascii")
            except FileNotFoundError:  # without IPv6
                continue
            found += [one for one in listening(protocol, text) if one not in found]
    return found


def _filters() -> dict[str, list[Any] | None]:
    """Tables that drop or redirect; None where they cannot be read: no nft, or an older one."""
    try:
        ruleset = nft.ruleset()
    except HostError:
        return {"filters": None, "redirects": None}
    old = [*_legacy_tables()]
    dropping = [
        {"table": f"{tool} {name}", "hooks": _HOOKS[name], "by_state": True}
        for tool, name in old
        if name in _HOOKS
    ]
    redirecting = [f"{tool} {name}" for tool, name in old if name not in _ONLY_FILTERING]
    return {
        "filters": [*foreign.dropping(ruleset), *dropping],
        "redirects": [*foreign.redirecting(ruleset), *redirecting],
    }


def _legacy_tables() -> Iterator[tuple[str, str]]:
    """Tables of the old iptables, which nft does not list; what is in them is not read."""
    for tool, file in _LEGACY.items():
        try:
            names = (ROOT / "proc/net" / file).read_text(encoding="ascii")
        except FileNotFoundError:  # no such table was ever used
            continue
        yield from ((tool, name) for name in names.split())
