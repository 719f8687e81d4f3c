# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What packets a host is asked about."""

from __future__ import annotations

from typing import NamedTuple

from ...net.addresses import IPAddress, IPNetwork
from ...net.ports import PortRange

LOOPBACK = "lo"
"""The incoming device of packets that the host sends itself (LOOPBACK_IFINDEX)."""


class Flow(NamedTuple):
    """Packets to a network, of a socket that is bound to no device; None if unknown."""

    destination: IPNetwork
    source: IPAddress | None = None  # None = the kernel chooses it after the route
    device: str = LOOPBACK  # by which they come
    vrf: str = ""  # that of the socket, or of the incoming device
    protocol: int | None = None
    source_ports: PortRange | None = None
    destination_ports: PortRange | None = None
    mark: int | None = 0


def plain(destination: IPNetwork, vrf: str = "") -> Flow:
    """Packets of which nothing but the destination counts.

    So IPVS asks for real servers (do_output_route4() in net/netfilter/ipvs/ip_vs_xmit.c), and the
    kernel whether a gateway is on a link (fib_check_nh() in net/ipv4/fib_semantics.c): with zeros,
    which rules by protocol or port do not match.
    """
    none = PortRange.single(0)
    return Flow(destination, vrf=vrf, protocol=0, source_ports=none, destination_ports=none)
