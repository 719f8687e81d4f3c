# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The report as plain data: packets and findings of each endpoint."""

from __future__ import annotations

from collections import Counter
from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Sequence

from ..ipvs.model import endpoint as written
from ..net.addresses import family_of
from ..packets import results
from ..packets.frames import load
from ..packets.results import Result
from .diagnosis import ask_about_marks
from .endpoints import Endpoint
from .evidence import Evidence
from .flows import IN, OUT, Crossing, Scene, trace
from .hosts import Hosts
from .synchronisation import Synchronisation
from .verdict import (
    Finding,
    Observation,
    evaluate,
    is_unused_port,
    may_be_past_ipvs,
    server_of,
)

GREEN, RED = "green", "red"


class Observed(NamedTuple):
    """The results of the modules."""

    client: str
    directors: Sequence[str]
    captures: Mapping[str, Mapping[str, Any]]  # host → result of capture
    queries: Mapping[str, Sequence[Mapping[str, str]]]  # host → its queries
    neighbour_replies: Mapping[str, Sequence[Mapping[str, str]]]  # host → result of neighbours_info
    targets: Sequence[Mapping[str, Any]]
    results: Sequence[Mapping[str, Any]]  # of probe
    tables: Mapping[str, Sequence[Mapping[str, Any]]]  # director → services of ipvs_info
    # Director → what its module is told of its pair, and the sync daemons of ipvs_info.
    pairs: Mapping[str, Mapping[str, Any] | None] = {}
    sync_daemons: Mapping[str, Sequence[Mapping[str, Any]]] = {}
    obstacles: Mapping[str, Mapping[str, Any]] = {}  # host → obstacles of obstacles_info


def report(endpoints: Sequence[Endpoint], hosts: Hosts, observed: Observed) -> list[dict[str, Any]]:
    """Return a verdict for each endpoint."""
    scene = Scene(
        hosts=hosts,
        client=observed.client,
        directors=tuple(observed.directors),
        frames={host: [*load(seen)] for host, seen in observed.captures.items()},
        incomplete=frozenset(
            host for host, seen in observed.captures.items() if not seen["complete"]
        ),
    )
    sync = {
        name: Synchronisation.read(observed.pairs.get(name), daemons)
        for name, daemons in observed.sync_daemons.items()
    }
    evidence = Evidence(scene, observed.tables, observed.obstacles, sync)
    asked = {_place(target) for target in observed.targets}
    seen = _with_siblings(
        _observe(endpoint, scene, observed)
        for endpoint in endpoints
        if (endpoint.vip, endpoint.port, endpoint.protocol) in asked
    )
    return [_verdict(one, _together(one, seen), evidence, observed) for one in seen]


def _place(target: Mapping[str, Any]) -> tuple[str, int, str]:
    return target["address"], target["port"], target["protocol"]


def _with_siblings(alone: Iterable[Observation]) -> list[Observation]:
    """Tell each what became of requests to the other ports of its service and VIP."""
    seen = [*alone]
    # An application of UDP need not answer, but where there is none the kernel refuses.
    served = {
        (one.endpoint.service, one.endpoint.vip)
        for one in seen
        for flow in one.flows
        if flow.request.result in (results.ANSWERED, results.SILENT)
    }
    return [
        one._replace(is_served=(one.endpoint.service, one.endpoint.vip) in served) for one in seen
    ]


def _together(one: Observation, seen: Sequence[Observation]) -> list[Observation]:
    """Return the observations of endpoints that IPVS schedules together with this one."""
    if not one.endpoint.fwmark:
        return [one]
    row = (one.endpoint.fwmark, family_of(one.endpoint.vip))
    return [each for each in seen if (each.endpoint.fwmark, family_of(each.endpoint.vip)) == row]


def _observe(endpoint: Endpoint, scene: Scene, observed: Observed) -> Observation:
    expected = (endpoint.vip, endpoint.port, endpoint.protocol)
    numbers = {number for number, one in enumerate(observed.targets) if _place(one) == expected}
    requests = [Result(**one) for one in observed.results if one["target"] in numbers]
    answered_by: frozenset[str] | None = None
    if any(endpoint.vip == one["address"] for each in observed.queries.values() for one in each):
        answered_by = frozenset(
            scene.hosts.owner(one["mac"])
            for each in observed.neighbour_replies.values()
            for one in each
            if one["address"] == endpoint.vip
        )
    return Observation(
        endpoint,
        answered_by,
        tuple(trace(request, endpoint, scene) for request in requests),
        is_served=False,
    )


def _verdict(
    seen: Observation, together: Sequence[Observation], evidence: Evidence, observed: Observed
) -> dict[str, Any]:
    endpoint = seen.endpoint
    findings = evaluate(seen, evidence, together)
    servers = (server_of(seen, flow, evidence) for flow in seen.flows)
    got = Counter(server.name for server in servers if server)
    return {
        "service": endpoint.service,
        "mode": endpoint.mode,
        "vip": endpoint.vip,
        "port": endpoint.port,
        "protocol": endpoint.protocol,
        "address": endpoint.address,
        "verdict": RED if findings else GREEN,
        "requests": len(seen.flows),
        "answered": sum(flow.request.result == results.ANSWERED for flow in seen.flows),
        "seconds": [flow.request.seconds for flow in seen.flows],
        "servers": [
            {
                "name": server.name,
                "mode": server.mode,
                "on_director": server.on_director,
                "weight": server.weight,
                "health": server.reason,
                "requests": got[server.name],
            }
            for server in endpoint.servers
        ],
        "seen_by_servers": sorted({*_sources(seen, evidence)}),
        "answered_by": None if seen.answered_by is None else sorted(seen.answered_by),
        "passed_back": sorted(_passed(seen, evidence)),
        "ways": [*_ways(seen, evidence)],
        "findings": [_finding(finding) for finding in findings],
        "notes": [*_notes(seen, together, evidence, observed)],
    }


def _finding(one: Finding) -> dict[str, Any]:
    problem = one.problem
    return {
        "id": f"verify.{problem.check}",
        "host": problem.host,
        "got": problem.got,
        "expected": problem.expected,
        "cause": problem.cause,
        "requests": one.requests,
        "message": str(one),
    }


def _sources(seen: Observation, evidence: Evidence) -> Iterator[str]:
    """Return the source addresses of requests that reached a real server."""
    for flow in seen.flows:
        itself = server_of(seen, flow, evidence)
        for server in seen.endpoint.servers:
            # What comes to a director need not be for itself.
            is_meant = server.host and (not server.on_director or server == itself)
            for one in flow.requests(server.host, IN) if is_meant else ():
                yield one.packet.source


def _passed(seen: Observation, evidence: Evidence) -> set[str]:
    return {
        name
        for name in evidence.directors
        for flow in seen.flows
        if flow.replies(name, IN) and flow.replies(name, OUT)
    }


def _ways(seen: Observation, evidence: Evidence) -> Iterator[dict[str, Any]]:
    """Return the path of one request to each real server that got any, and of its reply."""
    shown = set()
    for flow in seen.flows:
        server = server_of(seen, flow, evidence)
        name = server.name if server else ""
        if name not in shown:
            shown.add(name)
            yield {
                "server": name,
                "port": flow.request.port,
                "result": flow.request.result,
                "request": _hops(flow.there, evidence.client),
                "reply": _hops(flow.back, name or evidence.client),
            }


def _hops(crossings: Sequence[Crossing], first: str) -> list[dict[str, Any]]:
    """Return the links of a request or reply, from its first host on."""
    links: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in crossings:
        if one.sender:  # a device without addresses is no link between hosts
            hop = _hop(one)
            key = tuple(str(hop[name]) for name in ("from", "to", "source", "target", "outer"))
            links.setdefault(key, hop)[f"{one.direction}_interface"] = one.interface
    left, ordered, at = [*links.values()], [], first
    while left:
        following = next((hop for hop in left if hop["from"] == at), left[0])
        left.remove(following)
        ordered.append(following)
        at = following["to"]
    return ordered


def _hop(one: Crossing) -> dict[str, Any]:
    packet = one.packet
    outer = f"{packet.outer_source} > {packet.outer_target}" if packet.encapsulation else ""
    return {
        "from": one.sender,
        "to": one.receiver,
        "from_mac": packet.seen.source_mac,
        "to_mac": packet.seen.target_mac,
        "out_interface": "",
        "in_interface": "",
        "source": written(packet.source, packet.source_port),
        "target": written(packet.target, packet.target_port),
        "encapsulation": packet.encapsulation,
        "outer": outer,
        "hops": packet.hops,
    }


def _notes(
    seen: Observation, together: Sequence[Observation], evidence: Evidence, observed: Observed
) -> Iterator[str]:
    """Yield the limits of a verdict."""
    endpoint = seen.endpoint
    if seen.answered_by is None:
        yield f"no host in the network of {endpoint.vip} could query it by ARP or ND"
    silent = sum(flow.request.result == results.SILENT for flow in seen.flows)
    if silent:
        yield (
            f"{silent} of {len(seen.flows)} datagrams had no answer: if the application does"
            " not answer, only the requests were seen"
        )
    for server in endpoint.servers:
        if server.reason:
            yield f"{server.name} has weight {server.weight}: {server.reason}"
    unused = sum(is_unused_port(seen, flow, evidence) for flow in seen.flows)
    if unused:
        yield (
            f"{unused} of {len(seen.flows)} requests were refused by real servers: nothing listens"
            f" at port {endpoint.port} of the range, and only the way of their packets counts"
        )
    itself = may_be_past_ipvs(seen, together, evidence)
    if itself:
        yield (
            f"{itself.name} answered itself, which IPVS may have had no part in: packets without"
            f" the mark {endpoint.fwmark} come to its application, too"
            f" (decides: {ask_about_marks(itself)})"
        )
    unmanaged = [server.name for server in endpoint.servers if not server.host]
    if unmanaged:
        yield f"no packets were captured on {', '.join(unmanaged)}, which is unmanaged"
    for host, capture in observed.captures.items():
        if not capture["complete"]:
            yield f"the capture on {host} is not complete ({capture['dropped']} packets dropped)"
