# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builders of tables for the tests on the kernel."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import Table
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import parse_services

WEB: dict[str, object] = {"address": "192.0.2.1", "port": 80}


def table(*services: dict[str, object]) -> Table:
    """Return the table of valid services in the input's format."""
    parsed, problems = parse_services(services)
    assert problems == []
    return parsed


def web(*destinations: Mapping[str, object], **fields: object) -> dict[str, object]:
    """Return the service WEB with other fields and these destinations."""
    return {**WEB, **fields, "destinations": list(destinations)}
