# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The checks of a topology as a whole, in their order."""

from __future__ import annotations

from . import addresses, health, hosts, kernels, pair, real_servers, services

CHECKS = (
    *hosts.CHECKS,
    *kernels.CHECKS,
    *services.CHECKS,
    *addresses.CHECKS,
    *real_servers.CHECKS,
    *pair.CHECKS,
    *health.CHECKS,
)
