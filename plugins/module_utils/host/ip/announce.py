# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Announces an address to the neighbours, so that they update their caches at once."""

from __future__ import annotations

from ...net.frames import ALL_NODES, advertisement, arp_request
from ...net.send import send_frame, send_icmpv6

_TIMES = 3  # announcements are not acknowledged, and one packet may be lost


def announce(device: str, address: str) -> list[str]:
    """Announce an address of a device; return the reason of a failure."""
    try:
        if ":" in address:
            send_icmpv6(device, lambda mac: advertisement(mac, address), ALL_NODES, _TIMES)
        else:
            send_frame(device, lambda mac: arp_request(mac, address, address), _TIMES)
    except OSError as error:
        return [error.strerror or str(error)]
    return []
