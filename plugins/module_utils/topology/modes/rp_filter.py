# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Where requests arrive by another way than replies leave. Pure."""

from __future__ import annotations

from ...net.addresses import family
from ..paths.path import Path


def asymmetric_devices(path: Path) -> list[str]:
    """The RIP's device, if clients are not behind it for the host's main routes.

    Requests come with the client's own address, and a strict rp_filter drops them there. IPv6 has
    no such filter.
    """
    if family(path.vip) != "ipv4":
        return []
    devices = {route.device for _clients, routes in path.routes_to_clients() for route in routes}
    return [] if devices == {path.rip.device} else [path.rip.device]
