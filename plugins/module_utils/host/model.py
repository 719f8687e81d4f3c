# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The model of a host: links, addresses, routes, rules, sysctls and more.

A *resource* either exists or not: a link, an address, a route, a policy rule, a neighbour entry, a
tunnel. A new kind needs a class here, its commands in ``ip/commands.py``, and a reader in
``apply.py``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Mapping, NamedTuple, Union

from ..net.addresses import family_of
from ..net.ports import EVERY, PortRange
from ..tunnels.gue import GUE

RULE_PRIORITY = 20020
"""The priority of our policy rules, before ``main`` (32766); we ignore all others."""


class Link(NamedTuple):
    """A network device."""

    name: str
    kind: str

    @property
    def identity(self) -> tuple[str, ...]:
        """Its name."""
        return ("link", self.name)

    def __str__(self) -> str:
        return f"link {self.name} ({self.kind})" if self.kind else f"link {self.name}"


class Tunnel(NamedTuple):
    """A device that unwraps packets from any sender to one of this host's addresses."""

    name: str
    kind: str
    local: str
    checksum: bool = False  # GRE: takes only packets that have one

    @property
    def identity(self) -> tuple[str, ...]:
        """That of a link: its name."""
        return ("link", self.name)

    def __str__(self) -> str:
        checksum = " with checksums" if self.checksum else ""
        return f"tunnel {self.name} ({self.kind}{checksum}) to {self.local}"


class GuePort(NamedTuple):
    """A UDP port that unwraps packets, and passes the inner ones to a tunnel."""

    family: str
    port: int
    kind: str = GUE.name

    @property
    def identity(self) -> tuple[str, ...]:
        """Its family and port."""
        return ("gue port", self.family, str(self.port))

    def __str__(self) -> str:
        return f"{self.kind} port {self.port} ({self.family})"


class Address(NamedTuple):
    """An address of a device."""

    device: str
    address: str
    prefix: int

    @property
    def identity(self) -> tuple[str, ...]:
        """Its device and address."""
        return ("address", self.device, self.address)

    def __str__(self) -> str:
        return f"address {self.address}/{self.prefix} on {self.device}"


class Route(NamedTuple):
    """The default route of a routing table."""

    table: int
    gateway: str

    @property
    def identity(self) -> tuple[str, ...]:
        """Its table and family."""
        return ("route", str(self.table), family_of(self.gateway))

    def __str__(self) -> str:
        return f"default route via {self.gateway} in table {self.table}"


class Rule(NamedTuple):
    """A policy rule with our priority: it routes a local service's packets by a table."""

    source: str
    protocol: str
    ports: PortRange
    table: int

    @property
    def identity(self) -> tuple[str, ...]:
        """All of its fields, since rules do not exclude each other."""
        return ("rule", self.source, self.protocol, str(self.ports), str(self.table))

    def __str__(self) -> str:
        port = "" if self.ports == EVERY else f" port {self.ports}"
        return f"rule from {self.source} {self.protocol}{port} to table {self.table}"


class Neighbour(NamedTuple):
    """A permanent neighbour entry, which ARP neither queries nor overwrites."""

    device: str
    address: str
    mac: str

    @property
    def identity(self) -> tuple[str, ...]:
        """Its device and address."""
        return ("neighbour", self.device, self.address)

    def __str__(self) -> str:
        return f"neighbour {self.address} at {self.mac} on {self.device}"


class NftTable(NamedTuple):
    """Our own nftables table with its fixed rules; its sets hold the rest."""

    table: str
    intact: bool = True  # has all of its chains and rules

    @property
    def identity(self) -> tuple[str, ...]:
        """The table's name."""
        return ("nft table", self.table)

    def __str__(self) -> str:
        return f"rules of nft table inet {self.table}{'' if self.intact else ' (incomplete)'}"


class Snat(NamedTuple):
    """A virtual service whose requests leave with an address of this host as their source."""

    protocol: str
    address: str
    ports: PortRange

    @property
    def identity(self) -> tuple[str, ...]:
        """All of its fields, since services do not exclude each other."""
        return ("snat", self.protocol, self.address, str(self.ports))

    def __str__(self) -> str:
        return f"source NAT of {self.protocol} {self.address} port {self.ports}"


class Mark(NamedTuple):
    """A virtual address and ports whose packets get a firewall mark for IPVS."""

    protocol: str
    address: str
    ports: PortRange
    mark: int

    @property
    def identity(self) -> tuple[str, ...]:
        """Protocol, address and ports."""
        return ("mark", self.protocol, self.address, str(self.ports))

    def __str__(self) -> str:
        return f"mark {self.mark} for {self.protocol} {self.address} port {self.ports}"


class LocalAddresses(NamedTuple):
    """The range of addresses (LIPs) that a real server sees as the source."""

    real_server: str
    first: str
    last: str

    @property
    def identity(self) -> tuple[str, ...]:
        """The real server."""
        return ("local addresses", self.real_server)

    def __str__(self) -> str:
        more = "" if self.first == self.last else f" to {self.last}"
        return f"source address {self.first}{more} towards {self.real_server}"


class MssLimit(NamedTuple):
    """The largest TCP segment that an address announces to clients."""

    address: str
    size: int

    @property
    def identity(self) -> tuple[str, ...]:
        """The address."""
        return ("mss", self.address)

    def __str__(self) -> str:
        return f"TCP segments for {self.address} of at most {self.size} bytes"


Resource = Union[
    Link,
    Tunnel,
    GuePort,
    NftTable,
    Snat,
    LocalAddresses,
    Mark,
    MssLimit,
    Address,
    Route,
    Rule,
    Neighbour,
]

KINDS: dict[str, type[Resource]] = {
    "links": Link,
    "tunnels": Tunnel,
    "gue_ports": GuePort,
    "nft_tables": NftTable,
    "snat": Snat,
    "local_addresses": LocalAddresses,
    "marks": Mark,
    "mss_limits": MssLimit,
    "addresses": Address,
    "routes": Route,
    "rules": Rule,
    "neighbours": Neighbour,
}
"""The kinds by their names in files and diffs, in the order of their addition."""


DEVICES = (Link, Tunnel)
"""The kinds with a device name, and thus their own sysctls."""

IN_NFT = (NftTable, Snat, LocalAddresses, Mark, MssLimit)
"""The kinds in our nftables table, which are written with it."""


class SysctlRequirement(NamedTuple):
    """A sysctl's accepted values, and the value to write if it has none of them.

    With ``combined`` the larger value of ``conf/all`` and the interface counts, as the kernel reads
    ``arp_ignore``, ``arp_announce`` and ``rp_filter``.
    """

    key: str  # below /proc/sys, with slashes, because names of interfaces contain dots
    value: str
    accepted: tuple[str, ...]
    combined: bool = False

    def __str__(self) -> str:
        return f"sysctl {self.key}"


class OriginalValue(NamedTuple):
    """The original and the written value of a sysctl."""

    original: str
    written: str


HELPERS = ("ftp",)
"""What IPVS can have of helpers, each a kernel module ip_vs_NAME."""


class Desired(NamedTuple):
    """The desired state of one component (real server, director, router)."""

    resources: frozenset[Resource] = frozenset()
    settings: tuple[SysctlRequirement, ...] = ()  # in the order of writing
    up: tuple[str, ...] = ()  # devices that must be up
    arp_suppressed: bool = False  # no other host learns the addresses from this one
    helpers: tuple[str, ...] = ()  # of IPVS; as all kernel modules, they are never unloaded


class Owned(NamedTuple):
    """The owned state: added resources, and original values of sysctls."""

    resources: frozenset[Resource] = frozenset()
    settings: Mapping[str, OriginalValue] = MappingProxyType({})


class Past(NamedTuple):
    """What the last run desired, and what is owned since."""

    desired: Desired
    owned: Owned


class Current(NamedTuple):
    """The current state, as far as it was read."""

    resources: frozenset[Resource] = frozenset()
    up: frozenset[str] = frozenset()  # names of links
    sysctls: Mapping[str, str] = MappingProxyType({})
    helpers: frozenset[str] = frozenset()  # of IPVS
