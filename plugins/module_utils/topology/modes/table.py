# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The modes."""

from __future__ import annotations

from typing import Iterable

from ..declaration.model import Service
from .dr import DR
from .fullnat import FULLNAT
from .mode import Mode
from .nat import NAT
from .tun import TUN

MODES: dict[str, Mode] = {mode.name: mode for mode in (NAT, DR, TUN, FULLNAT)}

SHAPES = {name: mode.shape for name, mode in MODES.items()}
"""What each mode lets a declaration say."""


def with_static_arp(services: Iterable[Service]) -> list[Service]:
    """The services that ask for static neighbour entries on routers."""
    return [service for service in services if MODES[service.mode].uses_static_arp(service)]
