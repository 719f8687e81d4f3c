# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run in a few lines: each service with the real servers that are in or out, and what changed."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..module_utils.grid import grid
from ..module_utils.ipvs.model import endpoint
from ..module_utils.listing import MOST_NAMES, count, few
from ..module_utils.net.addresses import family_of
from ..module_utils.net.ports import parse_ports

Service = dict[str, Any]
"""What people are told of a service, as JSON; ``services_of`` makes it."""

MOST_SERVICES = 20
_NAMES_OF_A_LINE = 3
_HEAD = ("service", "mode", "VIP", "real servers (weight)", "out, and why")


def services_of(paths: Iterable[Mapping[str, Any]]) -> list[Service]:
    """Return the services of compiled paths, in their order."""
    found: dict[str, Service] = {}
    for path in paths:
        empty: Service = {"name": path["service"], "modes": {}, "vips": {}, "keys": {}}
        one = found.setdefault(path["service"], {**empty, "servers": {}})
        one["modes"][path["mode"]] = None
        one["vips"][_written(path)] = None
        one["keys"][_key_of_path(path)] = None
        server = one["servers"].setdefault(
            path["server"],
            {"weight": path["weight"], "fallback": path["fallback"], "rips": {}},
        )
        server["rips"][path["rip"]] = None
    return [
        {
            **one,
            **{name: [*one[name]] for name in ("modes", "vips", "keys")},
            "servers": {
                name: {**server, "rips": [*server["rips"]]}
                for name, server in one["servers"].items()
            },
        }
        for one in found.values()
    ]


def render(
    services: Sequence[Service], done: Sequence[Mapping[str, Any]], *, check_mode: bool
) -> str:
    """Draw the table, and say below it which hosts changed."""
    reasons = _reasons(done)
    # Of many services those are shown that lack a real server.
    ordered = sorted(services, key=lambda one: not _out(one, reasons))
    kept = {one["name"] for one in ordered[:MOST_SERVICES]}
    shown = [one for one in services if one["name"] in kept]
    lines = [*grid(_HEAD, [_row(one, reasons) for one in shown])] if shown else []
    more = ordered[MOST_SERVICES:]
    if more:
        short = sum(bool(_out(one, reasons)) for one in more)
        state = f"{short} of them with a real server out" if short else "all real servers in"
        lines.append(f"and {count(len(more), 'more service')}, {state}")
    return "\n".join([*lines, _changed(done, check_mode=check_mode)])


_Reasons = dict[tuple[str, str], str]  # key of a service and RIP → why it has weight 0


def _reasons(done: Iterable[Mapping[str, Any]]) -> _Reasons:
    found: _Reasons = {}
    for host in done:
        for one in host["lowered"]:
            if not one["weight"]:
                place = (_key(**one["service"]), one["destination"]["address"])
                found.setdefault(place, one["reason"])
    return found


def _row(service: Service, reasons: _Reasons) -> list[list[str]]:
    out = _out(service, reasons)
    serving = {name: one for name, one in service["servers"].items() if name not in out}
    alike = len({one["weight"] for one in serving.values()}) <= 1
    names = [name if alike else f"{name} ({one['weight']})" for name, one in serving.items()]
    return [
        [service["name"]],
        [", ".join(service["modes"])],
        _first(service["vips"]),
        _lines(names) or ["none"],
        _first([f"{name}: {reason}" for name, reason in out.items()]),
    ]


def _out(service: Service, reasons: _Reasons) -> dict[str, str]:
    """Who gets no new connections, and why."""
    found = {}
    for name, one in service["servers"].items():
        places = ((key, rip) for key in service["keys"] for rip in one["rips"])
        reason = next((reasons[place] for place in places if place in reasons), None)
        if not one["weight"]:
            found[name] = "declared with weight 0"
        elif reason is not None:
            found[name] = reason
    return found


def _changed(done: Sequence[Mapping[str, Any]], *, check_mode: bool) -> str:
    hosts = count(len(done), "host")
    changed = [one["host"] for one in done if one["changed"]]
    if not changed:
        would = "would change" if check_mode else "had to change"
        return f"Nothing {would} on {hosts}."
    verb = "Would change" if check_mode else "Changed"
    return f"{verb} {len(changed)} of {hosts}: {few(changed)}."


def _lines(names: Collection[str]) -> list[str]:
    """Names, a few on each line."""
    shown = [*names][: 2 * _NAMES_OF_A_LINE]
    more = len(names) - len(shown)
    parts = [shown[at : at + _NAMES_OF_A_LINE] for at in range(0, len(shown), _NAMES_OF_A_LINE)]
    lines = [", ".join(part) for part in parts]
    return [*lines[:-1], f"{lines[-1]} and {more} more"] if more else lines


def _first(lines: Sequence[str]) -> list[str]:
    more = len(lines) - MOST_NAMES
    return [*lines[:MOST_NAMES], *([f"and {more} more"] if more > 0 else [])]


def _written(path: Mapping[str, Any]) -> str:
    protocol = "" if path["protocol"] == "tcp" else f"/{path['protocol']}"
    ports = parse_ports(path["ports"], 0)
    return (
        endpoint(path["vip"], ports) if ports and path["ports"] != "0" else path["vip"]
    ) + protocol


def _key_of_path(path: Mapping[str, Any]) -> str:
    if path["fwmark"]:
        return _key(fwmark=path["fwmark"], family=family_of(path["vip"]))
    return _key(protocol=path["protocol"], address=path["vip"], port=path["port"])


def _key(**parts: object) -> str:
    """How IPVS knows a service, as text."""
    return " ".join(f"{name}={parts[name]}" for name in sorted(parts))


def command(sources: Iterable[str], playbook: str) -> str:
    """Return a command to type, for this run's inventory."""
    options = (f"-i {shlex.quote(source)}" for source in sources)
    return " ".join(("ansible-playbook", *options, f"lvs.topology.{playbook}"))
