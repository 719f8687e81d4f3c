# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The ways of a topology: from each VIP through the directors to each real server."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Callable, NamedTuple, TypeVar, cast

from ...net.addresses import IPAddress, IPNetwork
from ...net.ports import PortRange
from ..declaration.model import RealServer, Service, Virtual
from ..declaration.options import Pool
from .facts import Interface, Node

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Dip:
    """A director's address on the way to the real server."""

    director: Node
    interface: Interface
    pool: Pool | None = None  # declared to be put in place of the DIP as the LIP
    device: str = ""  # of the director, on the link that it shares with the real server; "" = none

    @cached_property
    def lips(self) -> Pool:
        """What a real server sees as the source in FULLNAT: the pool, or else the DIP alone."""
        return self.pool or Pool(self.interface.address, self.interface.address)


@dataclass(frozen=True, eq=False)
class Leg:
    """The part of a path from the directors to a real server: the paths of many VIPs share it.

    What depends on nothing else is worked out here, once.
    """

    node: Node | None  # None = not managed
    clients: tuple[IPNetwork, ...]  # of the VIP's family
    declared: IPAddress | None  # said to be the RIP
    rips: tuple[Interface, ...]  # what may be the RIP: exactly one, once the checks have passed
    dips: tuple[Dip, ...]  # one of each director that has one
    is_guess: bool = False  # whether nothing but a shared network speaks for the RIP
    on_director: bool = False  # whether the director is the real server itself

    @cached_property
    def dip_of(self) -> dict[str, str]:
        """The DIP of each director that has one, as text."""
        return {dip.director.name: dip.interface.text for dip in self.dips}

    @cached_property
    def memo(self) -> dict[object, object]:
        """The results of functions that are called once for each leg."""
        return {}


class Path(NamedTuple):
    """CIP → VIP → DIP → RIP, of one VIP and one real server."""

    service: Service
    virtual: Virtual
    server: RealServer
    leg: Leg

    @property
    def mode(self) -> str:
        """The mode of this real server in this service."""
        return self.server.mode

    @property
    def node(self) -> Node | None:
        """The real server; None = not managed."""
        return self.leg.node

    @property
    def name(self) -> str:
        """The real server's, or its address where it is not managed."""
        return self.node.name if self.node else str(self.server)

    @property
    def clients(self) -> tuple[IPNetwork, ...]:
        """The networks of clients, of the VIP's family."""
        return self.leg.clients

    @property
    def declared(self) -> IPAddress | None:
        """The address that is said to be the RIP."""
        return self.leg.declared

    @property
    def rips(self) -> tuple[Interface, ...]:
        """What may be the RIP: exactly one, once the checks have passed."""
        return self.leg.rips

    @property
    def dips(self) -> tuple[Dip, ...]:
        """The DIPs, one of each director that has one."""
        return self.leg.dips

    @property
    def rip(self) -> Interface:
        """The RIP; ask only after the checks have passed."""
        return self.leg.rips[0]

    @property
    def dip(self) -> Interface:
        """The first director's DIP; ask only after the checks have passed."""
        return self.leg.dips[0].interface

    @property
    def vip(self) -> IPAddress:
        """The VIP."""
        return self.virtual.vip

    @property
    def ports(self) -> tuple[PortRange, ...]:
        """At which the real server gets requests; what has a mark keeps its own port."""
        if self.service.fwmark:
            return self.service.ports
        return (PortRange.single(self.server.port),)


def once_per_leg(function: Function) -> Function:
    """Decorate a function whose result depends on the path's leg and other arguments alone."""

    @wraps(function)
    def remembered(path: Path, *others: object) -> object:
        memo, key = path.leg.memo, (function, others)
        if key not in memo:
            memo[key] = function(path, *others)
        return memo[key]

    return cast("Function", remembered)
