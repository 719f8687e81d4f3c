# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""GUE (draft-ietf-intarea-gue): UDP to a port that unwraps, then a device for IPIP."""

from __future__ import annotations

from .ipip import IPIP
from .kind import (
    CHECKSUM,
    NO_CHECKSUM,
    REMOTE_CHECKSUM,
    UDP,
    Header,
    Inside,
    TunnelKind,
    Words,
)

_UDP_HEADER, _GUE_HEADER = 8, 4

GUE = TunnelKind(
    name="gue",
    number=1,
    inside={family: Inside("gue", UDP, inside.devices) for family, inside in IPIP.inside.items()},
    # struct guehdr: version, control bit and the number of words behind it in its first byte.
    header=Header(_UDP_HEADER + _GUE_HEADER, (Words(_UDP_HEADER, 0, 0x1F),)),
    # Of packets alone whose checksum is left to hardware; which these are is not ours to say.
    checksums={NO_CHECKSUM: 0, CHECKSUM: 0, REMOTE_CHECKSUM: 8},
    has_port=True,
    since=(5, 3),  # "ipvs: add checksum support for gue encapsulation"
)
