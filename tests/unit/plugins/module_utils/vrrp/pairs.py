# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs for tests."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.sync_daemon import (
    BACKUP,
    MASTER,
    SyncDaemon,
)
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.model import (
    Floating,
    Pair,
)
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.render import Places

PLACES = Places(
    "/run/lvs-topology-vrrp/ready", "/run/lvs-topology-vrrp/health", "lvs-topology-vrrp"
)
SYNC = (SyncDaemon(MASTER, "eth0", 51), SyncDaemon(BACKUP, "eth0", 52))
VIP, OTHER, VIP6 = (
    Floating("192.0.2.10", "eth0"),
    Floating("192.0.2.11", "eth1"),
    Floating("2001:db8::10", "eth0"),
)
PAIR = Pair(
    51,
    1.0,
    "eth0",
    "10.0.0.5",
    (VIP, OTHER, VIP6),
    peer="10.0.0.6",
    track=("eth1",),
    health=True,
    sync=SYNC,
)
ALONE = PAIR._replace(addresses=(VIP,), peer="", track=(), health=False, sync=())
