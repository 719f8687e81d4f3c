# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Takes out of a declaration what the compiler would refuse: what is written is valid."""

from __future__ import annotations

import re
from typing import Any, Iterable, List, Mapping

from ..health.schema import KIND_FIELDS
from ..ipvs.model import Table
from ..topology.acceptance import ACCEPTABLE
from ..topology.declaration.health import OF_ALL
from ..topology.declaration.inventory import DIRECTORS, REAL_SERVERS, parse_inventory
from ..topology.declaration.parser import parse_services
from ..topology.modes.table import SHAPES
from ..topology.violation import Violation, in_short
from .compare import PAIR, compiled, compiled_as_pair
from .declare import Declared, without_fallback
from .source import Place, Remarks

_SERVICES, _SETTINGS = "topology_services", "topology_settings"
_HEALTH_KEY = re.compile(r"(?:no )?health\.(\w+)")
_FALLBACK = "fallback"
_NO_SERVICE = ""
# Without one of these a health check asks something else, which may take good real servers out.
_NEEDED = frozenset(("check", "port", "through", *KIND_FIELDS))


def sound(
    declared: Declared, by_address: Declared, remarks: Remarks
) -> tuple[Declared, Declared, list[Table]]:
    """Return both without what is refused, and the table that each director gets from them."""
    while True:
        _services, violations = parse_services(
            declared.services, parse_inventory(declared.groups), SHAPES
        )
        made = compiled(by_address) if not violations else None
        refused = violations if made is None else made.violations
        if made and not refused:
            tables = _of_pair(by_address, remarks) or made.tables
            return _without_idle(declared), by_address, tables
        accepted = _accepted(refused, declared, remarks)
        if accepted:
            declared, by_address = _accepting(declared, accepted), _accepting(by_address, accepted)
            continue
        changes = _changes(refused, declared, remarks)
        if not changes:
            _refuse(refused, remarks)
            return _without_idle(declared), by_address, []
        declared, by_address = _changed(declared, changes), _changed(by_address, changes)


def _of_pair(declared: Declared, remarks: Remarks) -> list[Table]:
    """The tables of both directors; none, where there can be no such pair.

    No service goes for that: what two directors need can be given to them.
    """
    if PAIR not in declared.variables:
        return []
    made = compiled_as_pair(declared)
    _refuse(made.violations, remarks)
    return made.tables


def _refuse(refused: Iterable[Violation], remarks: Remarks) -> None:
    for one in in_short(refused):
        remarks.add(Place("the declaration"), f"the playbook site refuses it: {one}")


def with_common_health(declared: Declared) -> Declared:
    """Say once what all services say of health."""
    said = [service.get("health") for service in declared.services.values()]
    if not said[1:] or said[0] is None or any(one != said[0] for one in said):
        return declared
    services = {
        name: {key: value for key, value in service.items() if key != "health"}
        for name, service in declared.services.items()
    }
    others = {name: value for name, value in declared.variables.items() if name != _SERVICES}
    return declared._replace(variables={**others, OF_ALL: said[0], _SERVICES: services})


Accepted = Mapping[str, List[str]]  # service → checks


def _accepted(refused: Iterable[Violation], declared: Declared, remarks: Remarks) -> Accepted:
    """What its owner may accept, and has until now."""
    accepted: dict[str, list[str]] = {}
    for one in refused:
        if one.id in ACCEPTABLE and one.service in declared.services:
            accepted.setdefault(one.service, []).append(one.id)
            remarks.add(
                declared.places[one.service],
                f"check {one.id} is accepted in service {one.service}, as it was: {one.got}",
                f"better: {one.expected}",
            )
    return accepted


def _accepting(declared: Declared, accepted: Accepted) -> Declared:
    services = {
        name: {**service, "accept": [*service.get("accept", ()), *accepted[name]]}
        if name in accepted
        else service
        for name, service in declared.services.items()
    }
    return declared.with_services(services)


Changes = Mapping[str, Any]  # service → the key of health that goes; None = all of the service


def _changes(refused: Iterable[Violation], declared: Declared, remarks: Remarks) -> Changes:
    """What goes, so that nothing is refused for these reasons; each step takes something."""
    changes: dict[str, Any] = {}
    for one in refused:
        service = declared.services.get(one.service)
        if one.got.startswith(_SETTINGS) and _SETTINGS in declared.variables:
            changes[_NO_SERVICE] = None
            what = f"{_SETTINGS} is left out: {one.got}"
            remarks.add(Place("the declaration"), what, f"expected {one.expected}")
        if service is None:
            continue
        health = service.get("health")
        found = _HEALTH_KEY.match(one.got)
        key = found[1] if found else None
        if "health.fallback" in one.got:
            key = _FALLBACK
        if not isinstance(health, Mapping):
            key = None
        elif key and (key in _NEEDED or key not in health):
            key = "health"
        if one.service in changes and (changes[one.service] is None or key is not None):
            continue
        changes[one.service] = key
        part = "" if key is None else "health of " if key == "health" else f"health.{key} of "
        remarks.add(
            declared.places[one.service],
            f"{part}service {one.service} is left out: {one.got}",
            f"expected {one.expected}",
        )
    return changes


def _changed(declared: Declared, changes: Changes) -> Declared:
    services = {
        name: _without(service, changes.get(name, ""))
        for name, service in declared.services.items()
        if changes.get(name, "") is not None
    }
    changed = declared.with_services(services)
    if _NO_SERVICE in changes:
        del changed.variables[_SETTINGS]
    return changed


def _without(service: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return a service without a key of its health; "" = as it is."""
    if not key:
        return service
    if key == "health":
        return {**service, "health": False}
    if key == _FALLBACK:
        return {**service, "health": without_fallback(service["health"])}
    health = {name: value for name, value in service["health"].items() if name != key}
    return {**service, "health": health}


def _without_idle(declared: Declared) -> Declared:
    """Leave real servers out that no service has."""
    used = set()
    for service in declared.services.values():
        health = service.get("health")
        fallback = health.get(_FALLBACK) if isinstance(health, Mapping) else None
        used.add(fallback.get("host") if isinstance(fallback, Mapping) else fallback)
        used |= {entry.get("host") for entry in service["real_servers"]}
    real_servers = {
        name: variables for name, variables in declared.hosts[REAL_SERVERS].items() if name in used
    }
    return declared._replace(
        hosts={DIRECTORS: declared.hosts[DIRECTORS], REAL_SERVERS: real_servers}
    )
