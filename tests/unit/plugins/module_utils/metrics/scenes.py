# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director of which everything can be told."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.health.model import Check, Policy, Watch
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.protocol import Reading, Traffic
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.sync_daemon import SyncDaemon
from ansible_collections.lvs.topology.plugins.module_utils.metrics import report
from ansible_collections.lvs.topology.plugins.module_utils.metrics.settings import Settings

TRAFFIC = Traffic(1, 2, 3, 4, 5, 6, 7)


def whole() -> str:
    """The text with every metric, of a service by address and one by mark."""
    keys = (ServiceKey("ipv4", 0, "sctp", "192.0.2.1", 80), ServiceKey("ipv6", 7, "", "", 0))
    one, other = DestinationKey("10.0.0.1", 80), DestinationKey("10.0.0.2", 80)
    table = {
        key: Entry(Service(key), {each: Destination(each) for each in (one, other)}) for key in keys
    }
    watch = Watch(keys[0], 'we"b', "", 80, Check("tcp"), Policy(50), fallback=(other,))
    daemons = [SyncDaemon("master", "eth1", 51)]
    seen = report.Seen(
        report.Declared(table, table, watches=(watch,), sync=daemons),
        {
            key: Reading(entry, TRAFFIC, dict.fromkeys(entry.destinations, TRAFFIC))
            for key, entry in table.items()
        },
        report.Health(is_running=True, verdicts={}, decided_at=1.5),
        report.Pair(
            51, keepalived_running=True, ready=True, healthy=True, master=True, present_addresses=1
        ),
        daemons,
    )
    settings = Settings("/x", names={str(keys[0]): 'we"b', str(keys[1]): "all\\of\nit"})
    return "".join(report.lines(settings, seen, report.Run(1000.5, 0.25)))
