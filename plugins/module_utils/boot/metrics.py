# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The collector: writes a director's metrics into a file that node_exporter reads.

A timer starts it. It reads only, opens no port, and keeps nothing: what a counter says is the
kernel's. Where something cannot be read, the file says so, and nothing else.
"""

from __future__ import annotations

import time

from ..converge import metrics, pair, table_state, watches
from ..converge.director import PART
from ..converge.pair_plan import floating
from ..converge.weights import Health
from ..errors import UserError
from ..health import runtime
from ..host.ip import run as iproute
from ..host.ip.commands import addresses
from ..ipvs.client import Client
from ..metrics import report
from ..metrics.settings import Settings
from ..state import files, paths
from ..state.part import Part
from ..state.section import HEALTH, METRICS, TABLE, VRRP, Section
from ..vrrp import service
from ..vrrp.model import Pair
from ..vrrp.render import READY
from . import systemd


def main() -> int:
    """Write the file once."""
    try:
        part = Part(PART, persist=True)
        settings = metrics.load(Section(part, METRICS))
        if settings is None:
            systemd.log("no metrics are declared")
            return 0
        return write(part, settings)
    except UserError as error:
        systemd.log(str(error))
        return 1


def write(part: Part, settings: Settings) -> int:
    """Write what there is, or that it cannot be read."""
    begin = time.monotonic()
    seen = None
    try:
        seen = read(part)
    except UserError as error:
        systemd.log(str(error))
    run = report.Run(time.time(), time.monotonic() - begin)
    files.publish(paths.metrics_file(settings.directory), report.lines(settings, seen, run))
    return 0 if seen else 1


def read(part: Part) -> report.Seen:
    """Read all of it. Raises UserError."""
    kept = table_state.load(Section(part, TABLE))
    watched = watches.load(Section(part, HEALTH))
    of_pair = pair.load(Section(part, VRRP)).pair
    health = Health(watched, runtime.decisions())
    with Client() as client:
        kernel = client.readings()
        daemons = client.sync_daemons() if of_pair else []
    current = {key: one.entry for key, one in kernel.items()}
    declared = report.Declared(
        kept.table,
        kept.effective(health, current),
        kept.owned,
        kept.drained,
        {rip: name for name, rips in kept.hosts.items() for rip in rips},
        watched,
        of_pair.sync if of_pair else (),
    )
    return report.Seen(
        declared,
        kernel,
        _health(health) if watched else None,
        _pair(of_pair) if of_pair else None,
        daemons,
    )


def leave_nothing(directory: str) -> None:
    """Remove the file, which is not written any more."""
    files.unpublish(paths.metrics_file(directory))


def _health(health: Health) -> report.Health:
    verdicts = runtime.verdicts()
    try:
        decided_at = paths.decisions_file().stat().st_mtime
    except OSError:
        decided_at = None
    return report.Health(
        runtime.is_running(),
        verdicts,
        health.decisions is not None and verdicts is not None,
        decided_at,
    )


def _pair(of_pair: Pair) -> report.Pair:
    wanted = floating(of_pair)
    there = wanted & {one.address for one in addresses(iproute.show(["address show"])[0])}
    return report.Pair(
        of_pair.router_id,
        service.is_running(),
        service.content() == READY,
        service.is_said_healthy() if of_pair.health else None,
        bool(wanted) and there == wanted,
        len(there),
    )
