# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads what can keep a host from answering or forwarding; one process, and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .errors import HostError
from .nft import foreign, run as nft
from .sockets import STATES, listening
from .sysctl import files as sysctl

ROOT = Path("/")

_TRACKED = {"tracked": "net/netfilter/nf_conntrack_count", "most": "net/netfilter/nf_conntrack_max"}


def gather() -> dict[str, Any]:
    """Everything that obstacles_info returns."""
    values = sysctl.read(_TRACKED.values())
    return {
        "listening": _listening(),
        "filters": _filters(),
        "connections": {name: int(values[key]) for name, key in _TRACKED.items() if key in values},
    }


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


def _filters() -> list[dict[str, Any]] | None:
    """None where they cannot be read: no nft, or an older one."""
    try:
        return foreign.dropping(nft.ruleset())
    except HostError:
        return None
