# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The plan of a verification: captures, queries and requests of each host."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Iterator, Mapping, NamedTuple, Sequence

from ..errors import UserError
from ..packets.options import MOST
from .endpoints import Endpoint, Server, evenly
from .hosts import Host, Hosts

CLIENTS, ROUTERS, DIRECTORS = "lvs_clients", "lvs_routers", "lvs_directors"


class PlanError(UserError):
    """Verification is impossible; str() says why."""


class Limits(NamedTuple):
    """Limits of a verification."""

    requests: int  # to each VIP of a service
    http: bool
    size: int


class Plan(NamedTuple):
    """The tasks of each host, as arguments of modules."""

    client: str
    captures: dict[str, dict[str, list[Any]]]
    queries: dict[str, list[dict[str, str]]]
    targets: list[dict[str, Any]]


def plan(
    endpoints: Sequence[Endpoint],
    hosts: Hosts,
    groups: Mapping[str, Sequence[str]],
    limits: Limits,
) -> Plan:
    """Plan the verification of all endpoints."""
    if limits.requests < 1:
        raise PlanError(f"requests: got {limits.requests}, expected a number from 1 to 100")
    if not endpoints:
        raise PlanError("the declaration has no service with a real server: nothing to verify")
    clients = [hosts.by_name[name] for name in groups.get(CLIENTS, ()) if name in hosts.by_name]
    if not clients:
        raise PlanError(
            f"no host of group {CLIENTS} was read: requests need a client that is neither a"
            " director nor a real server"
        )
    client = clients[0]
    endpoints, requests = _within(endpoints, limits.requests)
    servers = [server for endpoint in endpoints for server in endpoint.servers]
    # The hosts before and behind a router show what it does.
    watchers = {
        client.name,
        *groups.get(DIRECTORS, ()),
        *(server.host for server in servers),
    }
    ports = {endpoint.port for endpoint in endpoints} | {server.port for server in servers}
    spec: dict[str, list[Any]] = {
        "hosts": sorted(_hosts(client, servers)),
        "ports": [] if 0 in ports or len(ports) > MOST["ports"] else sorted(ports),
        # VIPs first: without the rest, causes are only less exact.
        "neighbours": [
            *dict.fromkeys(
                (*(endpoint.vip for endpoint in endpoints), *(server.rip for server in servers))
            )
        ][: MOST["neighbours"]],
        "tunnel_ports": sorted({server.tunnel_port for server in servers if server.tunnel_port}),
    }
    return Plan(
        client=client.name,
        captures=dict.fromkeys(sorted(watchers & hosts.by_name.keys()), spec),
        queries=dict(_queries(endpoints, hosts, groups)),
        targets=[
            {
                "address": endpoint.vip,
                "port": endpoint.port,
                "protocol": endpoint.protocol,
                "requests": number,
                "http": limits.http and endpoint.protocol == "tcp",
                "size": limits.size,
            }
            for endpoint, number in zip(endpoints, requests)
            if endpoint.port
        ],
    )


def _within(endpoints: Sequence[Endpoint], most: int) -> tuple[list[Endpoint], list[int]]:
    """Return the endpoints that are asked, and how often each: as many as a VIP may have."""
    asked: list[Endpoint] = []
    requests: list[int] = []
    for _key, group in groupby(endpoints, key=lambda one: (one.service, one.vip)):
        own = evenly([*group], most)
        asked += own
        requests += [min(one.requests, most // len(own)) for one in own]
    return asked, requests


def _hosts(client: Host, servers: Sequence[Server]) -> set[str]:
    """Return the captured addresses: the client's and those of the directors."""
    dips = {dip for server in servers for dip in server.dips.values()}
    lips = {lip for server in servers for lip in server.lips}
    rips = {server.rip for server in servers if server.lips}
    # Either LIP or RIP identifies the packets between them.
    for local in (lips, rips):
        hosts = {*client.addresses, *dips, *local}
        if len(hosts) <= MOST["hosts"]:
            return hosts
    raise PlanError(
        f"client, DIPs and LIPs are {len(client.addresses | dips | lips)} addresses (with RIPs in"
        f" place of LIPs no fewer), and a capture takes {MOST['hosts']}: verify fewer services"
    )


def _queries(
    endpoints: Sequence[Endpoint], hosts: Hosts, groups: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Return the queries of each host about VIPs."""
    asked: dict[str, list[dict[str, str]]] = {}
    # With static entries routers do not ask; a query of ours would look like theirs.
    for vip in dict.fromkeys(endpoint.vip for endpoint in endpoints if not endpoint.static_arp):
        for host in askers(vip, endpoints, hosts, groups):
            interface = host.interface_towards(vip)
            if interface:
                asked.setdefault(host.name, []).append(
                    {
                        "address": vip,
                        "interface": interface.device,
                        "source": "" if ":" in vip else str(interface.at.ip),
                    }
                )
    yield from asked.items()


def askers(
    vip: str, endpoints: Sequence[Endpoint], hosts: Hosts, groups: Mapping[str, Sequence[str]]
) -> list[Host]:
    """Return hosts that can query a VIP: one in its network that is not expected to have it.

    Without such a host, two real servers ask, because a host cannot hear its own answer.
    """
    outsiders = [*groups.get(ROUTERS, ()), *groups.get(CLIENTS, ())]
    insiders = [
        server.host
        for endpoint in endpoints
        if endpoint.vip == vip
        for server in endpoint.servers
        if not server.on_director
    ]
    near = [
        hosts.by_name[name]
        for name in dict.fromkeys((*outsiders, *insiders))
        if name in hosts.by_name and hosts.by_name[name].interface_towards(vip)
    ]
    return near[:1] if near and near[0].name in outsiders else near[:2]
