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
    Instance,
    Pair,
)
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.plan import Places

PLACES = Places("/run/lvs-topology-vrrp/ready", "lvs-topology-vrrp")
SYNC = (SyncDaemon(MASTER, "eth0", 51), SyncDaemon(BACKUP, "eth0", 52))
VIP, OTHER, VIP6 = (
    Floating("192.0.2.10", "eth0"),
    Floating("192.0.2.11", "eth1"),
    Floating("2001:db8::10", "eth0"),
)
IPV4 = Instance("10.0.0.5", "10.0.0.6", (VIP, OTHER))
IPV6 = Instance("2001:db8::5", "2001:db8::6", (VIP6,))
PAIR = Pair(51, 250, 1.0, "eth0", ("eth1",), (IPV4, IPV6), SYNC)
ALONE = PAIR._replace(track=(), instances=(IPV4._replace(peer="", addresses=(VIP,)),), sync=())
