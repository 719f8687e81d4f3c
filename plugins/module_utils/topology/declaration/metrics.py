# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads ``topology_metrics``."""

from __future__ import annotations

from typing import Mapping

from ...metrics.settings import Settings, parse_fields
from ..violation import did_you_mean
from .schema import METRICS_KEYS

_VARIABLE = "topology_metrics"


def parse(given: object, *, persist: bool) -> tuple[Settings | None, list[tuple[str, str]]]:
    """Return what is to be written; and what is wrong with it, and would be right."""
    if given is None or given is False:
        return None, []
    if given is not True and not isinstance(given, Mapping):
        expected = f"true, false, or a dict of keys: {', '.join(METRICS_KEYS)}"
        return None, [(f"{_VARIABLE}: {given!r}", expected)]
    item = {} if given is True else given
    wrong = [
        (f"{_VARIABLE}.{name}", f"no such key{did_you_mean(name, METRICS_KEYS)}")
        for name in item
        if name not in METRICS_KEYS
    ]
    values, problems = parse_fields(item, _VARIABLE)
    wrong += [(f"{one.where}: {one.got!r}", one.expected) for one in problems]
    if not persist:
        expected = f"topology_persist: true beside {_VARIABLE}, whose timer is systemd's"
        wrong.append(("topology_persist: False", expected))
    return Settings(**values), wrong
