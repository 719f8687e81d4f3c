# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The input format of a pair, with its conversion to the model and back."""

from __future__ import annotations

import re
from typing import Any, Iterator, Mapping, Sequence

from ..fields import Field, Fields, Problem, argument_spec
from ..ipvs.sync_daemon import (
    BACKUP,
    DEFAULT_GROUP,
    DEFAULT_PORT,
    MASTER,
    MAX_ID,
    SyncDaemon,
    is_group,
)
from ..net.addresses import MAX_PORT, family_of, normal_address
from ..net.devices import is_device_name
from .model import Floating, Instance, Pair

MAX_ROUTER_ID = 255
MIN_INTERVAL, MAX_INTERVAL = 0.1, 40.0  # VRRP has 12 bits of hundredths of a second
_MAX_PRIORITY = 254  # 255 says that the addresses are a host's own

# keepalived.conf(5) has meanings for other characters.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]+")

_PAIR_FIELDS: dict[str, Field] = {
    "router_id": Field("int", low=1, high=MAX_ROUTER_ID),
    "priority": Field("int", low=1, high=_MAX_PRIORITY),
    "interval": Field("float", 1.0, low=MIN_INTERVAL, high=MAX_INTERVAL),
    "interface": Field("str"),
    "track": Field("list", ()),
}
_INSTANCE_FIELDS: dict[str, Field] = {"source": Field("str"), "peer": Field("str", "")}
_ADDRESS_FIELDS: dict[str, Field] = {"address": Field("str"), "interface": Field("str")}
_SYNC_FIELDS: dict[str, Field] = {
    "interface": Field("str"),
    "send_id": Field("int", low=0, high=MAX_ID),
    "receive_id": Field("int", low=0, high=MAX_ID),
    "group": Field("str", DEFAULT_GROUP),
    "port": Field("int", DEFAULT_PORT, low=1, high=MAX_PORT),
}


def is_vrrp_interface(value: object) -> bool:
    """Whether keepalived's configuration can name an interface."""
    return is_device_name(value) and _PLAIN_NAME.fullmatch(str(value)) is not None


def vrrp_spec() -> dict[str, Any]:
    """The Ansible argument spec of the option."""
    instance = _required(_INSTANCE_FIELDS, "source")
    instance["addresses"] = {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": _required(_ADDRESS_FIELDS, "address", "interface"),
    }
    options = _required(_PAIR_FIELDS, "router_id", "priority", "interface")
    options["instances"] = {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": instance,
    }
    options["sync"] = {
        "type": "dict",
        "options": _required(_SYNC_FIELDS, "interface", "send_id", "receive_id"),
    }
    return {"type": "dict", "options": options}


def parse_vrrp(
    item: Mapping[str, Any] | None, where: str = "vrrp"
) -> tuple[Pair | None, list[Problem]]:
    """Parse a pair; return it or None, and all problems."""
    if not item:
        return None, []
    fields = Fields(item, where)
    values = fields.read(_PAIR_FIELDS)
    problems = [
        *fields.problems,
        *_missing(fields, values, "router_id", "priority", "interface"),
        *_wrong_interfaces(fields, [values["interface"], *values["track"]]),
    ]
    instances = []
    for index, one in enumerate(item.get("instances") or ()):
        instance, found = _parse_instance(one, f"{where}.instances[{index}]")
        problems += found
        instances += [instance] if instance else []
    if not problems:
        problems += _misfits(instances, item, where)
    sync, found = _parse_sync(item.get("sync"), f"{where}.sync")
    problems += found
    if problems:
        return None, problems
    return (
        Pair(
            values["router_id"],
            values["priority"],
            float(values["interval"]),
            values["interface"],
            tuple(values["track"]),
            tuple(instances),
            sync,
        ),
        [],
    )


def render_vrrp(pair: Pair) -> dict[str, Any]:
    """The input format of a pair."""
    item: dict[str, Any] = {
        "router_id": pair.router_id,
        "priority": pair.priority,
        "interval": pair.interval,
        "interface": pair.interface,
        "track": [*pair.track],
        "instances": [
            {
                "source": one.source,
                "peer": one.peer,
                "addresses": [floating._asdict() for floating in one.addresses],
            }
            for one in pair.instances
        ],
    }
    if pair.sync:
        sends = next(one for one in pair.sync if one.role == MASTER)
        receives = next(one for one in pair.sync if one.role == BACKUP)
        item["sync"] = {
            "interface": sends.interface,
            "send_id": sends.sync_id,
            "receive_id": receives.sync_id,
            "group": sends.group,
            "port": sends.port,
        }
    return item


def _required(table: Mapping[str, Field], *names: str) -> dict[str, dict[str, Any]]:
    spec = argument_spec(table)
    for name in names:
        spec[name]["required"] = True
    return spec


def _parse_instance(item: Mapping[str, Any], where: str) -> tuple[Instance | None, list[Problem]]:
    fields = Fields(item, where)
    values = fields.read(_INSTANCE_FIELDS)
    source = normal_address(values["source"] or "")
    peer = normal_address(values["peer"]) if values["peer"] else ""
    problems = fields.problems
    if source is None:
        problems.append(fields.problem("source", "an address of this host"))
    elif peer is None or (peer and family_of(peer) != family_of(source)) or peer == source:
        expected = f"another {family_of(source)} address, the other director's"
        problems.append(fields.problem("peer", expected))
    addresses = []
    for index, one in enumerate(item.get("addresses") or ()):
        place = f"{where}.addresses[{index}]"
        of_address = Fields(one, place)
        values = of_address.read(_ADDRESS_FIELDS)
        address = normal_address(values["address"] or "")
        if address is None:
            problems.append(of_address.problem("address", "an IPv4 or IPv6 address"))
        problems += [
            *of_address.problems,
            *_wrong_interfaces(of_address, [values["interface"]]),
        ]
        addresses.append(Floating(address or "", values["interface"] or ""))
    if problems or source is None:
        return None, problems
    return Instance(source, peer or "", tuple(addresses)), []


def _parse_sync(
    item: Mapping[str, Any] | None, where: str
) -> tuple[tuple[SyncDaemon, ...], list[Problem]]:
    if not item:
        return (), []
    fields = Fields(item, where)
    values = fields.read(_SYNC_FIELDS)
    problems = [
        *fields.problems,
        *_missing(fields, values, "send_id", "receive_id"),
        *_wrong_interfaces(fields, [values["interface"]]),
    ]
    group = normal_address(values["group"])
    if group is None or not is_group(group):
        problems.append(fields.problem("group", "a multicast address"))
    if problems or group is None:
        return (), problems
    interface, port = values["interface"], values["port"]
    return (
        SyncDaemon(MASTER, interface, values["send_id"], group, port),
        SyncDaemon(BACKUP, interface, values["receive_id"], group, port),
    ), []


def _misfits(
    instances: Sequence[Instance], item: Mapping[str, Any], where: str
) -> Iterator[Problem]:
    place, got = f"{where}.instances", item.get("instances")
    families = [one.family for one in instances]
    if not families or len({*families}) < len(families):
        yield Problem(place, got, "one for each family, and at least one")
    for index, one in enumerate(instances):
        if not any(family_of(each.address) == one.family for each in one.addresses):
            yield Problem(f"{place}[{index}].addresses", [], f"at least one {one.family} address")
    addresses = [each.address for one in instances for each in one.addresses]
    if len({*addresses}) < len(addresses):
        yield Problem(place, sorted(addresses), "each address only once")


def _missing(fields: Fields, values: Mapping[str, Any], *names: str) -> Iterator[Problem]:
    for name in names:
        if values[name] is None and name not in fields.bad:
            yield fields.problem(name, "a value")


def _wrong_interfaces(fields: Fields, names: Sequence[Any]) -> Iterator[Problem]:
    for name in names:
        if name is not None and not is_vrrp_interface(name):
            yield fields.problem(
                "interface",
                "the name of an interface, of letters, digits, dot, dash and underscore",
            )
