# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The modes, and which one a path has."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterable

from ..declaration.model import Service, Shape
from ..paths.path import Path
from .dr import DR
from .fullnat import FULLNAT
from .mode import Mode
from .nat import NAT
from .on_director import on_director
from .tun import TUN

MODES: dict[str, Mode] = {mode.name: mode for mode in (NAT, DR, TUN, FULLNAT)}


def _shape(mode: Mode) -> Shape:
    # A VIP is an address of all real servers of a service, or of none.
    beside = [
        other.name
        for other in MODES.values()
        if other is not mode and not (mode.demand.rewritten or other.demand.rewritten)
    ]
    return replace(mode.shape, beside=tuple(beside), real_server_has_vip=mode.real_server_has_vip)


SHAPES = {name: _shape(mode) for name, mode in MODES.items()}
"""What each mode lets a declaration say."""


ON_DIRECTOR = {name: on_director(mode) for name, mode in MODES.items()}
"""Each mode, where the director is the real server itself."""


def mode_named(name: str, *, is_on_director: bool) -> Mode:
    """A mode, or what is left of it where the director is the real server itself."""
    return (ON_DIRECTOR if is_on_director else MODES)[name]


def mode_of(path: Path) -> Mode:
    """The mode of a path."""
    return mode_named(path.mode, is_on_director=path.leg.on_director)


def modes_of(service: Service) -> list[Mode]:
    """The modes of a service's paths."""
    return [MODES[name] for name in service.modes]


def with_static_arp(services: Iterable[Service]) -> list[Service]:
    """The services that ask for static neighbour entries on routers."""
    return [
        service
        for service in services
        if any(mode.uses_static_arp(service) for mode in modes_of(service))
    ]
