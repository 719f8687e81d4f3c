# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: the lvs.topology authors
"""What is missing on this host, and the command that mends it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import engines, image, tools
from .settings import Settings

_IMAGE = ("mmdebstrap", "mke2fs", "qemu-img", "ssh-keygen", "tar")
_VM = ("qemu-system-x86_64", "qemu-img", "ssh")
_DISK_GIB = 6


def report(settings: Settings) -> int:
    engine = engines.preferred(settings)
    programs = list(_VM if engine == "vm" else engines.PROGRAMS)
    built = image.location(settings)
    if not built.directory.exists():
        programs += _IMAGE if os.geteuid() == 0 else (*_IMAGE, "fakeroot")
    problems = 0
    print(f"engine     {engine}")
    print(
        f"image      {built.directory} ({'built' if built.directory.exists() else 'not built yet'})"
    )
    for program in dict.fromkeys(programs):
        path = tools.find(program)
        print(
            f"{'found' if path else 'MISSING':<10} {program} {path or '→ ' + tools.install_command([program])}"
        )
        problems += path is None
    if engine == "vm":
        usable = os.access("/dev/kvm", os.R_OK | os.W_OK)
        print(f"kvm        {'will be tried' if usable else 'not usable, emulation instead'}")
    elif os.geteuid() != 0:
        print("MISSING    root → sudo, or LAB_ENGINE=vm")
        problems += 1
    problems += _check_disk(settings)
    return 1 if problems else 0


def _check_disk(settings: Settings) -> int:
    there = next(path for path in (settings.cache, *settings.cache.parents) if path.exists())
    free = shutil.disk_usage(there).free / 2**30
    enough = free >= _DISK_GIB
    print(
        f"{'found' if enough else 'MISSING':<10} {free:.0f} GiB free in {Path(there)} (want {_DISK_GIB})"
    )
    return 0 if enough else 1
