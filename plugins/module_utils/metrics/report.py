# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""From what was read of a director to the text of its metrics.

Each service and real server becomes a row whose fields are named as the families in families.py. A
table may hold 100,000 destinations: a row is small, and lines are yielded, not kept.
"""

from __future__ import annotations

from typing import Collection, Iterator, Mapping, NamedTuple, Sequence

from ..health import pool
from ..health.model import Watch
from ..health.verdict import Verdict
from ..health.verdicts import Verdicts
from ..ipvs.model import Destination, DestinationKey, Entry, ServiceKey, Table
from ..ipvs.plan import Operation, plan
from ..ipvs.protocol import Reading, Traffic
from ..ipvs.sync_daemon import SyncDaemon
from .exposition import Number, labels, with_more, written
from .families import COLLECTOR, DIRECTOR, PAIR, SERVER, SERVICE, SERVICE_INFO, SYNC, Family
from .settings import Settings


class Declared(NamedTuple):
    """What is declared for this director, and what operators and health checks make of it."""

    table: Table
    effective: Table  # as it has to be now
    owned: Collection[ServiceKey] = ()
    drained: Collection[str] = ()
    names: Mapping[str, str] = {}  # of real servers, by RIP
    watches: Sequence[Watch] = ()
    sync: Sequence[SyncDaemon] = ()


class Health(NamedTuple):
    """What the health daemon says."""

    is_running: bool
    verdicts: Verdicts | None  # None = cannot be read
    is_readable: bool = True
    decided_at: float | None = None  # None = nothing has been decided yet


class Pair(NamedTuple):
    """What is the matter with this director of a pair; its fields are families."""

    router_id: int
    keepalived_running: bool
    ready: bool
    healthy: bool | None  # None = nothing is watched
    master: bool
    present_addresses: int


class Run(NamedTuple):
    """This run of the collector."""

    at: float  # seconds since the epoch
    duration: float = 0.0


class Seen(NamedTuple):
    """All that was read."""

    declared: Declared
    kernel: Mapping[ServiceKey, Reading]
    health: Health | None = None  # None = nothing is watched
    pair: Pair | None = None
    sync: Collection[SyncDaemon] = ()


class _Service(NamedTuple):
    """A row of SERVICE; None = no such series."""

    present: int
    drift_changes: int
    real_servers: int
    serving_real_servers: int
    declared_weight: int
    weight: int
    fallback_serving: int | None
    floor_hit: int | None
    active_connections: int | None = None
    inactive_connections: int | None = None
    connections: int | None = None
    incoming_packets: int | None = None
    outgoing_packets: int | None = None
    incoming_bytes: int | None = None
    outgoing_bytes: int | None = None


class _Server(NamedTuple):
    """A row of SERVER."""

    declared_weight: int
    weight: int | None
    up: int | None
    drained: int
    fallback: int
    active_connections: int | None = None
    inactive_connections: int | None = None
    connections: int | None = None
    incoming_packets: int | None = None
    outgoing_packets: int | None = None
    incoming_bytes: int | None = None
    outgoing_bytes: int | None = None


def lines(settings: Settings, seen: Seen | None, run: Run) -> Iterator[str]:
    """Yield the text; nothing but the failure where nothing could be read."""
    own = {
        "success": int(seen is not None),
        "last_run_timestamp_seconds": round(run.at, 3),
        "duration_seconds": round(run.duration, 4),
        "interval_seconds": settings.interval,
    }
    yield from _singles(COLLECTOR, own)
    if seen is None:
        return
    declared = seen.declared
    current = {key: reading.entry for key, reading in seen.kernel.items()}
    gone = (current.keys() - declared.table.keys()) & {*declared.owned}
    operations = plan(current, declared.effective, gone)
    yield from _singles(DIRECTOR, _of_director(seen, operations))
    if seen.pair:
        pair = {
            name: None if value is None else int(value)
            for name, value in seen.pair._asdict().items()
        }
        yield from _singles(PAIR, pair, labels({"router_id": pair["router_id"]}))
    yield from _rows(SYNC, [(_sync_labels(one), (int(one in seen.sync),)) for one in declared.sync])
    services = {key: _labels(settings, key) for key in sorted(declared.table)}
    info = (
        (with_more(series, {"scheduler": declared.table[key].service.scheduler}), 1)
        for key, series in services.items()
    )
    yield from written(SERVICE_INFO, info)
    watched = {watch.service: watch for watch in declared.watches}
    changes: dict[ServiceKey, int] = {}
    for operation in operations:
        key = operation.service.key
        changes[key] = changes.get(key, 0) + 1
    yield from _rows(
        SERVICE,
        [
            (series, _service(seen, key, changes.get(key, 0), watched.get(key)))
            for key, series in services.items()
        ],
    )
    if settings.real_servers:
        rows = [
            row
            for key, series in services.items()
            for row in _servers(seen, key, series, watched.get(key))
        ]
        yield from _rows(SERVER, rows)


def _of_director(seen: Seen, operations: Sequence[Operation]) -> dict[str, Number | None]:
    health = seen.health
    return {
        "drift_changes": len(operations),
        "undeclared_services": len(seen.kernel.keys() - seen.declared.table.keys()),
        "health_daemon_running": int(health.is_running) if health else None,
        "health_readable": int(health.is_readable) if health else None,
        "health_last_decision_timestamp_seconds": (
            round(health.decided_at, 3) if health and health.decided_at is not None else None
        ),
    }


def _service(seen: Seen, key: ServiceKey, changes: int, watch: Watch | None) -> _Service:
    entry, reading = seen.declared.table[key], seen.kernel.get(key)
    fallback = watch.fallback if watch else ()
    there = reading.entry.destinations if reading else {}
    weights = {each: one.weight for each, one in there.items() if each not in fallback}
    pool_of = [one for each, one in entry.destinations.items() if each not in fallback]
    return _Service(
        int(reading is not None),
        changes,
        len(pool_of),
        sum(weight > 0 for weight in weights.values()),
        sum(one.weight for one in pool_of),
        sum(weights.values()),
        int(any(there[each].weight for each in fallback if each in there)) if fallback else None,
        _is_at_floor(seen, watch, entry) if watch else None,
        *(reading.traffic if reading else ()),
    )


def _is_at_floor(seen: Seen, watch: Watch, entry: Entry) -> int | None:
    verdicts = seen.health.verdicts if seen.health else None
    if not watch.policy.floor or verdicts is None:
        return None
    said = {
        each: verdicts[watch.service, each]
        for each in entry.destinations
        if (watch.service, each) in verdicts
    }
    return int(pool.is_short(watch, entry, seen.declared.drained, said))


def _servers(
    seen: Seen, key: ServiceKey, series: str, watch: Watch | None
) -> Iterator[tuple[str, _Server]]:
    declared, reading = seen.declared, seen.kernel.get(key)
    there: Mapping[DestinationKey, Destination] = reading.entry.destinations if reading else {}
    counted: Mapping[DestinationKey, Traffic] = reading.destinations if reading else {}
    verdicts = seen.health.verdicts if seen.health else None
    for each, one in declared.table[key].destinations.items():
        up = None
        if watch and verdicts is not None and watch.tries(one):
            up = int(verdicts.get((key, each), Verdict()).is_up)
        name = declared.names.get(each.address, each.address)
        own = {"real_server": name, "rip": each.address, "rip_port": each.port}
        yield (
            with_more(series, own),
            _Server(
                one.weight,
                there[each].weight if each in there else None,
                up,
                int(each.address in declared.drained),
                int(watch is not None and each in watch.fallback),
                *counted.get(each, ()),
            ),
        )


def _labels(settings: Settings, key: ServiceKey) -> str:
    known: dict[str, object] = {"service": settings.name(key)}
    if key.fwmark:
        return labels({**known, "fwmark": key.fwmark, "family": key.family})
    return labels({**known, "protocol": key.protocol, "vip": key.address, "port": key.port})


def _sync_labels(daemon: SyncDaemon) -> str:
    return labels({"role": daemon.role, "interface": daemon.interface, "sync_id": daemon.sync_id})


def _singles(
    families: Mapping[str, Family], values: Mapping[str, Number | None], series: str = ""
) -> Iterator[str]:
    """Families with one series each."""
    for name, family in families.items():
        yield from written(family, [(series, values[name])])


def _rows(
    families: Mapping[str, Family], rows: Sequence[tuple[str, Sequence[Number | None]]]
) -> Iterator[str]:
    """Families whose values are the columns of rows: all series of a family are in a row there."""
    for index, family in enumerate(families.values()):
        yield from written(family, ((series, row[index]) for series, row in rows))
