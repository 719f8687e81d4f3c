# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The model of an IPVS table: services and their destinations.

A table may hold 100,000 destinations, and named tuples are built and compared much faster than
dataclasses. Addresses are in the format of inet_ntop(3).
"""

from __future__ import annotations

from typing import Dict, NamedTuple

from ..net.ports import PortRange
from ..tunnels.kind import NO_CHECKSUM
from ..tunnels.table import DEFAULT, KINDS

FAMILIES = ("ipv4", "ipv6")
PROTOCOLS = ("tcp", "udp", "sctp")

# net/netfilter/ipvs/Kconfig of Linux 6.1, each a module ip_vs_NAME
SCHEDULERS = (
    "rr",
    "wrr",
    "lc",
    "wlc",
    "fo",
    "ovf",
    "lblc",
    "lblcr",
    "dh",
    "sh",
    "mh",
    "sed",
    "nq",
    "twos",
)
DEFAULT_SCHEDULER = "wlc"  # as ipvsadm(8) has it
FLAGGED_SCHEDULERS = ("sh", "mh")  # the two that read their flags
HASHING_SCHEDULERS = ("dh", *FLAGGED_SCHEDULERS)
SCHEDULER_FLAGS = ("fallback", "port")
PERSISTENCE_ENGINES = ("sip",)

FORWARDINGS = MASQ, DROUTE, TUNNEL = ("masq", "droute", "tunnel")
DEFAULT_FORWARDING = DROUTE  # as ipvsadm(8) has it
TUNNEL_FIELDS = ("tunnel_type", "tunnel_port", "tunnel_checksum")  # of a destination
# The kernel numbers them from 0.
TUNNEL_TYPES = tuple(sorted(KINDS, key=lambda name: KINDS[name].number))

MAX_WEIGHT = 65535  # ipvsadm(8); the kernel itself stops at 2**31 - 1


class ServiceKey(NamedTuple):
    """The identity of a service: a mark, or protocol, address and port."""

    family: str
    fwmark: int  # 0 = by address
    protocol: str  # "" for a mark
    address: str  # "" for a mark
    port: int  # 0 = every port, or a mark

    def __str__(self) -> str:
        if self.fwmark:
            return f"fwmark {self.fwmark} ({self.family})"
        return f"{self.protocol} {endpoint(self.address, self.port)}"


class Service(NamedTuple):
    """A virtual service, without its destinations."""

    key: ServiceKey
    scheduler: str = DEFAULT_SCHEDULER
    scheduler_flags: tuple[str, ...] = ()  # in the order of SCHEDULER_FLAGS
    persistence_timeout: int = 0  # seconds; 0 = not persistent
    persistence_prefix: int = 0  # bits of the client's address; 0 unless persistent
    persistence_engine: str = ""
    one_packet: bool = False

    @property
    def refuses(self) -> bool:
        """Whether clients whose destination has weight 0 are refused, and go to no other one.

        As ip_vs_dh_schedule(), ip_vs_sh_get() and ip_vs_mh_get() do.
        """
        return self.scheduler in HASHING_SCHEDULERS and "fallback" not in self.scheduler_flags


class DestinationKey(NamedTuple):
    """The identity of a destination below its service."""

    address: str
    port: int

    def __str__(self) -> str:
        return endpoint(self.address, self.port)


class Destination(NamedTuple):
    """A real server's address and port below a service."""

    key: DestinationKey
    forwarding: str = DEFAULT_FORWARDING
    weight: int = 1
    upper_threshold: int = 0  # connections; 0 = no limit
    lower_threshold: int = 0
    tunnel_type: str = DEFAULT.name
    tunnel_port: int = 0
    tunnel_checksum: str = NO_CHECKSUM


class Entry(NamedTuple):
    """A service with its destinations, in the order of their addition.

    The scheduler mh depends on that order.
    """

    service: Service
    destinations: dict[DestinationKey, Destination]


Table = Dict[ServiceKey, Entry]


class Endpoint(NamedTuple):
    """Where clients connect to."""

    protocol: str
    address: str
    ports: PortRange

    def __str__(self) -> str:
        return f"{self.protocol} {endpoint(self.address, self.ports)}"


class Timeouts(NamedTuple):
    """Seconds after which an idle connection is forgotten; 0 leaves a timeout as it is."""

    tcp: int = 0
    tcp_fin: int = 0
    udp: int = 0


def endpoint(address: str, ports: int | PortRange) -> str:
    """Address and port as people write them."""
    return f"[{address}]:{ports}" if ":" in address else f"{address}:{ports}"
