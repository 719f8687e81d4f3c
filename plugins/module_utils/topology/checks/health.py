# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What has to be so for health checks to spare clients a dead real server."""

from __future__ import annotations

from typing import Iterator

from ...ipvs.model import FLAGGED_SCHEDULERS
from ..modes.check import TopologyCheck
from ..topology import Topology
from ..violation import Finding


def _scheduler(topology: Topology) -> Iterator[Finding]:
    for service in topology.services:
        kept = next((one.service for one in service.virtuals if one.service.refuses), None)
        if service.health and kept:
            has_flag = kept.scheduler in FLAGGED_SCHEDULERS
            yield Finding(
                f"scheduler: {kept.scheduler}, which refuses the clients of a real server that is "
                "out, as long as it is out",
                "scheduler_flags: [fallback], with which they go to another one"
                if has_flag
                else "another scheduler, such as sh with the flag fallback",
                service.name,
            )


CHECKS = (
    TopologyCheck(
        "health.scheduler",
        "a service with health checks has a scheduler that skips real servers that are out",
        _scheduler,
        is_acceptable=True,
    ),
)
