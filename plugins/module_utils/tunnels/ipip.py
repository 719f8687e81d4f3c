# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""IPIP: a packet behind one more IP header. IPv6 in IPv4 is called SIT."""

from __future__ import annotations

from .kind import IN_IP, NO_CHECKSUM, Device, Header, Inside, TunnelKind

# A director may send with the VIP as its source, an address that the real server has as well.
_IP6TNL = Device("ip6tnl", "ip6_tunnel", " mode any allow-localremote")
_IPIP = Device("ipip", "ipip", " mode ipip")
_SIT = Device("sit", "sit", " mode ip6ip")

IPIP = TunnelKind(
    name="ipip",
    number=0,
    inside={
        "ipv4": Inside("ipip", IN_IP["ipv4"], {"ipv4": _IPIP, "ipv6": _IP6TNL}),
        "ipv6": Inside("sit", IN_IP["ipv6"], {"ipv4": _SIT, "ipv6": _IP6TNL}),
    },
    header=Header(),
    checksums={NO_CHECKSUM: 0},
)
