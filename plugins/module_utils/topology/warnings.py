# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a topology may well mean, but may also not. Pure."""

from __future__ import annotations

from typing import Iterator

from .modes.table import MODES
from .topology import Topology


def warnings(topology: Topology) -> Iterator[str]:
    """A sentence for each thing that is worth a second look."""
    for service in topology.services:
        if not service.servers:
            yield f"service {service.name} has no real servers: every connection is refused"
        elif not any(server.settings.weight for server in service.servers):
            yield (
                f"service {service.name} has weight 0 on every real server: none takes new "
                "connections"
            )
    of_modes = (one for path in topology.paths for one in MODES[path.service.mode].warnings(path))
    yield from dict.fromkeys(of_modes)
