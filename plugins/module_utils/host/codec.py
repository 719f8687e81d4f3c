# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Conversion between the model and the JSON values of a state file."""

from __future__ import annotations

import re
from typing import Any, Container, Iterable, Mapping, get_type_hints

from ..json_types import is_a
from ..net.addresses import HOST_PREFIX, normal_address
from ..net.devices import is_device_name
from ..net.ports import PortRange, parse_ports
from ..state import content
from ..state.record import Record
from ..tunnels.gue import GUE
from ..tunnels.table import DEVICES
from .model import (
    HELPERS,
    KINDS,
    Desired,
    OriginalValue,
    Owned,
    Past,
    Resource,
    SysctlRequirement,
)
from .nft import director_table, real_server_table
from .sysctl.rules import device_of

_TYPES = {kind: get_type_hints(kind) for kind in KINDS.values()}
# What a field of a resource may hold, apart from its type.
_ADDRESSES = ("address", "first", "gateway", "last", "local", "real_server", "source")
_NAMES = ("device", "name")
_CHOICES: dict[tuple[str, str], Container[str]] = {
    ("Tunnel", "kind"): DEVICES,
    ("GuePort", "kind"): (GUE.name,),
    ("GuePort", "family"): HOST_PREFIX,
    ("NftTable", "table"): (director_table.TABLE, real_server_table.TABLE),
}
_WORD = re.compile("[!-~]+")
# Timeouts of IPVS have names without folders, see converge/settings.py.
# Foreign devices may have any name that the kernel takes, dev_valid_name() in net/core/dev.c. Its
# isspace() knows fewer blanks than \s (lib/ctype.c).
_KEY = re.compile(r"[a-z_]+|net(/(?!\.{1,2}(/|$))[^/\t-\r \0\ud800-\udfff]+)+")
_NUMBER = re.compile("-?[0-9]{1,10}")
_ANY_VALUE = "net/ipv4/vs/"  # the only ones that may be no number


def load(record: Record) -> Past:
    """Return what a record holds; raises PersistenceError where not all of it is known."""
    return content.read(
        record,
        lambda desired, owned: Past(load_desired(desired), load_owned(owned)),
        lambda past: (dump_desired(past.desired), dump_owned(past.owned)),
    )


def dump_desired(desired: Desired) -> dict[str, Any]:
    """Return the desired state as JSON values; {} if empty."""
    if desired == Desired(arp_suppressed=desired.arp_suppressed):
        return {}
    settings = [
        {**setting._asdict(), "accepted": list(setting.accepted)} for setting in desired.settings
    ]
    return {
        **_dump_resources(desired.resources),
        "settings": settings,
        "up": list(desired.up),
        "arp_suppressed": desired.arp_suppressed,
        "helpers": list(desired.helpers),
    }


def load_desired(data: Mapping[str, Any]) -> Desired:
    """Return the desired state from the values of dump_desired()."""
    if not data:
        return Desired()
    settings = tuple(_setting(setting) for setting in data["settings"])
    helpers = tuple(data["helpers"])
    desired = Desired(
        _load_resources(data), settings, tuple(data["up"]), data["arp_suppressed"], helpers
    )
    for name in desired.up:
        _require(is_device_name(name), "up", name)
    for name in helpers:
        _require(name in HELPERS, "helpers", name)
    _require(isinstance(desired.arp_suppressed, bool), "arp_suppressed", desired.arp_suppressed)
    return desired


def dump_owned(owned: Owned) -> dict[str, Any]:
    """Return the owned state as JSON values; {} if empty."""
    if owned == Owned():
        return {}
    settings = {key: one._asdict() for key, one in owned.settings.items()}
    return {**_dump_resources(owned.resources), "settings": settings}


def load_owned(data: Mapping[str, Any]) -> Owned:
    """Return the owned state from the values of dump_owned()."""
    if not data:
        return Owned()
    settings = {key: _original(key, one) for key, one in data["settings"].items()}
    return Owned(_load_resources(data), settings)


def _dump_resources(resources: Iterable[Resource]) -> dict[str, list[dict[str, Any]]]:
    ordered = sorted(resources, key=lambda resource: resource.identity)
    return {
        name: [_dump_resource(resource) for resource in ordered if isinstance(resource, kind)]
        for name, kind in KINDS.items()
    }


def _dump_resource(resource: Resource) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, PortRange) else value
        for name, value in resource._asdict().items()
    }


def _load_resources(data: Mapping[str, Any]) -> frozenset[Resource]:
    # A file of an older version lacks newer kinds.
    return frozenset(
        _resource(kind, one) for name, kind in KINDS.items() for one in data.get(name, ())
    )


def _resource(kind: type[Resource], data: Mapping[str, Any]) -> Resource:
    types = _TYPES[kind]
    ranges = {name: parse_ports(data[name], 0) for name in data if types.get(name) is PortRange}
    resource = kind(**{**data, **ranges})
    for name, value in resource._asdict().items():
        if name in ranges:
            _require(isinstance(value, PortRange) and str(value) == data[name], name, data[name])
            continue
        _require(is_a(value, types[name]), name, value)
        if name in _ADDRESSES:
            _require(normal_address(value) == value, name, value)
        elif name in _NAMES:
            _require(is_device_name(value), name, value)
        elif isinstance(value, str):
            choices = _CHOICES.get((kind.__name__, name), (value,))
            _require(_WORD.fullmatch(value) and value in choices, name, value)
    return resource


def _setting(data: Mapping[str, Any]) -> SysctlRequirement:
    setting = SysctlRequirement(**{**data, "accepted": tuple(data["accepted"])})
    for value in (setting.value, *setting.accepted):
        _check_sysctl(setting.key, value)
    is_of_device = bool(device_of(setting.key))
    _require(setting.combined in (False, is_of_device), "combined", setting.combined)
    _require(isinstance(setting.combined, bool), "combined", setting.combined)
    return setting


def _original(key: str, data: Mapping[str, Any]) -> OriginalValue:
    original = OriginalValue(**data)
    for value in original:
        _check_sysctl(key, value)
    return original


def _check_sysctl(key: str, value: str) -> None:
    _require(_KEY.fullmatch(key), "key", key)
    is_text = value.isascii() and value.isprintable()
    fits = is_text if key.startswith(_ANY_VALUE) else _NUMBER.fullmatch(value)
    _require(fits, key, value)


def _require(condition: object, name: str, value: object) -> None:
    if not condition:
        raise ValueError(f"{name}: {value!r}")
