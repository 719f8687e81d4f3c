# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Missing programs on this host, and the command that installs them."""

from __future__ import annotations

import os
import shutil

from . import engines, image, tools
from .engine_vm import VmEngine
from .settings import Settings

_DISK_GIB = 6


def _line(problem: str | None, what: str) -> int:
    """Print one requirement, and return the number of its problems."""
    print(
        f"{'found' if problem is None else 'MISSING':<10} {what}{f': {problem}' if problem else ''}"
    )
    return problem is not None


def report(settings: Settings) -> int:
    """Print a line for each requirement, and return 1 if one is missing."""
    engine = engines.preferred(settings)
    built = image.location(settings)
    programs = list(engines.PROGRAMS[engine])
    print(f"engine     {engine}")
    if built.directory.exists():
        print(f"image      {built.directory}")
    else:
        print(f"image      {built.directory} (not built yet: lab image)")
        programs += image.programs()
    problems = 0
    for program in dict.fromkeys(programs):
        path = tools.find(program)
        problems += _line(None if path else tools.install_command([program]), program)
    problems += _disk(settings)
    if engine == VmEngine.name:
        usable = os.access("/dev/kvm", os.R_OK | os.W_OK)
        print(f"kvm        {'will be tried' if usable else 'not usable, using emulation'}")
    elif os.geteuid() != 0:
        problems += _line("sudo, or LAB_ENGINE=vm", "root")
    return 1 if problems else 0


def _disk(settings: Settings) -> int:
    there = next(path for path in (settings.cache, *settings.cache.parents) if path.exists())
    free = shutil.disk_usage(there).free / 2**30
    advice = f"only {free:.0f}, point LAB_CACHE to a larger disk" if free < _DISK_GIB else None
    return _line(advice, f"{_DISK_GIB} GiB free below {there}")
