# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the environment decides; nothing else in the lab reads environment variables."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError

LAB_ROOT = Path(__file__).resolve().parent.parent
ENGINES = ("host", "vm")
ACCELERATORS = ("kvm", "tcg")


@dataclass(frozen=True)
class Settings:
    """One lab, as the environment wants it."""

    run_dir: Path
    cache: Path
    suite: str
    mirror: str | None
    engine: str | None
    accelerator: str | None
    memory_mib: int
    cpus: int

    @property
    def lab_id(self) -> str:
        """Tells the labs of several checkouts on one machine apart."""
        return hashlib.sha256(str(self.run_dir).encode()).hexdigest()[:8]

    @property
    def socket_dir(self) -> Path:
        """Unix socket paths end at 107 bytes, so sockets cannot live in a deep run directory."""
        return Path(tempfile.gettempdir(), f"lvslab-{os.getuid()}-{self.lab_id}")

    def make_socket_dir(self) -> Path:
        """Make it ours alone; refuse one that somebody else made in the shared /tmp."""
        path = self.socket_dir
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        if path.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise LabError(f"{path} is not a private directory of ours", f"rm -r {path}")
        return path


def _choice(env: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    value = env.get(name) or None
    if value is not None and value not in allowed:
        raise LabError(f"{name}={value}: must be one of {', '.join(allowed)}")
    return value


def _number(env: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise LabError(f"{name}={text}: must be a whole number, at least {least}")
    return int(text)


def from_environment(env: Mapping[str, str]) -> Settings:
    """Read and check all variables."""
    cache_home = Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = Path(env.get("LAB_CACHE") or cache_home / "lvs-topology-lab")
    return Settings(
        run_dir=Path(env.get("LAB_DIR") or LAB_ROOT.parent / ".lab").resolve(),
        cache=cache.resolve(),
        suite=env.get("LAB_SUITE") or "bookworm",
        mirror=env.get("LAB_MIRROR") or None,
        engine=_choice(env, "LAB_ENGINE", ENGINES),
        accelerator=_choice(env, "LAB_ACCEL", ACCELERATORS),
        memory_mib=_number(env, "LAB_MEMORY", 2048, 512),
        cpus=_number(env, "LAB_CPUS", 2, 1),
    )
