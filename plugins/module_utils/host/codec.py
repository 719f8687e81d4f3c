# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Conversion between the model and the JSON values of a state file."""

from __future__ import annotations

from typing import Any, Iterable, Mapping

from .model import KINDS, Desired, OriginalValue, Owned, Resource, SysctlRequirement


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
    }


def load_desired(data: Mapping[str, Any]) -> Desired:
    """Return the desired state from the values of dump_desired()."""
    if not data:
        return Desired()
    settings = [
        SysctlRequirement(**{**setting, "accepted": tuple(setting["accepted"])})
        for setting in data["settings"]
    ]
    return Desired(
        _load_resources(data), tuple(settings), tuple(data["up"]), data["arp_suppressed"]
    )


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
    settings = {key: OriginalValue(**one) for key, one in data["settings"].items()}
    return Owned(_load_resources(data), settings)


def _dump_resources(resources: Iterable[Resource]) -> dict[str, list[dict[str, Any]]]:
    ordered = sorted(resources, key=lambda resource: resource.identity)
    return {
        name: [resource._asdict() for resource in ordered if isinstance(resource, kind)]
        for name, kind in KINDS.items()
    }


def _load_resources(data: Mapping[str, Any]) -> frozenset[Resource]:
    # A file of an older version lacks newer kinds.
    return frozenset(kind(**one) for name, kind in KINDS.items() for one in data.get(name, ()))
