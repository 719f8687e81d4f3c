# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Where things are kept on a managed node. Tests move ROOT."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path("/")

UNIT_NAME = "lvs-topology.service"


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
    """Held by whoever changes this host."""
    return ROOT / "run/lvs-topology.lock"


def lease_file() -> Path:
    """Who changes the topology that this host is the director of."""
    return ROOT / "run/lvs-topology.lease"


def connections_file() -> Path:
    """Which connections a change of this director waits for."""
    return ROOT / "run/lvs-topology.connections"


def program() -> Path:
    """The boot program."""
    return ROOT / "usr/local/lib/lvs-topology/apply.pyz"


def unit() -> Path:
    """The boot program's unit."""
    return ROOT / "etc/systemd/system" / UNIT_NAME


def enabled_unit() -> Path:
    """The link that makes systemd start the unit at boot."""
    return ROOT / "etc/systemd/system/multi-user.target.wants" / UNIT_NAME


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
