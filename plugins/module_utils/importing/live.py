# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A director's table, as module ``ipvs_info`` returns it → services."""

from __future__ import annotations

from typing import Any, Mapping

from ..ipvs.model import Table
from ..ipvs.schema import parse_services, render_destination, render_entry
from ..json_types import is_a
from ..topology.declaration.bounded import bounded
from .source import Place, Remarks, Server, Service, Source, SourceError

_DEFAULTS = {"tcp_timeout": 900, "tcp_fin_timeout": 120, "udp_timeout": 300}
"""Of the kernel: net/netfilter/ipvs/ip_vs_proto_tcp.c and ip_vs_proto_udp.c."""


def table_of(given: Mapping[str, Any], director: str) -> Table:
    """Return the table that was read, with destinations in the order of their addition.

    The kernel lists the last one first (list_add_rcu() in __ip_vs_update_dest() in ip_vs_ctl.c).
    """
    place = _place(director)
    services: Any = bounded(given.get("services"))
    if not _are_dicts(services) or not all(_are_dicts(one.get("destinations")) for one in services):
        raise SourceError(place, "its table: expected services, each with destinations")
    table, problems = parse_services(services)
    if problems:
        raise SourceError(place, f"its table: {problems[0]}")
    return {
        key: entry._replace(destinations=dict(reversed([*entry.destinations.items()])))
        for key, entry in table.items()
    }


def _are_dicts(value: Any) -> bool:  # noqa: ANN401 - from a host
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def read_live(given: Mapping[str, Any], director: str, remarks: Remarks) -> Source:
    """Return its services."""
    found = []
    table = table_of(given, director)
    if not table:
        raise SourceError(_place(director), "its table has no services: there is nothing to import")
    for key, entry in table.items():
        place = Place(f"director {director}: {key}")
        item = render_entry(entry)
        del item["destinations"]
        servers = tuple(
            Server(place, render_destination(one)) for one in entry.destinations.values()
        )
        drained = [str(one.key) for one in entry.destinations.values() if not one.weight]
        if drained:
            remarks.add(
                place,
                f"{', '.join(drained)} has weight 0 now, and is declared with it",
                "declare the weight that it has when it serves",
            )
        found.append(Service(place, "", item, servers))
    timeouts = given.get("timeouts")
    settings = {
        name: timeouts[name]
        for name, usual in _DEFAULTS.items()
        if isinstance(timeouts, dict) and is_a(timeouts.get(name), int) and timeouts[name] != usual
    }
    return Source(_place(director), tuple(found), settings=settings or None)


def _place(director: str) -> Place:
    return Place(f"director {director}")
