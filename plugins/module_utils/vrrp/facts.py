# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What node_info tells of VRRP on this host, from files and by a question to the other director."""

from __future__ import annotations

import re
from typing import Any, Mapping

from .. import execute
from ..net.ask import is_silent
from ..state import files, paths
from ..state.record import Record
from ..state.section import VRRP, Section
from .render import HEADER
from .schema import MAX_ROUTER_ID

_ROUTER_ID = re.compile(r"^[ \t]*virtual_router_id[ \t]+([0-9]{1,3})\b", re.MULTILINE)


def gather(director: Record) -> dict[str, Any]:
    """Who has configured keepalived, and which virtual routers there are."""
    text = (files.read(paths.keepalived_file()) or b"").decode("utf-8", "replace")
    ours = text.startswith(HEADER)
    found = {int(number) for number in _ROUTER_ID.findall(text)}
    configured = "us" if ours else "others" if text.strip() else "nobody"
    kept = _kept(director)
    return {
        "keepalived": configured if execute.find("keepalived") else "",
        "others": [] if ours else sorted(one for one in found if 0 < one <= MAX_ROUTER_ID),
        "router_id": int(kept.get("router_id", 0)),
        "silent_peer": _silent_peer(kept),
    }


def addresses(director: Record) -> set[str]:
    """The addresses of the pair that this host is a director of."""
    return {str(one["address"]) for one in _kept(director).get("addresses", [])}


def _silent_peer(kept: Mapping[str, Any]) -> str:
    """The other director as this one has known it so far; a first run learns of it later."""
    peer = str(kept.get("peer", ""))
    is_gone = peer and is_silent(str(kept.get("interface")), str(kept.get("source")), peer)
    return peer if is_gone else ""


def _kept(director: Record) -> dict[str, Any]:
    kept: dict[str, Any] = Section(director, VRRP).desired.get("pair", {})
    return kept
