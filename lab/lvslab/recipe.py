# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: the lvs.topology authors
"""All that determines the image, and the hash under which it is cached."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from .settings import LAB_ROOT, Settings

IMAGE_FILES = LAB_ROOT / "image"
KERNEL_PACKAGE = "linux-image-cloud-amd64"
PACKAGES = (
    # the system and how the lab reaches it
    "systemd", "systemd-sysv", "dbus", "kmod", "openssh-server", "python3", KERNEL_PACKAGE,
    # the containers
    "podman", "crun",
    # what is tested, and what judges it
    "iproute2", "ipvsadm", "keepalived", "nftables", "conntrack",
    "python3-pytest", "python3-hypothesis", "python3-pyroute2",
    # traffic
    "ca-certificates", "curl", "iputils-arping", "iputils-ping", "procps", "socat", "tcpdump", "wrk",
)  # fmt: skip
LEFT_OUT = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*", "/usr/share/doc/*")
LICENCES = "/usr/share/doc/*/copyright"


@dataclass(frozen=True)
class Recipe:
    suite: str
    mirror: str | None
    packages: tuple[str, ...] = PACKAGES
    left_out: tuple[str, ...] = LEFT_OUT
    disk_gib: int = 8
    files: tuple[tuple[str, int, str], ...] = ()

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


def file_digests(directory: Path) -> tuple[tuple[str, int, str], ...]:
    """Path, executable bits and content of each file: what a copy of the directory depends on."""
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
    return Recipe(settings.suite, settings.mirror, files=file_digests(IMAGE_FILES))
