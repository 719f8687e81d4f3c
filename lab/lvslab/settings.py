# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings from environment variables. No other file of the lab reads them."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from .errors import LabError

LAB_ROOT = Path(__file__).resolve().parent.parent
ENGINES = ("host", "vm")
ACCELERATORS = ("kvm", "tcg")
PYTHON = "/usr/bin/python3"
# Runs programs without starting Python: lab_python.py in the image.
FORKING_PYTHON = "/usr/local/bin/lab-python"
PYTHONS = {"python3": PYTHON, "lab-python": FORKING_PYTHON}


@dataclass(frozen=True)
class Settings:
    """The settings of one lab."""

    run_dir: Path
    cache: Path
    suite: str
    mirror: str | None
    packages: tuple[str, ...]
    engine: str | None
    accelerator: str | None
    python: str | None
    memory_mib: int
    cpus: int

    @property
    def lab_id(self) -> str:
        """An id that differs between checkouts on one machine."""
        return hashlib.sha256(str(self.run_dir).encode()).hexdigest()[:8]

    @property
    def socket_dir(self) -> Path:
        """A short directory for sockets, whose paths end at 107 bytes."""
        return Path(tempfile.gettempdir(), f"lvslab-{os.getuid()}-{self.lab_id}")

    def make_socket_dir(self) -> Path:
        """Make it private; refuse another user's directory in the shared /tmp."""
        path = self.socket_dir
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        if path.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise LabError(f"{path} is not our private directory", f"rm -r {path}")
        return path


def _choice(env: Mapping[str, str], name: str, allowed: Collection[str]) -> str | None:
    value = env.get(name) or None
    if value is not None and value not in allowed:
        raise LabError(f"{name}={value}: must be one of {', '.join(allowed)}")
    return value


def _number(env: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise LabError(f"{name}={text}: must be an integer of at least {least}")
    return int(text)


def _packages(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Read names of Debian packages, as its policy (5.6.7) spells them."""
    found = env.get(name, "").split()
    for package in found:
        if not re.fullmatch("[a-z0-9][a-z0-9+.-]+", package):
            raise LabError(f"{name}={env[name]}: {package} is no name of a Debian package")
    return tuple(found)


def from_environment(env: Mapping[str, str]) -> Settings:
    """Read and check all variables."""
    cache_home = Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = Path(env.get("LAB_CACHE") or cache_home / "lvs-topology-lab")
    return Settings(
        run_dir=Path(env.get("LAB_DIR") or LAB_ROOT.parent / ".lab").resolve(),
        cache=cache.resolve(),
        suite=env.get("LAB_SUITE") or "bookworm",
        mirror=env.get("LAB_MIRROR") or None,
        packages=_packages(env, "LAB_PACKAGES"),
        engine=_choice(env, "LAB_ENGINE", ENGINES),
        accelerator=_choice(env, "LAB_ACCEL", ACCELERATORS),
        python=_choice(env, "LAB_PYTHON", PYTHONS),
        memory_mib=_number(env, "LAB_MEMORY", 2048, 512),
        cpus=_number(env, "LAB_CPUS", 2, 1),
    )
