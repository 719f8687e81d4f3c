# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a host has, and what we want it to have: links, addresses, routes, rules and sysctls.

A *resource* is either there or not: a link, an address, a route, a policy rule, a neighbour entry,
a tunnel. Another kind is one more class here, its commands in ``ip/commands.py`` and its way of
being read in ``apply.py``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Mapping, NamedTuple, Union

from ..net.addresses import family_of
from ..tunnels.gue import GUE

RULE_PRIORITY = 20020
"""Where our policy rules stand: before ``main`` (32766), and no other rules are looked at."""


class Link(NamedTuple):
    """A network device."""

    name: str
    kind: str

    @property
    def identity(self) -> tuple[str, ...]:
        """What only one link can have: its name."""
        return ("link", self.name)

    def __str__(self) -> str:
        return f"link {self.name} ({self.kind})" if self.kind else f"link {self.name}"


class Tunnel(NamedTuple):
    """A device that unwraps what anybody sends to one of this host's addresses."""

    name: str
    kind: str
    local: str
    checksum: bool = False  # GRE: takes packets that have one, and no others

    @property
    def identity(self) -> tuple[str, ...]:
        """A tunnel is a link, and has its name to itself."""
        return ("link", self.name)

    def __str__(self) -> str:
        checksum = " with checksums" if self.checksum else ""
        return f"tunnel {self.name} ({self.kind}{checksum}) to {self.local}"


class GuePort(NamedTuple):
    """A UDP port on which packets are unwrapped; what is in them goes on to a tunnel."""

    family: str
    port: int
    kind: str = GUE.name

    @property
    def identity(self) -> tuple[str, ...]:
        """What only one of them can have: a port."""
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
        """What only one address of ours can have: a place on a device."""
        return ("address", self.device, self.address)

    def __str__(self) -> str:
        return f"address {self.address}/{self.prefix} on {self.device}"


class Route(NamedTuple):
    """The default route of a routing table."""

    table: int
    gateway: str

    @property
    def identity(self) -> tuple[str, ...]:
        """What only one route can have: being the default of a table, in a family."""
        return ("route", str(self.table), family_of(self.gateway))

    def __str__(self) -> str:
        return f"default route via {self.gateway} in table {self.table}"


class Rule(NamedTuple):
    """A policy rule, with our priority: what a local service sends is routed by a table."""

    source: str
    protocol: str
    port: int  # 0 = every port
    table: int

    @property
    def identity(self) -> tuple[str, ...]:
        """Rules do not shut each other out."""
        return ("rule", self.source, self.protocol, str(self.port), str(self.table))

    def __str__(self) -> str:
        port = f" port {self.port}" if self.port else ""
        return f"rule from {self.source} {self.protocol}{port} to table {self.table}"


class Neighbour(NamedTuple):
    """A permanent neighbour entry: ARP is not asked for this address, and not believed either."""

    device: str
    address: str
    mac: str

    @property
    def identity(self) -> tuple[str, ...]:
        """What only one entry can have: an address behind a device."""
        return ("neighbour", self.device, self.address)

    def __str__(self) -> str:
        return f"neighbour {self.address} at {self.mac} on {self.device}"


class Ruleset(NamedTuple):
    """Our own nftables table, with the rules that never change; what does is in its sets."""

    table: str
    intact: bool = True  # all of its chains and rules are there

    @property
    def identity(self) -> tuple[str, ...]:
        """What only one ruleset can have: the table's name."""
        return ("ruleset", self.table)

    def __str__(self) -> str:
        return f"rules of nft table inet {self.table}{'' if self.intact else ' (incomplete)'}"


class Snat(NamedTuple):
    """A virtual service whose requests go on with an address of this host as their source."""

    protocol: str
    address: str
    port: int

    @property
    def identity(self) -> tuple[str, ...]:
        """Services do not shut each other out."""
        return ("snat", self.protocol, self.address, str(self.port))

    def __str__(self) -> str:
        return f"source NAT of {self.protocol} {self.address} port {self.port}"


class Mark(NamedTuple):
    """A virtual address and port whose packets get a firewall mark, by which IPVS knows them."""

    protocol: str
    address: str
    port: int
    mark: int

    @property
    def identity(self) -> tuple[str, ...]:
        """What only one mark can have: protocol, address and port."""
        return ("mark", self.protocol, self.address, str(self.port))

    def __str__(self) -> str:
        return f"mark {self.mark} for {self.protocol} {self.address} port {self.port}"


class LocalAddresses(NamedTuple):
    """The addresses (LIPs) that a real server sees as the source: from the first to the last."""

    real_server: str
    first: str
    last: str

    @property
    def identity(self) -> tuple[str, ...]:
        """What only one entry can have: a real server."""
        return ("local addresses", self.real_server)

    def __str__(self) -> str:
        more = "" if self.first == self.last else f" to {self.last}"
        return f"source address {self.first}{more} towards {self.real_server}"


class MssLimit(NamedTuple):
    """The largest TCP segment that clients are told of when they connect to an address."""

    address: str
    size: int

    @property
    def identity(self) -> tuple[str, ...]:
        """What only one limit can have: an address."""
        return ("mss", self.address)

    def __str__(self) -> str:
        return f"TCP segments for {self.address} of at most {self.size} bytes"


Resource = Union[
    Link,
    Tunnel,
    GuePort,
    Ruleset,
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
    "rulesets": Ruleset,
    "snat": Snat,
    "local_addresses": LocalAddresses,
    "marks": Mark,
    "mss_limits": MssLimit,
    "addresses": Address,
    "routes": Route,
    "rules": Rule,
    "neighbours": Neighbour,
}
"""The kinds by their names in files and diffs, in the order in which they are added."""


DEVICES = (Link, Tunnel)
"""The kinds that have a name, and with it sysctls of their own."""

IN_NFT = (Ruleset, Snat, LocalAddresses, Mark, MssLimit)
"""The kinds that live in our nftables table, and are written with it."""


class Setting(NamedTuple):
    """A sysctl that we want to have one of some values, and the value to write when it has not.

    With ``combined`` the value that counts is the kernel's own reading of ``arp_ignore``,
    ``arp_announce`` and ``rp_filter``: the larger of ``conf/all`` and the interface.
    """

    key: str  # below /proc/sys, with slashes: names of interfaces contain dots
    value: str
    accepted: tuple[str, ...]
    combined: bool = False

    def __str__(self) -> str:
        return f"sysctl {self.key}"


class OriginalValue(NamedTuple):
    """A sysctl that we wrote: what was there, and what we made of it."""

    found: str
    written: str


class Desired(NamedTuple):
    """What one part (real server, director, router) wants of its host."""

    resources: frozenset[Resource] = frozenset()
    settings: tuple[Setting, ...] = ()  # in the order in which they are written
    up: tuple[str, ...] = ()  # devices that must be up
    hidden: bool = False  # nobody may learn the addresses from this host (real servers)


class Owned(NamedTuple):
    """What of this host is ours: resources that were not there, and sysctls as they were."""

    resources: frozenset[Resource] = frozenset()
    settings: Mapping[str, OriginalValue] = MappingProxyType({})


class Current(NamedTuple):
    """What the host has, as far as it was looked at."""

    resources: frozenset[Resource] = frozenset()
    up: frozenset[str] = frozenset()  # names of links
    sysctls: Mapping[str, str] = MappingProxyType({})
