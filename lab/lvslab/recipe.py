# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that determines the image, and its hash in the cache."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from .settings import LAB_ROOT, Settings

IMAGE_FILES = LAB_ROOT / "image"
KERNEL_PACKAGE = "linux-image-cloud-amd64"
_SYSTEM = ("systemd", "systemd-sysv", "dbus", "kmod", "openssh-server", "python3", KERNEL_PACKAGE)
_CONTAINERS = ("podman", "crun")
_TESTED = ("iproute2", "ipvsadm", "keepalived", "nftables", "conntrack")
_TESTING = ("python3-pytest", "python3-hypothesis", "python3-pyroute2")
_TRAFFIC = ("curl", "wrk", "socat", "iputils-arping", "iputils-ping", "tcpdump")
_COMFORT = ("ca-certificates", "procps")
PACKAGES = tuple(sorted({*_SYSTEM, *_CONTAINERS, *_TESTED, *_TESTING, *_TRAFFIC, *_COMFORT}))
_TEXTS = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*", "/usr/share/doc/*")
# For podman's networks and names of devices; unused here, and a third of the tree's libraries.
_UNUSED = ("/usr/lib/cni/*", "/usr/lib/udev/hwdb.d/*", "/usr/lib/udev/hwdb.bin")
LEFT_OUT = (*_TEXTS, *_UNUSED)
LICENCES = "/usr/share/doc/*/copyright"


@dataclass(frozen=True)
class Recipe:
    """One image, completely described."""

    suite: str
    mirror: str | None
    packages: tuple[str, ...] = PACKAGES
    left_out: tuple[str, ...] = LEFT_OUT
    disk_gib: int = 8
    files: tuple[tuple[str, int, str], ...] = ()

    @property
    def digest(self) -> str:
        """Its name in the cache."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


def file_digests(directory: Path) -> tuple[tuple[str, int, str], ...]:
    """Return path, executable bits and digest of each file of a directory."""
    return tuple(
        (
            path.relative_to(directory).as_posix(),
            path.stat().st_mode & 0o111,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(directory.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    )


def from_settings(settings: Settings) -> Recipe:
    """Return the recipe of these settings."""
    packages = tuple(sorted({*PACKAGES, *settings.packages}))
    return Recipe(settings.suite, settings.mirror, packages, files=file_digests(IMAGE_FILES))
