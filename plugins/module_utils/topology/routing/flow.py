# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What packets a host is asked about."""

from __future__ import annotations

from typing import NamedTuple

from ...net.addresses import IPAddress, IPNetwork

LOOPBACK = "lo"
"""The incoming device of packets that the host sends itself (LOOPBACK_IFINDEX)."""


class Flow(NamedTuple):
    """Packets to a network, of a socket that is bound to no device; None where nobody knows."""

    destination: IPNetwork
    source: IPAddress | None = None  # None = the kernel chooses it after the route
    device: str = LOOPBACK  # by which they come
    vrf: str = ""  # that of the socket, or of the incoming device
    protocol: int | None = None
    source_port: int | None = None
    destination_port: int | None = None
    mark: int | None = 0
