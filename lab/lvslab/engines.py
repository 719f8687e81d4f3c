# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: the lvs.topology authors
"""Which of the two kinds of lab this is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from . import accelerator, tools
from .engine_host import PROGRAMS, HostEngine
from .engine_vm import VmEngine
from .image import Image
from .settings import Settings
from .ssh import Access
from .state import State
from .topology import Topology

Endpoints = dict[str, tuple[str, int]]


class Engine(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def accelerator(self) -> str: ...
    @property
    def image(self) -> Image: ...
    @property
    def access(self) -> Access: ...
    def digest(self, topology: Topology) -> str: ...
    def alive(self) -> bool: ...
    def up(self, topology: Topology) -> Endpoints: ...
    def reset(self, endpoints: Endpoints) -> None: ...
    def restart(self, names: list[str], endpoints: Endpoints) -> None: ...
    def down(self) -> None: ...


def host_has_ipvs() -> bool:
    """Loaded, built in, or there to be loaded."""
    if Path("/proc/net/ip_vs").exists():
        return True
    release = Path("/lib/modules", os.uname().release)
    lists = (release / "modules.dep", release / "modules.builtin")
    return any("/ip_vs.ko" in file.read_text() for file in lists if file.exists())


def preferred(settings: Settings) -> str:
    if settings.engine:
        return settings.engine
    usable = os.geteuid() == 0 and host_has_ipvs() and all(tools.find(name) for name in PROGRAMS)
    return "host" if usable else "vm"


def choose(settings: Settings, image: Image) -> Engine:
    if preferred(settings) == "host":
        return HostEngine(settings, image)
    return VmEngine(settings, image, accelerator.choose(settings, image))


def of_state(settings: Settings, state: State) -> Engine:
    """The engine of a lab that is there already, whatever the environment would choose now."""
    image = Image(Path(state.image))
    if state.engine == "host":
        return HostEngine(settings, image)
    return VmEngine(settings, image, state.accelerator)
