# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What health checks have decided: which real servers get fewer requests than declared, and why."""

from __future__ import annotations

from typing import Any, Dict, Iterable, Mapping, NamedTuple, Sequence, Tuple

from ..net.addresses import family_of
from .endpoints import Endpoint, Server
from .hosts import Host, Hosts
from .shape import fits

NOT_NEEDED = "the fallback serves only while no other real server of the service does"

# As node_info returns it.
_FACTS: dict[str, Any] = {
    "running": bool,
    "weights": [
        {
            "service": {},
            "destination": {"address": str, "port": int},
            "weight": int,
            "reason": str,
        }
    ],
}
_Target = Tuple[object, ...]


class _Decision(NamedTuple):
    weight: int
    reason: str


_Decisions = Dict[_Target, _Decision]


def is_dead(host: Host) -> bool:
    """Whether a director's health daemon is known not to run."""
    found = host.facts.get("health", {})
    return fits(found, {"running": bool}) and not found["running"]


def with_decisions(
    endpoints: Iterable[Endpoint], hosts: Hosts, directors: Sequence[str]
) -> tuple[Endpoint, ...]:
    """Return the endpoints with the weights that real servers have by their health."""
    known = {
        name: _decisions(hosts.by_name[name].facts) for name in directors if name in hosts.by_name
    }
    return tuple(_decided(one, hosts, known) if one.is_watched else one for one in endpoints)


def _decided(endpoint: Endpoint, hosts: Hosts, known: Mapping[str, _Decisions]) -> Endpoint:
    # Of several directors the one counts that has the VIP.
    active = [name for name in known if endpoint.vip in hosts.by_name[name].addresses]
    decisions: _Decisions = next((known[name] for name in (*active, *known)), {})
    servers = (_server(server, endpoint, decisions) for server in endpoint.servers)
    return endpoint._replace(servers=tuple(servers))


def _server(server: Server, endpoint: Endpoint, decisions: _Decisions) -> Server:
    place = (server.rip, 0 if endpoint.fwmark else server.port)
    decision = decisions.get((*_key(endpoint), *place))
    if decision:
        # A weight that the declaration has lowered since holds at once.
        weight = min(decision.weight, server.weight)
        return server._replace(weight=weight, reason=decision.reason)
    return server._replace(weight=0, reason=NOT_NEEDED) if server.is_fallback else server


def _key(endpoint: Endpoint) -> _Target:
    if endpoint.fwmark:
        return endpoint.fwmark, family_of(endpoint.vip)
    return endpoint.protocol, endpoint.vip, endpoint.port


def _decisions(facts: Mapping[str, Any]) -> _Decisions:
    found = facts.get("health", {})
    if not fits(found, _FACTS):
        return {}
    decisions = {}
    for one in found["weights"]:
        service, destination = one["service"], one["destination"]
        names = ("fwmark", "family") if "fwmark" in service else ("protocol", "address", "port")
        key = tuple(service.get(name) for name in names)
        place = (destination["address"], destination["port"])
        decisions[(*map(_plain, key), *place)] = _Decision(one["weight"], one["reason"])
    return decisions


def _plain(value: object) -> object:
    """A part of a key; whatever else a host tells is none."""
    return value if isinstance(value, (str, int)) else None
