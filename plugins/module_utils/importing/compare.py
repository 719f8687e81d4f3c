# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether a declaration compiles to the table that it was made from.

No host has been asked yet. So the compiler gets real servers by their addresses, and the facts of
directors that have them all on their link: the table that it makes depends on no more. What real
hosts make of the declaration is for the playbook ``validate`` to say.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping, NamedTuple, Sequence

from ..ipvs.model import PERSISTENCE_ENGINES, SCHEDULERS, Entry, Table
from ..ipvs.schema import parse_services
from ..net.addresses import HOST_PREFIX, family_of
from ..topology.compile import compile_topology
from ..topology.declaration.inventory import DIRECTORS
from ..topology.declaration.schema import argument_spec
from ..topology.violation import Violation
from .declare import Declared

_DEVICE = "eth0"
_MAC = "02:00:00:00:00:01"
# Of a director, and of a second one.
_OWN = (("192.0.2.1", "2001:db8:ffff:ffff::1"), ("192.0.2.2", "2001:db8:ffff:ffff::2"))
_OF_DIRECTORS = frozenset(address for each in _OWN for address in each)
PAIR = "topology_high_availability"


class Compiled(NamedTuple):
    """What the compiler makes of a declaration."""

    tables: list[Table]  # of each director
    violations: list[Violation]


def compiled(declared: Declared) -> Compiled:
    """Compile a declaration whose real servers are addresses, with one director."""
    name = next(iter(declared.hosts[DIRECTORS]))
    return _compiled(declared, {name: _facts(declared.services, _OWN[0])}, {})


def compiled_as_pair(declared: Declared) -> Compiled:
    """Compile it with both directors, each with the address that it has in the inventory."""
    pair, directors = declared.variables[PAIR], declared.hosts[DIRECTORS]
    device = pair.get("interface") or _DEVICE
    devices = dict.fromkeys((device, (pair.get("sync") or {}).get("interface") or device))
    facts = {
        name: _facts(declared.services, _own(number, variables), *devices)
        for number, (name, variables) in enumerate(directors.items())
    }
    dips = {name: _list(variables.get("topology_dip")) for name, variables in directors.items()}
    return _compiled(declared, facts, {"high_availability": pair, "dips": dips})


def _own(number: int, variables: Mapping[str, Any]) -> list[str]:
    said = variables.get("ansible_host", "")
    return [said if family_of(one) == family_of(said) else one for one in _OWN[number]]


def _list(one: Any) -> list[Any]:  # noqa: ANN401 - as in an inventory
    return one if isinstance(one, list) else [one] if one else []


def _compiled(declared: Declared, facts: Mapping[str, Any], of_pair: Mapping[str, Any]) -> Compiled:
    options = {name: spec.get("default") for name, spec in argument_spec().items()}
    options["settings"] = declared.variables.get("topology_settings", {})
    groups = {**declared.groups, DIRECTORS: [*facts]}
    result = compile_topology(declared.services, groups, facts, {**options, **of_pair})
    if result.violations:
        return Compiled([], result.violations)
    tables = [parse_services(result.nodes[name]["director"]["services"])[0] for name in facts]
    return Compiled(tables, [])


def without_fallbacks(table: Table, given: Table, declared: Declared) -> Table:
    """Leave out fallbacks, which serve only while no other one does, unless they are given."""
    fallbacks: set[str] = set()
    for service in declared.services.values():
        health = service.get("health")
        fallback = health.get("fallback") if isinstance(health, Mapping) else None
        address = fallback.get("address") if isinstance(fallback, Mapping) else None
        # One that is a host is the director itself.
        fallbacks |= {address} if address else _OF_DIRECTORS if fallback else set()
    return {
        key: entry._replace(
            destinations={
                one: destination
                for one, destination in entry.destinations.items()
                if one.address not in fallbacks or (key in given and one in given[key].destinations)
            }
        )
        for key, entry in table.items()
    }


def differences(given: Table, made: Table) -> Iterator[str]:
    """Yield a sentence for each difference."""
    for key in sorted({*given, *made}):
        if key not in made:
            yield f"{key} is not declared"
        elif key not in given:
            yield f"{key} is declared, and is not there"
        else:
            yield from _in_entry(given[key], made[key])


def _in_entry(given: Entry, made: Entry) -> Iterator[str]:
    key = given.service.key
    for name, was, now in _fields(given.service, made.service):
        yield f"{key}: {name} {was}, declared {now}"
    new = [one for one in made.destinations if one not in given.destinations]
    itself = [one for one in new if one.address in _OF_DIRECTORS]
    for one in (*given.destinations, *new):
        if one in itself:
            yield f"{key}: the director is declared as a real server, by its own address"
        elif one not in made.destinations:
            yield f"{key}: real server {one} is not declared"
        elif one not in given.destinations:
            yield f"{key}: real server {one} is declared, and is not there"
        else:
            for name, was, now in _fields(given.destinations[one], made.destinations[one]):
                yield f"{key}: {name} {was} of real server {one}, declared {now}"
    common = [one for one in given.destinations if one in made.destinations]
    if [one for one in made.destinations if one in given.destinations] != common:
        yield f"{key}: the real servers are declared in another order"


def _fields(given: Any, made: Any) -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - alike
    for name, was in given._asdict().items():
        now = getattr(made, name)
        if was != now:
            yield name, was, now


def _facts(
    services: Mapping[str, Any], own: Sequence[str], device: str = _DEVICE, *others: str
) -> dict[str, Any]:
    """Facts of a director with these addresses that has everything on the link of a device."""
    addresses = [
        address for service in services.values() for address in (*service["vips"], *_rips(service))
    ]
    whole = [f"{one}/{HOST_PREFIX[family_of(one)]}" for one in dict.fromkeys(addresses)]
    routes = [_route(one, device) for one in ("0.0.0.0/0", "::/0", *whole)]
    return {
        "addresses": [_address(one, device) for one in own],
        "routes": routes,
        "routes_omitted": [],
        "rules": [
            _rule(family, priority, table)
            for family in HOST_PREFIX
            for priority, table in ((0, 255), (32766, 254))
        ],
        "ipvs": {
            "available": True,
            "modules": [*SCHEDULERS, *(f"pe_{one}" for one in PERSISTENCE_ENGINES)],
            "version": None,
            "sysctls": None,
        },
        "owners": [],
        "vip_owned": [],
        "vrrp": {"keepalived": "nobody", "others": [], "router_id": 0, "silent_peer": ""},
        "neighbours_owned": [],
        "links": [
            {
                "name": name,
                "kind": "",
                "up": True,
                "mac": _MAC,
                "mtu": 1500,
                "vrf": "",
                "vrf_table": 0,
                "link_local": [],
            }
            for name in (device, *others)
        ],
        "sysctls": {},
    }


def _rips(service: Mapping[str, Any]) -> Iterator[str]:
    entries: Sequence[Mapping[str, Any]] = service["real_servers"]
    for entry in entries:
        if "address" in entry:
            yield entry["address"]


def _address(address: str, device: str) -> dict[str, Any]:
    family = family_of(address)
    prefix = {"ipv4": 24, "ipv6": 64}[family]
    return {"device": device, "address": address, "prefix": prefix, "family": family}


def _route(destination: str, device: str) -> dict[str, Any]:
    return {
        "family": family_of(destination),
        "destination": destination,
        "table": 254,
        "type": "unicast",
        "source": "",
        "gateway": "",
        "device": device,
        "metric": 0,
        "tos": 0,
        "preferred_source": "",
    }


def _rule(family: str, priority: int, table: int) -> dict[str, Any]:
    return {
        "family": family,
        "priority": priority,
        "action": "table",
        "table": table,
        "target": 0,
        "source": "",
        "destination": "",
        "device": "",
        "out": "",
        "mark": 0,
        "mask": 0,
        "protocol": None,
        "source_ports": None,
        "destination_ports": None,
        "vrf": False,
        "inverted": False,
        "suppressed": -1,
        "other": [],
    }
