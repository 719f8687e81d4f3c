# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""GRE (RFC 2784, RFC 2890): a header of its own, with room for a checksum."""

from __future__ import annotations

from .kind import CHECKSUM, NO_CHECKSUM, Device, Header, Inside, TunnelKind, Words

_INSIDE = Inside(
    "gre",
    47,
    {"ipv4": Device("gre", "ip_gre"), "ipv6": Device("ip6gre", "ip6_gre")},
)

GRE = TunnelKind(
    name="gre",
    number=2,
    inside={"ipv4": _INSIDE, "ipv6": _INSIDE},
    # A bit of the first byte for each of checksum, key and sequence number.
    header=Header(4, (Words(0, 7, 1), Words(0, 5, 1), Words(0, 4, 1))),
    checksums={NO_CHECKSUM: 0, CHECKSUM: 4},
    checks_per_device=True,
    since=(5, 3),  # "ipvs: allow tunneling with gre encapsulation"
)
