# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a diagnosis knows, and how it says that it does not know.

A cause is named only if a packet, a fact of a host or a table of a director shows it. Where none
does, the text says so, lists what can be the cause, and gives the command that decides. What was
seen is never contradicted: a host that was read is not down.
"""

from __future__ import annotations

from typing import Any, Mapping, NamedTuple, Sequence

from ..net.addresses import family_of
from .endpoints import Endpoint
from .flows import Scene
from .hosts import Hosts
from .synchronisation import Synchronisation

FILTERS = "nft list ruleset"


def undecided(candidate: str, *others: str, ask: str) -> str:
    """Return the candidates where nothing that was read shows the cause; there is always one."""
    return f"not shown by what was read; {', or '.join((candidate, *others))} (decides: {ask})"


class Evidence(NamedTuple):
    """Facts and tables that a diagnosis uses beside the packets of an endpoint."""

    scene: Scene
    tables: Mapping[str, Sequence[Mapping[str, Any]]]  # director → services of ipvs_info
    obstacles: Mapping[str, Mapping[str, Any]] = {}  # host → obstacles of obstacles_info
    synchronisation: Mapping[str, Synchronisation] = {}  # by director

    @property
    def hosts(self) -> Hosts:
        """The hosts."""
        return self.scene.hosts

    @property
    def directors(self) -> tuple[str, ...]:
        """Names of the directors."""
        return self.scene.directors

    @property
    def client(self) -> str:
        """The host that sent the requests."""
        return self.scene.client

    def describe(self, receiver: str, host: str, interface: str, family: str) -> str:
        """Return a receiver's name with its address on the link of a host's interface.

        An address of the family is preferred, but hosts without IPv4 can be its next hops too.
        """
        known = self.hosts.by_name.get(receiver)
        here = self.hosts.by_name.get(host)
        if not receiver:
            return "a tunnel or no link layer"
        if known and here:
            for own in sorted(here.interfaces, key=lambda one: family_of(str(one.at.ip)) != family):
                at = known.interface_towards(str(own.at.ip)) if own.device == interface else None
                if at:
                    return f"{receiver} ({at.at.ip})"
        return receiver

    def service(self, director: str, endpoint: Endpoint) -> Mapping[str, Any] | None:
        """Return the endpoint's service in a director's table."""
        wanted: dict[str, object] = {"protocol": endpoint.protocol, "address": endpoint.vip}
        wanted["port"] = endpoint.port
        if endpoint.fwmark:
            wanted = {"fwmark": endpoint.fwmark, "family": family_of(endpoint.vip)}
        for one in self.tables.get(director, ()):
            if all(one.get(name) == value for name, value in wanted.items()):
                return one
        return None

    def delivers(self, director: str, address: str, endpoint: Endpoint) -> bool:
        """Tell whether a director's table has an address of its own; what was not read may."""
        if director not in self.tables:
            return True
        service = self.service(director, endpoint)
        return any(one["address"] == address for one in (service or {}).get("destinations", ()))

    def has(self, host: str, address: str) -> bool:
        """Tell whether a host has an address."""
        known = self.hosts.by_name.get(host)
        return known is not None and address in known.addresses

    def firewalls(self, host: str, hooks: str, *, by_state: bool = False) -> list[str]:
        """Return the candidate that a firewall drops at these hooks; none if there is none."""
        filters = self.obstacles.get(host, {}).get("filters")
        if filters is None:
            return ["a firewall on it"]
        found = [
            one["table"]
            for one in filters
            if {*one["hooks"]} & {*hooks.split()} and (one["by_state"] or not by_state)
        ]
        return [f"a firewall on it (tables: {', '.join(found)})"] if found else []

    def listens(self, host: str, protocol: str, address: str, port: int) -> bool | None:
        """Tell whether a socket takes requests; None if that was not read, or rules may decide.

        A published port of a container needs no socket: a rule leads requests to another address.
        """
        if host not in self.obstacles or protocol not in ("tcp", "udp"):
            return None
        # A socket of :: can take IPv4, too.
        fitting = (address, "::", "::" if ":" in address else "0.0.0.0")  # noqa: S104 - compared
        if any(
            (one["protocol"], one["port"]) == (protocol, port) and one["address"] in fitting
            for one in self.obstacles[host]["listening"]
        ):
            return True
        return False if self.obstacles[host]["redirects"] == [] else None

    def tracking_is_full(self, host: str) -> bool | None:
        """Tell whether no more connections can be tracked; None if that was not read."""
        if host not in self.obstacles:
            return None
        connections = self.obstacles[host]["connections"]
        # 0 is no limit: __nf_conntrack_alloc() in net/netfilter/nf_conntrack_core.c.
        return bool(connections) and bool(0 < connections["most"] <= connections["tracked"])
