# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The choice between the two kinds of lab."""

from __future__ import annotations

import os
from pathlib import Path

from . import accelerator, engine_host, engine_vm, tools
from .engine import Engine
from .engine_host import HostEngine
from .engine_vm import VmEngine
from .image import Image
from .settings import Settings
from .state import State

PROGRAMS = {HostEngine.name: engine_host.PROGRAMS, VmEngine.name: engine_vm.PROGRAMS}


def _host_has_ipvs() -> bool:
    """Tell whether IPVS is loaded, built in, or loadable."""
    if Path("/proc/net/ip_vs").exists():
        return True
    release = Path("/lib/modules", os.uname().release)
    lists = (release / "modules.dep", release / "modules.builtin")
    return any("/ip_vs.ko" in file.read_text() for file in lists if file.exists())


def preferred(settings: Settings) -> str:
    """Return the requested kind, or the one that fits this host."""
    if settings.engine:
        return settings.engine
    programs = all(tools.find(program) for program in engine_host.PROGRAMS)
    usable = os.geteuid() == 0 and programs and _host_has_ipvs()
    return HostEngine.name if usable else VmEngine.name


def choose(settings: Settings, image: Image) -> Engine:
    """Return the engine for a new lab."""
    if preferred(settings) == HostEngine.name:
        return HostEngine(settings, image, "none")
    return VmEngine(settings, image, accelerator.choose(settings, image))


def of_state(settings: Settings, state: State) -> Engine:
    """Return the engine of a running lab, whatever the settings are now."""
    kind = HostEngine if state.engine == HostEngine.name else VmEngine
    return kind(settings, Image(Path(state.image)), state.accelerator)
