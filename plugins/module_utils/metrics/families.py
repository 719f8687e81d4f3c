# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Every metric: its name, what it means, and its labels. docs/metrics.md has the table of it.

A name says what is counted, in which unit: https://prometheus.io/docs/practices/naming
"""

from __future__ import annotations

from typing import NamedTuple

GAUGE, COUNTER = "gauge", "counter"

# A service has the labels of its kind; Prometheus takes one that is missing for an empty one.
ADDRESS_LABELS = ("service", "protocol", "vip", "port")
MARK_LABELS = ("service", "fwmark", "family")
SERVICE_LABELS = (*ADDRESS_LABELS, *MARK_LABELS[1:])
SERVER_LABELS = (*SERVICE_LABELS, "real_server", "rip", "rip_port")
PAIR_LABELS = ("router_id",)


class Family(NamedTuple):
    """All series of one name."""

    name: str
    text: str  # a sentence
    labels: tuple[str, ...] = ()
    kind: str = GAUGE


def _family(
    prefix: str, name: str, text: str, labels: tuple[str, ...] = (), kind: str = GAUGE
) -> tuple[str, Family]:
    suffix = "_total" if kind == COUNTER else ""
    return name, Family(f"lvs_{prefix}{name}{suffix}", text, labels, kind)


def _traffic(prefix: str, labels: tuple[str, ...], whose: str) -> list[tuple[str, Family]]:
    """What the kernel counts of a service and of a real server alike."""
    return [
        _family(
            prefix,
            "active_connections",
            f"Active connections of {whose} (TCP: established).",
            labels,
        ),
        _family(
            prefix,
            "inactive_connections",
            f"Inactive connections of {whose} (all of UDP).",
            labels,
        ),
        *(
            _family(prefix, name, f"{what}, since {whose} was added to the table.", labels, kind)
            for name, what, kind in (
                ("connections", "Connections", COUNTER),
                ("incoming_packets", "Packets from clients", COUNTER),
                ("outgoing_packets", "Packets to clients that pass this director", COUNTER),
                ("incoming_bytes", "Bytes from clients", COUNTER),
                ("outgoing_bytes", "Bytes to clients that pass this director", COUNTER),
            )
        ),
    ]


COLLECTOR: dict[str, Family] = dict(
    (
        _family(
            "collector_",
            "success",
            "Whether everything could be read. If not, all other metrics are missing.",
        ),
        _family(
            "collector_",
            "last_run_timestamp_seconds",
            "Time of the last write, in seconds since the epoch.",
        ),
        _family("collector_", "duration_seconds", "Duration of the reading."),
        _family(
            "collector_",
            "interval_seconds",
            "Declared seconds from the end of one collection to the next.",
        ),
    )
)

DIRECTOR: dict[str, Family] = dict(
    (
        _family("", "drift_changes", "Changes that site.yml would make in the table now."),
        _family("", "undeclared_services", "Services in the table that are not declared."),
        _family("", "health_daemon_running", "Whether the health daemon runs."),
        _family(
            "",
            "health_readable",
            "Whether the health daemon's results and decisions can be read.",
        ),
        _family(
            "",
            "health_last_decision_timestamp_seconds",
            "Time of the health daemon's last change of a weight, in seconds since the epoch.",
        ),
    )
)

PAIR: dict[str, Family] = dict(
    (
        _family("vrrp_", "keepalived_running", "Whether keepalived runs.", PAIR_LABELS),
        _family(
            "vrrp_",
            "ready",
            "Whether this director may be master: its table is filled, and it is not drained.",
            PAIR_LABELS,
        ),
        _family(
            "vrrp_",
            "healthy",
            "Whether keepalived is told that the health daemon is at work; else the other director "
            "goes before, if it is well. Missing without health checks.",
            PAIR_LABELS,
        ),
        _family(
            "vrrp_", "master", "Whether this director has all addresses of the pair.", PAIR_LABELS
        ),
        _family(
            "vrrp_",
            "present_addresses",
            "Number of the pair's addresses that this director has.",
            PAIR_LABELS,
        ),
    )
)

SYNC: dict[str, Family] = dict(
    (
        _family(
            "",
            "sync_daemon_running",
            "Whether the kernel sends (role master) or receives (backup) connections as declared.",
            ("role", "interface", "sync_id"),
        ),
    )
)

_INFO = "Facts of the service; always 1."
SERVICE_INFO = Family("lvs_service_info", _INFO, (*SERVICE_LABELS, "scheduler"))

SERVICE: dict[str, Family] = dict(
    (
        _family("service_", "present", "Whether the service is in the table.", SERVICE_LABELS),
        _family(
            "service_",
            "drift_changes",
            "Changes that site.yml would make in the service now.",
            SERVICE_LABELS,
        ),
        _family(
            "service_",
            "real_servers",
            "Declared real servers, without the fallback.",
            SERVICE_LABELS,
        ),
        _family(
            "service_",
            "serving_real_servers",
            "Real servers with a weight above 0, without the fallback.",
            SERVICE_LABELS,
        ),
        _family(
            "service_",
            "declared_weight",
            "Sum of the declared weights, without the fallback.",
            SERVICE_LABELS,
        ),
        _family(
            "service_",
            "weight",
            "Sum of the weights in the table, without the fallback.",
            SERVICE_LABELS,
        ),
        _family(
            "service_",
            "fallback_serving",
            "Whether the fallback serves. Missing without a fallback.",
            SERVICE_LABELS,
        ),
        _family(
            "service_",
            "floor_hit",
            "Whether the real servers that are up weigh less than the floor. Missing without a "
            "floor.",
            SERVICE_LABELS,
        ),
        *_traffic("service_", SERVICE_LABELS, "the service"),
    )
)

SERVER: dict[str, Family] = dict(
    (
        _family("real_server_", "declared_weight", "The declared weight.", SERVER_LABELS),
        _family(
            "real_server_",
            "weight",
            "The weight in the table. Missing if the table lacks the real server.",
            SERVER_LABELS,
        ),
        _family(
            "real_server_",
            "up",
            "Whether its health checks find it up. Missing without health checks.",
            SERVER_LABELS,
        ),
        _family(
            "real_server_",
            "drained",
            "Whether an operator has drained it.",
            SERVER_LABELS,
        ),
        _family(
            "real_server_",
            "fallback",
            "Whether it serves only while no other one does.",
            SERVER_LABELS,
        ),
        *_traffic("real_server_", SERVER_LABELS, "the real server"),
    )
)

FAMILIES: dict[str, Family] = {
    one.name: one
    for one in (
        *COLLECTOR.values(),
        *DIRECTOR.values(),
        *PAIR.values(),
        *SYNC.values(),
        SERVICE_INFO,
        *SERVICE.values(),
        *SERVER.values(),
    )
}
"""All of them by name, in the order in which they are written."""
