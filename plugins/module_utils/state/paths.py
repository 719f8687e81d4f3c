# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Where things are kept on a managed node. Tests move ROOT."""

from __future__ import annotations

import os
from pathlib import Path

from .names import BOOT_UNIT, GUARD_UNIT, HEALTH_UNIT, METRICS_TIMER, METRICS_UNIT

ROOT = Path("/")

# Behind those that administrators, packages and hardening roles use.
SYSCTL_NAME = "zz-lvs-topology.conf"


def state_directory(*, persist: bool) -> Path:
    """The folder of the state files: one that lasts, or one that ends with the running system."""
    return ROOT / ("var/lib/lvs-topology" if persist else "run/lvs-topology")


def folders() -> tuple[Path, ...]:
    """The folders that hold nothing but what is ours."""
    return state_directory(persist=True), state_directory(persist=False), program().parent


def state_file(part: str, *, persist: bool) -> Path:
    """A part's state file."""
    return state_directory(persist=persist) / f"{part}.json"


def lock_file() -> Path:
    """The lock of all that change this host."""
    return ROOT / "run/lvs-topology.lock"


def guard_lock_file() -> Path:
    """Held by the guard while it lives; its unit makes the folder, and removes it."""
    return ROOT / "run/lvs-topology-guard/lock"


def lease_file() -> Path:
    """Who changes the topology that this host is the director of."""
    return ROOT / "run/lvs-topology.lease"


def connections_file() -> Path:
    """Which connections a change of this director waits for."""
    return ROOT / "run/lvs-topology.connections"


def health_directory() -> Path:
    """The folder of the health daemon, which ends with the running system."""
    return ROOT / "run/lvs-topology-health"


def decisions_file() -> Path:
    """Which weights the health daemon has decided."""
    return health_directory() / "decisions.json"


def verdicts_file() -> Path:
    """What the health daemon's probes have said."""
    return health_directory() / "verdicts.json"


def health_lock_file() -> Path:
    """Held by the health daemon while it lives."""
    return health_directory() / "lock"


def metrics_file(directory: str) -> Path:
    """What node_exporter reads in a folder of this host; it takes no other ending."""
    return ROOT / directory.lstrip("/") / "lvs_topology.prom"


def program() -> Path:
    """The boot program."""
    return ROOT / "usr/local/lib/lvs-topology/apply.pyz"


def unit(name: str = BOOT_UNIT) -> Path:
    """The unit of the boot program, or one of the others."""
    return ROOT / "etc/systemd/system" / name


def enabled_unit(name: str = BOOT_UNIT) -> Path:
    """The link that makes systemd start a unit at boot."""
    return ROOT / "etc/systemd/system/multi-user.target.wants" / name


def installed() -> tuple[Path, ...]:
    """What lies beside the state files while something is kept in them."""
    names = (BOOT_UNIT, GUARD_UNIT, HEALTH_UNIT, METRICS_UNIT, METRICS_TIMER)
    units = (*map(unit, names), *map(enabled_unit, names))
    return (program(), *units, sysctl_file(), networkd_file())


def sysctl_file() -> Path:
    """The sysctls that are ours, for those who apply sysctls again."""
    return ROOT / "etc/sysctl.d" / SYSCTL_NAME


def networkd_file() -> Path:
    """What systemd-networkd is told of rules and routes that are not its own."""
    return ROOT / "etc/systemd/networkd.conf.d/lvs-topology.conf"


def keepalived_file() -> Path:
    """What keepalived is told."""
    return ROOT / "etc/keepalived/keepalived.conf"


def keepalived_drop_in() -> Path:
    """What its unit gets besides."""
    return ROOT / "etc/systemd/system/keepalived.service.d/lvs-topology.conf"


def ready_file() -> Path:
    """Whether this director may be master: keepalived watches it."""
    return ROOT / "run/lvs-topology-vrrp/ready"


def healthy_file() -> Path:
    """Whether the health daemon is at work: keepalived watches it as well."""
    return ROOT / "run/lvs-topology-vrrp/health"


def networkd_has_run() -> bool:
    """Whether systemd-networkd manages this host's interfaces: it has left its state."""
    return (ROOT / "run/systemd/netif/state").exists()


def applied_parts() -> Path | None:
    """What the boot program has applied before its next attempt.

    None where systemd keeps no folder for that.
    """
    folder = os.environ.get("RUNTIME_DIRECTORY")
    return Path(folder) / "applied" if folder else None


def is_another_attempt() -> bool:
    """Whether this is the boot program, after an attempt in which something failed."""
    applied = applied_parts()
    return applied is not None and applied.exists()


def systemd_is_running() -> bool:
    """Whether systemd is this host's init: what sd_booted(3) looks at."""
    return (ROOT / "run/systemd/system").is_dir()
