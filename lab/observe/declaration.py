# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declaration as a list of endpoints: what a client can address, and who is to answer."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Schedulers that give every real server its share of one client's requests.
_SPREADING = frozenset({"rr", "wrr", "lc", "wlc"})
_MOST_REQUESTS = 24


@dataclass(frozen=True)
class Endpoint:
    """One VIP and port of a service."""

    service: str
    mode: str
    vip: str
    port: int
    weights: Mapping[str, int]
    """Real server (its host, or its address where it is unmanaged) → weight."""
    protocol: str = "tcp"
    is_static: bool = False
    """Whether routers know who has the VIP; who would answer is then all the same."""
    spreads: bool = True
    """Whether a single client's requests must reach every real server."""

    @property
    def is_ipv6(self) -> bool:
        """Tell the family."""
        return ipaddress.ip_address(self.vip).version == 6  # noqa: PLR2004

    @property
    def address(self) -> str:
        """Give VIP and port."""
        return written(self.vip, self.port)

    @property
    def requests(self) -> int:
        """Two rounds of the weights in their lowest terms, as long as that stays bearable."""
        active = [weight for weight in self.weights.values() if weight]
        return min(2 * sum(active) // math.gcd(*active), _MOST_REQUESTS) if active else 1


def written(address: str, port: int) -> str:
    """Write an address and a port as people do."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def endpoints(
    services: Mapping[str, Any], groups: Mapping[str, tuple[str, ...]]
) -> tuple[Endpoint, ...]:
    """List the endpoints of a valid declaration."""
    return tuple(
        Endpoint(
            service=name,
            mode=service["mode"],
            vip=str(ipaddress.ip_address(vip)),
            port=service["port"],
            weights=dict(_weights(service, groups, vip)),
            protocol=service.get("protocol", "tcp"),
            is_static=service.get("arp") == "static" and ":" not in vip,
            spreads=service.get("scheduler", "wlc") in _SPREADING
            and not service.get("persistence_timeout"),
        )
        for name, service in services.items()
        for vip in service["vips"]
    )


def _weights(
    service: Mapping[str, Any], groups: Mapping[str, tuple[str, ...]], vip: str
) -> Iterator[tuple[str, int]]:
    named = {server.get("host") for server in service["real_servers"]}
    for server in service["real_servers"]:
        weight = server.get("weight", 1)
        if "group" in server:
            # A host that is named by itself is not meant by its group.
            yield from ((name, weight) for name in groups[server["group"]] if name not in named)
        else:
            yield server.get("host") or _of_family(server["address"], vip), weight


def _of_family(addresses: str | list[str], vip: str) -> str:
    """Pick the address of the VIP's family, of which there may be one for each."""
    listed = [addresses] if isinstance(addresses, str) else addresses
    return next(each for each in listed if (":" in each) == (":" in vip))
