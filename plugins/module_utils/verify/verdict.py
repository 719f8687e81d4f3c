# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Compare the path of each request with the mode's demands.

A finding is about captured packets, or about packets that one host sent and the next one did not
get. For its cause see ``diagnosis.py``.
"""

from __future__ import annotations

from collections import Counter
from typing import Callable, Iterable, Iterator, Mapping, NamedTuple, Sequence

from ..ipvs.model import endpoint as written
from ..net.addresses import family_of
from ..packets import results
from ..packets.frames import PORT_UNREACHABLE, Packet
from ..state.names import HEALTH_UNIT
from . import diagnosis, masters, neighbours, serving, watched
from .endpoints import Endpoint, Server
from .evidence import Evidence
from .flows import IN, OUT, Crossing, Flow


class Problem(NamedTuple):
    """A deviation of one request from the mode's demands."""

    check: str
    host: str  # the likeliest place of the cause; "" if unknown
    got: str
    expected: str
    cause: str


class Finding(NamedTuple):
    """A problem, and how many requests had it."""

    problem: Problem
    requests: int
    of: int  # 0 = not about requests

    def __str__(self) -> str:
        counted = f"{self.requests} of {self.of} requests: " if self.of else ""
        one = self.problem
        return f"{counted}{one.got}; expected: {one.expected}; cause: {one.cause}"


class Observation(NamedTuple):
    """The packets and replies that were captured for an endpoint."""

    endpoint: Endpoint
    answered_by: (
        frozenset[str] | None
    )  # hosts that answered ARP or ND for the VIP; None = not queried
    flows: tuple[Flow, ...]
    is_served: bool  # whether the service took any request to the VIP, at whichever port


_Check = Callable[[Observation, Flow, Evidence], Iterator[Problem]]


def evaluate(
    seen: Observation, evidence: Evidence, together: Sequence[Observation] = ()
) -> list[Finding]:
    """Return all findings; an empty list is a green verdict.

    ``together`` holds the observations of all endpoints with the same mark, whose requests IPVS
    schedules together. By default it holds this endpoint alone.
    """
    shared = shares(seen.endpoint, together or (seen,), evidence)
    watchers = watching(seen.endpoint, evidence)
    standbys = alike(seen.endpoint, evidence)
    others = numbers(evidence)
    pairs = synchronised(evidence)
    of_all = (*owners(seen, evidence), *others, *watchers, *standbys, *pairs, *shared)
    findings = [Finding(one, 0, 0) for one in of_all]
    counted: Counter[Problem] = Counter()
    for flow in seen.flows:
        counted.update(dict.fromkeys(_of_flow(seen, flow, evidence), 1))
    findings += [Finding(one, count, len(seen.flows)) for one, count in counted.items()]
    return findings


def chosen(seen: Observation, flow: Flow, evidence: Evidence) -> Server | None:
    """Return the real server to which a director sent a request, or which it is itself."""
    sent = [one for director in evidence.directors for one in flow.requests(director, OUT)]
    for request in sent:
        server = _destination(seen.endpoint, request)
        if server:
            return server
    return None if sent else _itself(seen.endpoint, flow, evidence)


def _itself(endpoint: Endpoint, flow: Flow, evidence: Evidence) -> Server | None:
    """Return the director as a real server, if it took a request for its own application.

    Nothing shows that but its answer, which may be a refusal. Without one the request may have been
    for another real server, which the director could not reach; a UDP application need not answer.
    """
    for server in endpoint.servers:
        if not server.on_director or not flow.requests(server.host, IN):
            continue
        answers = flow.replies(server.host, OUT) or any(
            (host, error.seen.direction, error.reason) == (server.host, OUT, "port unreachable")
            for host, error in flow.errors
        )
        need_not = endpoint.protocol == "udp" and not any(
            evidence.scene.unanswered(server.host, other.rip) for other in endpoint.servers
        )
        if (answers or need_not) and evidence.delivers(server.host, server.rip, endpoint):
            return server
    return None


def server_of(seen: Observation, flow: Flow, evidence: Evidence) -> Server | None:
    """Return the real server that got a request, by any path."""
    server = chosen(seen, flow, evidence)
    if server:
        return server
    for one in seen.endpoint.servers:
        if one.host and not one.on_director and flow.requests(one.host, IN):
            return one
    return None


def owners(seen: Observation, evidence: Evidence) -> Iterator[Problem]:
    """Check that only the director answers for the VIP."""
    endpoint = seen.endpoint
    if endpoint.static_arp:
        for host in sorted(evidence.scene.asked_by(endpoint.vip)):
            yield Problem(
                "owner", host, f"{host} asked who has {endpoint.vip}", "it knows without asking",
                f"it has no permanent neighbour entry for {endpoint.vip}",
            )  # fmt: skip
    if seen.answered_by is None:
        return
    asked = "neighbour discovery" if ":" in endpoint.vip else "ARP"
    expected = f"an answer by {_names(evidence.directors)} alone"
    if not seen.answered_by:
        yield Problem(
            "owner", _only(evidence.directors),
            f"no host answers {asked} for {endpoint.vip}", expected,
            neighbours.nobody_has(endpoint, evidence),
        )  # fmt: skip
    active = sorted(seen.answered_by & {*evidence.directors})
    if active[1:]:
        host, cause = masters.several_have(endpoint, active, evidence)
        yield Problem(
            "owner", host,
            f"{asked} for {endpoint.vip} is answered by {' and by '.join(active)}",
            "an answer by one of the directors", cause,
        )  # fmt: skip
    also = "too" if seen.answered_by & {*evidence.directors} else "and not by the director"
    for host in sorted(seen.answered_by - {*evidence.directors}):
        yield Problem(
            "owner", host, f"{asked} for {endpoint.vip} is answered by {host} {also}", expected,
            neighbours.answers_for(host, endpoint, evidence),
        )  # fmt: skip


def numbers(evidence: Evidence) -> Iterator[Problem]:
    """Check that nobody else on the link is the directors' virtual router."""
    for one in masters.strangers(evidence):
        host = evidence.hosts.owner(one.seen.source_mac)
        yield Problem(
            "router-id", host if host in evidence.hosts.by_name else "",
            f"{one.source} says by VRRP that it is master of the virtual router {one.router_id}",
            f"a number that {_names(evidence.directors)} alone have on their link",
            f"a packet of {host}, which is none of them: another pair, or a director that has left"
            " and still runs keepalived. They take no notice of it, others may",
        )  # fmt: skip


def watching(endpoint: Endpoint, evidence: Evidence) -> Iterator[Problem]:
    """Check that the health daemon runs."""
    for name in evidence.directors if endpoint.is_watched else ():
        host = evidence.hosts.by_name.get(name)
        if host and watched.is_dead(host):
            yield Problem(
                "health", name, f"{HEALTH_UNIT} is not running on {name}",
                f"it tries the real servers of {endpoint.service}", diagnosis.not_watched(name),
            )  # fmt: skip


def alike(endpoint: Endpoint, evidence: Evidence) -> Iterator[Problem]:
    """Check that a director without the VIP would serve it as the one that has it.

    Weights are each director's own: of its health checks, and of a drain that is under way.
    """
    read = [name for name in evidence.directors if name in evidence.tables]
    active = next((name for name in read if evidence.has(name, endpoint.vip)), "")
    wanted = serving.served(evidence.service(active, endpoint)) if active else None
    for name in read if wanted else ():
        found = serving.served(evidence.service(name, endpoint))
        if found != wanted:
            yield Problem(
                "standby", name,
                f"{name} has {found or 'no service'} for {endpoint.address}",
                f"{wanted}, as {active} has, which has the VIP", serving.differs(name),
            )  # fmt: skip


def synchronised(evidence: Evidence) -> Iterator[Problem]:
    """Check that each director tells the other one of connections, and is told."""
    for name, daemons in evidence.synchronisation.items():
        for declared, there in daemons.wrong():
            yield Problem(
                "sync", name,
                f"{name} has {f'the {there}' if there else f'no {declared.role} sync daemon'}",
                f"the {declared}, or connections end with a failover (lvs.topology.site starts it)",
                diagnosis.not_synchronised(name),
            )  # fmt: skip


def shares(
    endpoint: Endpoint, together: Sequence[Observation], evidence: Evidence
) -> Iterator[Problem]:
    """Check that every real server with a weight gets its share."""
    if not any(server.weight for server in endpoint.servers):
        yield Problem(
            "share", _only(evidence.directors),
            f"every real server of {endpoint.address} has weight 0",
            "one that takes requests", diagnosis.all_out(endpoint),
        )  # fmt: skip
        return
    scheduled = _scheduled(endpoint, together, evidence)
    name = f"the mark {endpoint.fwmark}" if endpoint.fwmark else endpoint.address
    got = {server.name for server in scheduled}
    for server in endpoint.servers:
        if scheduled and server.weight and server.name not in got:
            yield Problem(
                "share", server.host,
                f"{server.name} (weight {server.weight}) got none of {len(scheduled)} requests"
                f" to {name}",
                "its share", diagnosis.left_out(server, endpoint, evidence),
            )  # fmt: skip


def _scheduled(
    endpoint: Endpoint, together: Sequence[Observation], evidence: Evidence
) -> list[Server]:
    """Return the real server of each request; nothing where no share can be told from them.

    If some requests bypassed the director, or there were too few, a server without any is no
    finding of its own.
    """
    found = [chosen(seen, flow, evidence) for seen in together for flow in seen.flows]
    scheduled = [server for server in found if server]
    is_told = endpoint.spreads and len(scheduled) == len(found) >= endpoint.requests
    return scheduled if is_told else []


def may_be_past_ipvs(
    seen: Observation, together: Sequence[Observation], evidence: Evidence
) -> Server | None:
    """Return the director as a real server, if it may have answered what IPVS never saw.

    Packets without their mark come to the application behind IPVS, which answers them. What tells
    is the share of other real servers, where that can be told.
    """
    endpoint = seen.endpoint
    others = any(server.weight and not server.on_director for server in endpoint.servers)
    if not endpoint.fwmark or (others and _scheduled(endpoint, together, evidence)):
        return None
    got = (chosen(seen, flow, evidence) for flow in seen.flows)
    return next((one for one in got if one and _may_be_its_own(one, endpoint)), None)


def _may_be_its_own(server: Server, endpoint: Endpoint) -> bool:
    """Tell whether IPVS may have a request delivered on the director."""
    return server.on_director and (server.weight > 0 or endpoint.persistent)


def _of_flow(seen: Observation, flow: Flow, evidence: Evidence) -> list[Problem]:
    """Yield the problems of the first wrong step; later ones follow from it."""
    for step in (arrival, forwarding, delivery, reply, return_way, answer):
        problems = [*step(seen, flow, evidence)]
        if problems:
            return problems
    return []


def arrival(seen: Observation, flow: Flow, evidence: Evidence) -> Iterator[Problem]:
    """Check that the request reaches a director and no other host."""
    endpoint = seen.endpoint
    expected, directors = f"it reaches {_names(evidence.directors)}", {*evidence.directors}
    for host in sorted({server.host for server in endpoint.servers if server.host} - directors):
        past = [
            request for request in flow.requests(host, IN) if _is_past(request, endpoint, evidence)
        ]
        if past:
            yield Problem(
                "arrival", host,
                f"a request to {endpoint.address} went to {host}, past the director", expected,
                neighbours.went_past(host, past[0].sender, seen.answered_by, endpoint),
            )  # fmt: skip
            return
    if any(flow.requests(director, IN) for director in evidence.directors):
        return
    if not flow.requests(evidence.client, OUT):
        yield Problem(
            "arrival", evidence.client, f"no request to {endpoint.address} left {evidence.client}",
            expected, diagnosis.never_left(endpoint, evidence, flow.request.status),
        )  # fmt: skip
        return
    yield Problem(
        "arrival",
        _only(evidence.directors) if seen.answered_by is not None and not seen.answered_by else "",
        f"a request to {endpoint.address} left {evidence.client} and reached no director", expected,
        diagnosis.lost_before_director(seen.answered_by, endpoint, evidence),
    )  # fmt: skip


def forwarding(seen: Observation, flow: Flow, evidence: Evidence) -> Iterator[Problem]:
    """Check that the director forwards the request as its mode demands."""
    endpoint = seen.endpoint
    directors = [name for name in evidence.directors if flow.requests(name, IN)]
    server = chosen(seen, flow, evidence)
    if not server:
        host, cause = diagnosis.not_forwarded(endpoint, directors, flow, evidence)
        itself = _said_itself(endpoint, flow, directors)
        yield Problem(
            "forwarding", host,
            f"a request to {endpoint.address} reached {_names(directors)} and was sent to no real"
            f" server{itself}", "a real server gets it", cause,
        )  # fmt: skip
        return
    if endpoint.fwmark and server.on_director and not _may_be_its_own(server, endpoint):
        yield Problem(
            "forwarding", server.host,
            f"{server.host} answered a request to {endpoint.address} itself, although its weight"
            " is 0", "another real server gets it", diagnosis.past_ipvs(server, endpoint, evidence),
        )  # fmt: skip
        return
    for one in (request for name in directors for request in flow.requests(name, OUT)):
        if _destination(endpoint, one) == server:
            yield from _as_demanded(endpoint, server, one, evidence)
            return


def _said_itself(endpoint: Endpoint, flow: Flow, directors: Iterable[str]) -> str:
    """Describe what a director answered that sent a request to no real server."""
    replies = [one.packet for name in directors for one in flow.replies(name, OUT)]
    if any("R" in packet.flags for packet in replies):
        return ", but refused"
    if replies:
        return ", but answered there"
    is_own = any(server.on_director for server in endpoint.servers)
    return ", nor answered there" if is_own else ""


def _as_demanded(
    endpoint: Endpoint, server: Server, sent: Crossing, evidence: Evidence
) -> Iterator[Problem]:
    """Check addresses and tunnel of the request that the director sends."""
    demand, packet = server.demand, sent.packet
    target = (server.rip, server.port) if demand.rewritten else (endpoint.vip, packet.target_port)
    kind = server.tunnel if demand.wrapped else ""
    if (packet.target, packet.target_port) != target or packet.encapsulation != kind:
        yield Problem(
            "forwarding", sent.host,
            f"{sent.host} sends requests for {server.name} as {_form(packet)}",
            f"as {_wanted_form(endpoint, server)}",
            diagnosis.other_method(server, endpoint, evidence),
        )  # fmt: skip
    yield from _source(server, sent, "sends requests on", evidence)


def _source(server: Server, one: Crossing, does: str, evidence: Evidence) -> Iterator[Problem]:
    """Check the source address that the real server sees."""
    local = server.demand.local_source
    own = evidence.hosts.by_name[evidence.client].addresses
    if one.packet.source in (server.lips if local else own):
        return
    whose = "a local address" if local else "the client's own address"
    yield Problem(
        "source", one.host, f"{one.host} {does} from {one.packet.source}",
        f"from {whose}" + (f" ({_names(server.lips)})" if local else ""),
        diagnosis.other_source(one.host, server, evidence),
    )  # fmt: skip


def delivery(seen: Observation, flow: Flow, evidence: Evidence) -> Iterator[Problem]:
    """Check that the real server gets the request."""
    server = chosen(seen, flow, evidence)
    if not server or server.host not in evidence.hosts.by_name:
        return
    arrived = flow.requests(server.host, IN)
    if not arrived:
        yield Problem(
            "delivery", server.host,
            f"a request that the director sent to {server.name} did not arrive",
            "it arrives",
            diagnosis.lost_before_server(server, seen.endpoint, flow.errors, evidence),
        )  # fmt: skip
        return
    own = [one for one in arrived if bool(one.packet.encapsulation) == server.demand.wrapped]
    for one in own[:1]:
        yield from _source(server, one, "gets requests", evidence)


def reply(seen: Observation, flow: Flow, evidence: Evidence) -> Iterator[Problem]:
    """Check that the real server answers."""
    server = chosen(seen, flow, evidence)
    if not server or server.host not in evidence.hosts.by_name:
        return
    endpoint = seen.endpoint
    if is_unused_port(seen, flow, evidence):
        return
    local = written(server.rip if server.demand.rewritten else endpoint.vip, server.port)
    sent = flow.replies(server.host, OUT)
    if not sent:
        cause, is_sure = diagnosis.no_reply(server, endpoint, flow, evidence)
        refused = [
            error
            for host, error in flow.errors
            if host == server.host and error.seen.direction == OUT
        ]
        # A UDP application need not answer; then only the request counts.
        if is_sure or refused or endpoint.protocol != "udp":
            said = f", it says: {refused[0].reason}" if refused else ""
            yield Problem(
                "reply", server.host,
                f"a request to {endpoint.address} reached {server.name}, which did not reply{said}",
                f"a reply from {local}",
                diagnosis.refused(server, endpoint, refused[0].reason, evidence)
                if refused and not is_sure
                else cause,
            )  # fmt: skip
    elif any("R" in one.packet.flags and "S" not in one.packet.flags for one in sent) and (
        flow.request.result == results.REFUSED
    ):
        yield Problem(
            "reply", server.host, f"{server.name} refused a request to {endpoint.address}",
            f"a reply from {local}", diagnosis.refused(server, endpoint, "", evidence),
        )  # fmt: skip


def is_unused_port(seen: Observation, flow: Flow, evidence: Evidence) -> bool:
    """Tell whether a port of a range is refused by the real server itself, where nothing listens.

    In a range not every port is in use all the time (RTP, passive FTP). The refusal has taken the
    way of a reply. Where all are refused, the application is likelier to be down.
    """
    endpoint, server = seen.endpoint, chosen(seen, flow, evidence)
    is_lenient = endpoint.of_range and seen.is_served
    if not (is_lenient and server and flow.request.result == results.REFUSED):
        return False
    local = server.rip if server.demand.rewritten else endpoint.vip
    resets = any("R" in one.packet.flags for one in flow.replies(server.host, OUT))
    errors = any(
        error.reason == PORT_UNREACHABLE and error.seen.direction == OUT
        for host, error in flow.errors
        if host == server.host
    )
    listens = evidence.listens(server.host, endpoint.protocol, local, server.port)
    return (resets or errors) and listens is False


def return_way(seen: Observation, flow: Flow, evidence: Evidence) -> Iterator[Problem]:
    """Check that the reply takes the mode's path, and comes from the VIP."""
    endpoint, server = seen.endpoint, server_of(seen, flow, evidence)
    passed = [name for name in evidence.directors if flow.replies(name, IN)]
    if not server:
        return
    sent = flow.replies(server.host, OUT)
    if not server.demand.through_director:
        if passed and sent:
            yield Problem(
                "return", server.host,
                f"the reply of {server.name} {_departure(sent, evidence)} and passed"
                f" {_names(passed)}",
                "it goes directly to the client",
                diagnosis.through_director(server, endpoint, passed, flow, evidence),
            )  # fmt: skip
        return
    if sent and not passed:
        yield Problem(
            "return", server.host,
            f"the reply of {server.name} {_departure(sent, evidence)}, not through the DIP"
            f" {_names(server.dips.values())}",
            f"it passes {_names(evidence.directors)}",
            diagnosis.past_director(server, endpoint, flow, evidence),
        )  # fmt: skip
    if passed and not any(_is_answer(one.packet, endpoint) for name in passed
                          for one in flow.replies(name, OUT)):  # fmt: skip
        yield Problem(
            "return", passed[0],
            f"a reply reached {passed[0]}, which did not send it on as {endpoint.address}",
            "the client gets it from the VIP",
            diagnosis.not_returned(passed[0], server, endpoint, flow, evidence),
        )  # fmt: skip


def answer(seen: Observation, flow: Flow, evidence: Evidence) -> Iterator[Problem]:
    """Check that the client gets its answer."""
    endpoint, request = seen.endpoint, flow.request
    if request.result == results.ANSWERED or (
        request.result == results.SILENT and not flow.back and endpoint.protocol == "udp"
    ):
        return
    if is_unused_port(seen, flow, evidence):
        return
    if request.result == results.STALLED:
        host, cause = diagnosis.stalled(flow, evidence)
        yield Problem(
            "transfer", host, f"a transfer to {endpoint.address} came to a halt",
            "all of it arrives", cause,
        )  # fmt: skip
        return
    came = {
        written(one.packet.source, one.packet.source_port)
        for one in flow.replies(evidence.client, IN)
    }
    got = f"got a reply from {_names(came)}" if came else "got no reply"
    yield Problem(
        "answer", "",
        f"{evidence.client} {got} to a request to {endpoint.address} ({request.result})",
        f"a reply from {endpoint.address}",
        "it was lost behind the last host with a capture"
        if not came
        else "something between director and client changes or refuses it",
    )  # fmt: skip


def _is_past(one: Crossing, endpoint: Endpoint, evidence: Evidence) -> bool:
    """Tell whether a request reaches a real server from a host that is no director."""
    packet = one.packet
    # A packet without a MAC address comes out of a tunnel.
    return (
        packet.target == endpoint.vip
        and not packet.encapsulation
        and one.sender not in ("", *evidence.directors)
    )


def _destination(endpoint: Endpoint, sent: Crossing) -> Server | None:
    """Return the real server to which a director sends a packet, or None."""
    packet = sent.packet
    if packet.encapsulation:
        return endpoint.server_at(packet.outer_target)
    if packet.target != endpoint.vip:
        return endpoint.server_at(packet.target)
    return endpoint.server_on(sent.receiver) if sent.receiver else None


def _is_answer(packet: Packet, endpoint: Endpoint) -> bool:
    return packet.source == endpoint.vip


def _departure(sent: Sequence[Crossing], evidence: Evidence) -> str:
    """Describe the interface and next hop of a reply."""
    ways: Mapping[tuple[str, str], None] = dict.fromkeys(
        (one.interface, one.receiver) for one in sent
    )
    family = family_of(sent[0].packet.target)
    return "left through " + " and ".join(
        f"{interface} towards {evidence.describe(receiver, sent[0].host, interface, family)}"
        for interface, receiver in ways
    )


def _form(packet: Packet) -> str:
    inner = f"{packet.source} to {written(packet.target, packet.target_port)}"
    if packet.encapsulation:
        outer = f"{packet.outer_source} to {packet.outer_target}"
        return f"{inner} in {packet.encapsulation} from {outer}"
    return inner


def _wanted_form(endpoint: Endpoint, server: Server) -> str:
    if server.demand.rewritten:
        return f"packets to {written(server.rip, server.port)}"
    inside = f"packets to {endpoint.address}"
    return f"{inside} in {server.tunnel} to {server.rip}" if server.demand.wrapped else inside


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted({*names})) or "no host"


def _only(names: Iterable[str]) -> str:
    first, *more = [*names, ""]
    return first if more in ([], [""]) else ""
