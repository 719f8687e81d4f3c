# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The settings of IPVS that every director gets: what is declared, and what services need."""

from __future__ import annotations

from typing import Any

from . import pair
from .modes.table import modes_of
from .topology import Topology


def settings_of(topology: Topology) -> dict[str, Any]:
    """The argument ``settings`` of the module director."""
    sysctls: dict[str, Any] = {}
    for service in topology.services:
        for mode in modes_of(service):
            sysctls.update(mode.settings)
        if service.health and any(one.service.persistence_timeout for one in service.virtuals):
            # Else their clients stay with a real server that is out (ip_vs_check_template() in
            # ip_vs_conn.c).
            sysctls["expire_quiescent_template"] = 1
    sysctls.update(pair.settings(topology))
    settings = {**topology.options.settings}
    sysctls.update(settings.pop("sysctls", {}))
    return {**settings, **({"sysctls": sysctls} if sysctls else {})}
