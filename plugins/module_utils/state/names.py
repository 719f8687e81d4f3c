# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The names of our units, by which systemd and people know them."""

from __future__ import annotations

BOOT_UNIT = "lvs-topology.service"
GUARD_UNIT = "lvs-topology-guard.service"
HEALTH_UNIT = "lvs-topology-health.service"
METRICS_UNIT = "lvs-topology-metrics.service"
METRICS_TIMER = "lvs-topology-metrics.timer"
