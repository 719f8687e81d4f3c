# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What sets a kind of tunnel apart. To add one: a file like ``gre.py``, a line in ``table.py``.

All layers ask here: the IPVS table, the devices of real servers, captured packets and the checks.
"""

from __future__ import annotations

from typing import Mapping, NamedTuple

# In the order of IP_VS_TUNNEL_ENCAP_FLAG_* in include/uapi/linux/ip_vs.h.
CHECKSUMS = NO_CHECKSUM, CHECKSUM, REMOTE_CHECKSUM = ("none", "csum", "remcsum")

# IP protocols that several kinds share, by the family of the packet inside.
IN_IP = {"ipv4": 4, "ipv6": 41}
UDP = 17


class Device(NamedTuple):
    """A device that unwraps packets on a real server."""

    kind: str  # as ``ip link add type`` has it
    module: str  # of the kernel
    options: str = ""  # of ``ip link add``


class Inside(NamedTuple):
    """How packets of one family travel in a tunnel."""

    name: str  # of the tunnel, in captured packets
    protocol: int  # of the outer IP header
    devices: Mapping[str, Device]  # by the family outside


class Words(NamedTuple):
    """A field that tells how many words of four bytes follow."""

    byte: int  # of the header
    shift: int
    mask: int

    def bytes_of(self, header: bytes) -> int:
        """Return how many bytes follow."""
        return ((header[self.byte] >> self.shift) & self.mask) * 4


class Header(NamedTuple):
    """What is between the outer IP header and the packet inside."""

    size: int = 0
    optional: tuple[Words, ...] = ()

    def length(self, header: bytes) -> int:
        """Return the length of a header that was captured."""
        return self.size + sum(words.bytes_of(header) for words in self.optional)


class TunnelKind(NamedTuple):
    """One kind of tunnel."""

    name: str  # in options, the declaration and the IPVS table
    number: int  # IP_VS_CONN_F_TUNNEL_TYPE_* in include/uapi/linux/ip_vs.h
    inside: Mapping[str, Inside]  # by the family of the packet inside
    header: Header
    checksums: Mapping[str, int]  # that a director can send → bytes that they add
    has_port: bool = False
    checks_per_device: bool = False  # a device takes only packets with checksums, or only without
    since: tuple[int, int] = (0, 0)  # the first Linux whose IPVS has it

    def overhead(self, checksum: str) -> int:
        """Return how much a packet grows, beside the outer IP header.

        A checksum that the kind does not know adds nothing.
        """
        return self.header.size + self.checksums.get(checksum, 0)
