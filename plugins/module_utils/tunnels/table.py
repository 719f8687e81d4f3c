# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The kinds of tunnels."""

from __future__ import annotations

from .gre import GRE
from .gue import GUE
from .ipip import IPIP
from .kind import Device, TunnelKind

KINDS: dict[str, TunnelKind] = {kind.name: kind for kind in (IPIP, GRE, GUE)}
DEFAULT = IPIP

DEVICES: dict[str, Device] = {
    device.kind: device
    for kind in KINDS.values()
    for inside in kind.inside.values()
    for device in inside.devices.values()
}
"""Every device that unwraps, by its kind."""
