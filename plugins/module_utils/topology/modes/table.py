# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The modes."""

from __future__ import annotations

from .dr import DR
from .fullnat import FULLNAT
from .mode import Mode
from .nat import NAT
from .tun import TUN

MODES: dict[str, Mode] = {mode.name: mode for mode in (NAT, DR, TUN, FULLNAT)}

SHAPES = {name: mode.shape for name, mode in MODES.items()}
"""What each mode lets a declaration say."""
