# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What hosts told of a verification, as far as it has the shape of what our modules return.

Each host's part stands for itself: what one host makes up costs no other one its verdict.
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence, get_type_hints

from ..ipvs.sync_daemon import SyncDaemon
from ..packets import frames
from ..packets.results import NeighbourReply, Result
from .report import Observed
from .shape import fits, is_address, is_empty

_ADDRESSES: dict[str, Any] = {
    **dict.fromkeys(("source", "target", "sender", "address"), is_address),
    **dict.fromkeys(("outer_source", "outer_target"), (is_address, is_empty)),
}


def _frame(kind: type) -> dict[str, Any]:
    fields = get_type_hints(kind)
    del fields["seen"]
    addresses = {name: shape for name, shape in _ADDRESSES.items() if name in fields}
    return {**get_type_hints(frames.Seen), **fields, **addresses}


_CAPTURE: dict[str, Any] = {
    **{name: [_frame(kind)] for kind, name in frames.NAMES.items()},
    "complete": bool,
    "dropped": int,
}
_REPLIES: list[Any] = [get_type_hints(NeighbourReply)]
_RESULTS: list[Any] = [get_type_hints(Result)]
_TABLE: list[Any] = [
    {"destinations": [{"address": is_address, "port": int, "weight": int, "forwarding": str}]}
]
_SYNC_DAEMONS: list[Any] = [{**get_type_hints(SyncDaemon), "group": is_address}]
_OBSTACLES: dict[str, Any] = {
    "listening": [{"protocol": str, "address": is_address, "port": int}],
    "filters": (type(None), [{"table": str, "hooks": [str], "by_state": bool}]),
    "redirects": (type(None), [str]),
    "connections": (is_empty, {"tracked": int, "most": int}),
}
_NOTHING_SEEN: dict[str, Any] = {
    **{name: [] for name in frames.NAMES.values()},
    "complete": False,
    "dropped": 0,
}


def as_told(observed: Observed) -> tuple[Observed, list[str]]:
    """Return what can be read of it, and a sentence about each part that cannot."""
    odd: list[str] = []

    def sound(kind: str, found: Mapping[str, Any], shape: object) -> dict[str, Any]:
        right = {host: one for host, one in found.items() if fits(one, shape)}
        odd.extend(_sentence(host, kind) for host in found if host not in right)
        return right

    captures = sound("its capture", observed.captures, _CAPTURE)
    results: Sequence[Mapping[str, Any]] = ()
    if fits(observed.results, _RESULTS):
        results = [{name: one[name] for name in Result._fields} for one in observed.results]
    else:
        odd.append(_sentence(observed.client, "its results"))
    readable = observed._replace(
        captures={host: captures.get(host, _NOTHING_SEEN) for host in observed.captures},
        neighbour_replies=sound("replies", observed.neighbour_replies, _REPLIES),
        results=results,
        tables=sound("its table", observed.tables, _TABLE),
        sync_daemons=sound("its sync daemons", observed.sync_daemons, _SYNC_DAEMONS),
        obstacles=sound("its obstacles", observed.obstacles, _OBSTACLES),
    )
    return readable, odd


def _sentence(host: str, kind: str) -> str:
    return f"what {host} told as {kind} is not of that shape, and was left out"
