# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The declared services: what a declaration says, once its shape is known to be right."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Mapping

from ...health.model import Check, Policy
from ...ipvs.model import Destination, Service as VirtualService
from ...net.addresses import IPAddress
from ...net.ports import PortRange
from .key import Key


@dataclass(frozen=True)
class Shape:
    """What a mode lets a declaration say beyond what every mode has.

    The values of these keys reach the mode's own code in ``extra``; nothing else reads them.
    """

    service_keys: Mapping[str, Key]
    server_keys: Mapping[str, Key]
    beside: tuple[str, ...] = ()  # the modes that single real servers of such a service may have
    real_server_has_vip: bool = False  # whether a check can go through the VIP


@dataclass(frozen=True)
class Virtual:
    """One VIP of a service, with the service as IPVS knows it."""

    vip: IPAddress
    service: VirtualService

    @cached_property
    def text(self) -> str:
        """The VIP as text."""
        return str(self.vip)


@dataclass(frozen=True)
class RealServer:
    """One real server of a service; groups are resolved."""

    where: str  # the entry that names it
    host: str  # "" = not managed
    addresses: tuple[IPAddress, ...]  # declared as its RIPs, at most one for each family
    port: int
    settings: Destination  # its weight and thresholds; whose address does not count
    extra: Mapping[str, Any]  # the mode's own fields
    mode: str  # the service's, unless it has one of its own
    is_fallback: bool = False  # whether it serves only if no other one can

    def __str__(self) -> str:
        return self.host or " and ".join(map(str, self.addresses))


@dataclass(frozen=True)
class Health:
    """How the real servers of a service are tried, and what follows."""

    check: Check
    policy: Policy


@dataclass(frozen=True, eq=False)
class Service:
    """One declared service."""

    name: str
    mode: str  # of its real servers that have none of their own
    ports: tuple[PortRange, ...]  # more than a single one only with a mark
    protocols: tuple[str, ...]  # several only with a mark
    virtuals: tuple[Virtual, ...]
    servers: tuple[RealServer, ...]
    extra: Mapping[str, Any]  # the fields of its modes
    accept: tuple[str, ...] = ()  # ids of checks that stop nothing here
    fwmark: int = 0  # 0 = IPVS knows it by its VIPs and port
    health: Health | None = None  # None = no health checks
    is_health_open: bool = False  # whether that was not declared

    @property
    def port(self) -> int:
        """The port of its real servers where they name none; 0 = the packet's own."""
        return 0 if self.fwmark else self.ports[0].first

    @property
    def pool(self) -> tuple[RealServer, ...]:
        """Its real servers without the fallback."""
        return tuple(server for server in self.servers if not server.is_fallback)

    @cached_property
    def modes(self) -> tuple[str, ...]:
        """Every mode that it has."""
        return tuple(dict.fromkeys((self.mode, *(server.mode for server in self.servers))))
