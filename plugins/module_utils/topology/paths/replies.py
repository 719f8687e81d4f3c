# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Where a real server sends its replies."""

from __future__ import annotations

from socket import IPPROTO_SCTP, IPPROTO_TCP, IPPROTO_UDP
from typing import NamedTuple, cast

from ...net.addresses import IPAddress, IPNetwork
from ..routing.flow import Flow
from ..routing.lookup import Ways
from .path import Path

_PROTOCOLS = {"tcp": IPPROTO_TCP, "udp": IPPROTO_UDP, "sctp": IPPROTO_SCTP}


class Back(NamedTuple):
    """How replies go to one network of clients."""

    flow: Flow
    ways: Ways

    @property
    def clients(self) -> IPNetwork:
        """The network."""
        return self.flow.destination


def ways_back(path: Path, source: IPAddress) -> tuple[Back, ...]:
    """The ways of replies with this source; none where the real server is not managed.

    Unknown are the client's port, and the mark that a packet filter may give to replies.
    """
    node = path.node
    if node is None or not path.rips:
        return ()
    # A reply has the family of the VIP; in a tunnel, the RIP may have the other.
    routing = node.routing[path.vip.version]
    ports = path.ports if routing.asks_for("source_ports") else (None,)
    asked = source if routing.asks_for("source") else None
    protocols = path.service.protocols if routing.asks_for("protocol") else ("",)
    key = ("ways back", asked, protocols, ports)
    memo = path.leg.memo
    if key not in memo:
        flows = [
            Flow(
                clients,
                asked,
                vrf=node.vrfs.get(path.rip.device, ""),
                protocol=_PROTOCOLS.get(protocol),
                source_ports=each,
                mark=None,
            )
            for clients in path.clients
            for protocol in protocols
            for each in ports
        ]
        memo[key] = tuple(Back(flow, node.ways(flow)) for flow in flows)
    return cast("tuple[Back, ...]", memo[key])
