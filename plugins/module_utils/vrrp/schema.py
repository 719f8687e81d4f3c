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
from .model import Floating, Pair

MAX_ROUTER_ID = 255
MIN_INTERVAL, MAX_INTERVAL = 0.1, 40.0  # VRRP has 12 bits of hundredths of a second

# keepalived.conf(5) has meanings for other characters.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]+")

_PAIR_FIELDS: dict[str, Field] = {
    "router_id": Field("int", low=1, high=MAX_ROUTER_ID),
    "interval": Field("float", 1.0, low=MIN_INTERVAL, high=MAX_INTERVAL),
    "interface": Field("str"),
    "source": Field("str"),
    "peer": Field("str", ""),
    "track": Field("list", ()),
    "health": Field("bool", default=False),
}
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
    options = _required(_PAIR_FIELDS, "router_id", "interface", "source")
    options["addresses"] = {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": _required(_ADDRESS_FIELDS, "address", "interface"),
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
        *_missing(fields, values, "router_id", "interface"),
        *_wrong_interfaces(fields, [values["interface"], *values["track"]]),
    ]
    source, peer = normal_address(values["source"] or ""), ""
    if source is None:
        problems.append(fields.problem("source", "an address of this host"))
    elif values["peer"]:
        peer = normal_address(values["peer"]) or ""
        if not peer or family_of(peer) != family_of(source) or peer == source:
            expected = f"another {family_of(source)} address, the other director's"
            problems.append(fields.problem("peer", expected))
    addresses, found = _parse_addresses(item.get("addresses") or (), f"{where}.addresses")
    problems += found
    if not problems and source:
        problems += _misfits(source, addresses, f"{where}.addresses")
    sync, found = _parse_sync(item.get("sync"), f"{where}.sync")
    problems += found
    if problems or source is None:
        return None, problems
    return (
        Pair(
            values["router_id"],
            float(values["interval"]),
            values["interface"],
            source,
            tuple(addresses),
            peer,
            tuple(values["track"]),
            values["health"],
            sync,
        ),
        [],
    )


def render_vrrp(pair: Pair) -> dict[str, Any]:
    """The input format of a pair."""
    item: dict[str, Any] = {
        "router_id": pair.router_id,
        "interval": pair.interval,
        "interface": pair.interface,
        "source": pair.source,
        "peer": pair.peer,
        "addresses": [one._asdict() for one in pair.addresses],
        "track": [*pair.track],
        "health": pair.health,
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


def _parse_addresses(
    items: Sequence[Mapping[str, Any]], where: str
) -> tuple[list[Floating], list[Problem]]:
    found: list[Floating] = []
    problems: list[Problem] = []
    for index, item in enumerate(items):
        fields = Fields(item, f"{where}[{index}]")
        values = fields.read(_ADDRESS_FIELDS)
        address = normal_address(values["address"] or "")
        if address is None:
            problems.append(fields.problem("address", "an IPv4 or IPv6 address"))
        problems += [*fields.problems, *_wrong_interfaces(fields, [values["interface"]])]
        found.append(Floating(address or "", values["interface"] or ""))
    return found, problems


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


def _misfits(source: str, addresses: Sequence[Floating], where: str) -> Iterator[Problem]:
    names = [one.address for one in addresses]
    if family_of(source) not in map(family_of, names):
        yield Problem(where, names, f"at least one {family_of(source)} address, as the source is")
    if len({*names}) < len(names):
        yield Problem(where, sorted(names), "each address only once")


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
