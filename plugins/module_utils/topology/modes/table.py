# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The modes. Pure."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.dr import DR
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.fullnat import FULLNAT
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.mode import Mode
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.nat import NAT
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.tun import TUN

MODES: dict[str, Mode] = {mode.name: mode for mode in (NAT, DR, TUN, FULLNAT)}

SHAPES = {name: mode.shape for name, mode in MODES.items()}
"""What each mode lets a declaration say."""
