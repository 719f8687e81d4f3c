# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Causes of what happens to requests and replies on their way, see ``evidence.py``."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple, Sequence

from ..ipvs.model import endpoint as written
from ..listing import few
from ..net.addresses import family_of
from ..packets.frames import Error
from ..state.names import BOOT_UNIT, HEALTH_UNIT
from ..topology.modes.table import MODES
from ..topology.routing.routes import UNICAST, Route
from ..tunnels.table import KINDS
from .endpoints import Endpoint, Server
from .evidence import FILTERS, Evidence, undecided
from .flows import IN, OUT, Flow
from .hosts import Host, Reply
from .neighbours import nobody_has, swallowed_by, unanswered

_STRICT = "1"
# Every network namespace has these once the module is loaded; nobody uses one that is down
# (ip_tunnel_init_net() in net/ipv4/ip_tunnel.c, ip6_tnl_init_net() in net/ipv6/ip6_tunnel.c).
_FALLBACKS = ("tunl0", "gre0", "sit0", "ip6tnl0", "ip6gre0")


def left_out(server: Server, endpoint: Endpoint, evidence: Evidence) -> str:
    """Explain why a real server got no requests."""
    silence = unanswered(server, evidence)
    if silence:
        return silence
    for director in evidence.directors:
        service = evidence.service(director, endpoint)
        if service:
            mine = [
                destination
                for destination in service["destinations"]
                if destination["address"] == server.rip
            ]
            if not mine:
                return f"{director}'s IPVS table does not have it"
            if not any(one["weight"] for one in mine):
                since = ": health checks may have taken it out since hosts were read"
                return f"its weight in {director}'s IPVS table is 0" + (
                    since if endpoint.is_watched else ""
                )
    past = [
        f"packets to it do not get the mark {endpoint.fwmark}, and {one.host} answers them itself"
        for one in endpoint.servers
        if one.on_director and endpoint.fwmark
    ]
    return undecided(
        *past,
        "the scheduler prefers others, since it also counts connections of other clients",
        "its upper threshold of connections is reached",
        ask=f"`ipvsadm -Ln; ipvsadm -Ln --thresholds` on {_first(evidence.directors)}",
    )


def all_out(endpoint: Endpoint) -> str:
    """Explain why no real server has a weight."""
    reasons = [
        f"{server.name} ({server.reason})"
        for server in endpoint.servers
        if server.reason and not server.is_fallback
    ]
    if not reasons:
        return "the declaration drains all of them"
    return f"health checks have taken out {few(reasons)}"


def not_watched(director: str) -> str:
    """Explain why a director's health daemon does not run."""
    return undecided(
        "it was stopped",
        "it has failed, and waits for its next start",
        ask=f"`systemctl status {HEALTH_UNIT}; journalctl -u {HEALTH_UNIT}` on {director}",
    )


def not_synchronised(director: str) -> str:
    """Explain why a director's sync daemon is not the declared one."""
    return undecided(
        "it was changed since",
        "it could not be started at boot",
        ask=f"`ipvsadm --list --daemon; systemctl status {BOOT_UNIT}` on {director}",
    )


def never_left(endpoint: Endpoint, evidence: Evidence, said: str) -> str:
    """Explain why no request left the client."""
    client = evidence.hosts.by_name[evidence.client]
    if said:
        return said
    if client.has_no_route(endpoint.vip):
        return f"{client.name} has no route to {endpoint.vip}"
    return undecided(
        *evidence.firewalls(client.name, "output postrouting"),
        "a next hop that does not answer",
        ask=f"`ip route get {endpoint.vip}; ip neighbour; {FILTERS}` on {client.name}",
    )


def lost_before_director(
    answered_by: Iterable[str] | None, endpoint: Endpoint, evidence: Evidence
) -> str:
    """Explain why a request was lost between client and director."""
    if answered_by is not None and not [*answered_by]:
        return f"no host answers for {endpoint.vip}: {nobody_has(endpoint, evidence)}"
    strangers = [one for one in answered_by or () if one not in evidence.directors]
    if strangers:
        return f"{', '.join(sorted(strangers))} answers for {endpoint.vip}"
    return undecided(
        "a route on the path leads elsewhere",
        "a firewall drops it",
        ask=f"`ip route get {endpoint.vip}; {FILTERS}` on each router from {evidence.client} on",
    )


def not_forwarded(
    endpoint: Endpoint, directors: Sequence[str], flow: Flow, evidence: Evidence
) -> tuple[str, str]:
    """Return host and cause when a director does not forward a request."""
    for director in directors:
        for found in _not_forwarded_by(director, endpoint, flow, evidence):
            return found
    address = f"{endpoint.protocol} {endpoint.address}"
    missing = f"packets to {address} do not get the mark {endpoint.fwmark} there"
    return _first(directors), undecided(
        *_strangers(_first(directors), endpoint, evidence),
        *_kept(directors, endpoint, flow, evidence),
        *([missing] if endpoint.fwmark else []),
        *evidence.firewalls(_first(directors), "ingress prerouting input"),
        "every real server has reached its upper threshold of connections",
        ask=f"`{FILTERS}; ipvsadm -Ln --stats; ipvsadm -Ln --thresholds` on {_first(directors)}",
    )


def _not_forwarded_by(
    director: str, endpoint: Endpoint, flow: Flow, evidence: Evidence
) -> Iterator[tuple[str, str]]:
    """Yield the possible causes at a director, the likeliest first."""
    address = f"{endpoint.protocol} {endpoint.address}"
    name = f"fwmark {endpoint.fwmark}" if endpoint.fwmark else address
    service = evidence.service(director, endpoint)
    destinations = service["destinations"] if service else ()
    if director in evidence.tables and service is None:
        yield director, f"its IPVS table has no service {name}"
    if not evidence.has(director, endpoint.vip):
        yield director, f"it does not have {endpoint.vip}"
    if service and not any(destination["weight"] for destination in destinations):
        yield director, f"every real server of {name} has weight 0 in its IPVS table"
    used = [destination["address"] for destination in destinations if destination["weight"]]
    for server in endpoint.servers:
        silence = unanswered(server, evidence) if not service or server.rip in used else ""
        if silence:
            yield server.host, silence
    for address in used:
        for cause in _not_sent_to(address, director, endpoint, evidence):
            yield director, cause
    own = [server for server in endpoint.servers if server.on_director]
    if own and {*used} == {server.rip for server in own}:
        for cause in _cannot_reply(own[0], endpoint, flow, evidence):
            yield director, cause


def _not_sent_to(
    address: str, director: str, endpoint: Endpoint, evidence: Evidence
) -> Iterator[str]:
    """Yield what keeps a director from sending to an address of its table."""
    host, server = evidence.hosts.by_name.get(director), endpoint.server_at(address)
    if not host or (server and server.on_director):
        return
    if address in host.addresses:
        yield (
            f"its IPVS table has its own address {address} as a real server: such requests"
            " are delivered on the director itself, and leave it by no device"
        )
    elif server and host.has_no_route(address):
        yield f"it has no route to {address}"


def _kept(
    directors: Iterable[str], endpoint: Endpoint, flow: Flow, evidence: Evidence
) -> Iterator[str]:
    """Yield why a director that is a real server itself may not answer."""
    for server in endpoint.servers:
        if (
            server.on_director
            and server.host in directors
            and evidence.delivers(server.host, server.rip, endpoint)
        ):
            known = server.host in evidence.hosts.by_name
            shown = [*_cannot_reply(server, endpoint, flow, evidence)] if known else []
            for cause in shown or ["the application silently drops requests"]:
                yield f"it was for {server.host} itself, and {cause}"


def _strangers(director: str, endpoint: Endpoint, evidence: Evidence) -> Iterator[str]:
    """Yield undeclared destinations; no packet shows that a request went to one."""
    service = evidence.service(director, endpoint)
    for destination in service["destinations"] if service else ():
        address = destination["address"]
        if destination["weight"] and not endpoint.server_at(address):
            what = "no declared real server that could be read"
            yield f"its IPVS table sends requests to {address} too, which is {what}"


def past_ipvs(server: Server, endpoint: Endpoint, evidence: Evidence) -> str:
    """Explain why a director answers for itself that has to leave it to others."""
    service = evidence.service(server.host, endpoint)
    for one in service["destinations"] if service else ():
        if one["address"] == server.rip and one["weight"]:
            return f"its weight in {server.host}'s IPVS table is {one['weight']}"
    return undecided(
        f"packets to {endpoint.protocol} {endpoint.address} do not get the mark {endpoint.fwmark}"
        " there",
        *(["its weight in the IPVS table is another"] if service is None else []),
        ask=ask_about_marks(server),
    )


def ask_about_marks(server: Server) -> str:
    """Return the command that tells whether IPVS sees marked packets on a director."""
    return f"`nft list table inet lvs_director; ipvsadm -Ln --stats` on {server.host}"


def other_method(server: Server, endpoint: Endpoint, evidence: Evidence) -> str:
    """The director forwards in another way than the mode's."""
    wanted = MODES[server.mode].forwarding
    for director in evidence.directors:
        service = evidence.service(director, endpoint)
        for one in service["destinations"] if service else ():
            if one["address"] == server.rip and one["forwarding"] != wanted:
                return f"its IPVS table forwards with {one['forwarding']} and not with {wanted}"
            if one["address"] == server.rip and one["port"] != server.port:
                return f"its IPVS table has port {one['port']} for {server.name}"
    return undecided(
        "the destination in its IPVS table has another tunnel than the declaration",
        "a rule of its packet filter rewrites them",
        ask=f"`ipvsadm -Ln; {FILTERS}` on {_first(evidence.directors)}",
    )


def other_source(host: str, server: Server, evidence: Evidence) -> str:
    """Explain why the real server sees another source than the mode's."""
    if not server.demand.local_source:
        return "a masquerading rule (SNAT) on the path changes requests"
    known = evidence.hosts.by_name.get(host)
    if known and known.sysctl("net.ipv4.vs.conntrack") == "0":
        return "net.ipv4.vs.conntrack is 0, so that no SNAT rule sees IPVS connections"
    return undecided(
        "the SNAT rule for the service is missing",
        "another rule takes the packets first",
        ask=f"`{FILTERS}` on {host}, with the table inet lvs_director",
    )


def lost_before_server(
    server: Server, endpoint: Endpoint, errors: Sequence[tuple[str, Error]], evidence: Evidence
) -> str:
    """Explain why a request was lost between director and real server."""
    known = _told(errors, evidence) or unanswered(server, evidence)
    if known:
        return known
    candidates = ["a port or VLAN of a switch", "a firewall in between"]
    if server.demand.wrapped:
        candidates.append(f"a network that does not carry {server.tunnel}")
    elif not server.demand.rewritten:
        candidates.append("a cloud that drops packets to an address that is not the port's own")
    return f"it was lost in the network between director and {server.name}: " + undecided(
        *candidates, ask=f"`tcpdump -eni any host {endpoint.vip} or host {server.rip}` on both"
    )


def no_reply(
    server: Server, endpoint: Endpoint, flow: Flow, evidence: Evidence
) -> tuple[str, bool]:
    """Explain why a real server does not reply, and tell whether it cannot."""
    for cause in _cannot_reply(server, endpoint, flow, evidence):
        return cause, True
    host = server.host
    return undecided(
        *evidence.firewalls(host, "ingress prerouting input output"),
        *_reverse_filter(flow.requests(host, IN)[-1].packet.source),
        *_unsure(server, endpoint, flow, evidence),
        "the application silently drops requests",
        *([] if host in evidence.obstacles else ["its table of connections is full"]),
        ask=f"`{FILTERS}; ss -Hlnp 'sport = :{server.port}'; sysctl net.netfilter` on {host}",
    ), False


def _cannot_reply(
    server: Server, endpoint: Endpoint, flow: Flow, evidence: Evidence
) -> Iterator[str]:
    """Yield what keeps a real server from replying, as facts show."""
    host = evidence.hosts.by_name[server.host]
    arrived = flow.requests(host.name, IN)
    last = arrived[-1].packet
    for source in filter(None, (last.outer_source, last.source)):
        swallowed = host.takes_for_its_own(source)
        if swallowed:
            yield swallowed_by(host, swallowed, source)
    if server.demand.wrapped and all(one.packet.encapsulation for one in arrived):
        yield not_unwrapped(host, server, family_of(endpoint.vip), family_of(last.outer_target))
    if not server.demand.rewritten and endpoint.vip not in host.addresses:
        yield f"{host.name} does not have {endpoint.vip}"
    inner = [one.interface for one in arrived if not one.packet.encapsulation]
    for device in dict.fromkeys(inner or (one.interface for one in arrived)):
        way = _way_back(host, server, endpoint, last.source, device)
        is_strict = ":" not in last.source and host.either("rp_filter", device) == _STRICT
        if is_strict and way.is_sure and device not in way.devices:
            yield (
                f"rp_filter is strict (1) for {device}, and {host.name} reaches {last.source}"
                f" through {' and '.join(way.devices) or 'no device'}"
            )
    way = _way_back(host, server, endpoint, last.source, arrived[-1].interface)
    if way.is_sure and not way.routes:
        yield f"{host.name} has no route to {last.source}"
    if evidence.tracking_is_full(host.name):
        yield f"{host.name} tracks as many connections as it can (nf_conntrack_max)"
    address = server.rip if server.demand.rewritten else endpoint.vip
    if evidence.listens(host.name, endpoint.protocol, address, server.port) is False:
        yield f"nothing listens on {written(address, server.port)} at {host.name}"


def _unsure(server: Server, endpoint: Endpoint, flow: Flow, evidence: Evidence) -> Iterator[str]:
    host, last = evidence.hosts.by_name[server.host], flow.requests(server.host, IN)[-1]
    if not _way_back(host, server, endpoint, last.packet.source, last.interface).is_sure:
        yield f"a rule of {host.name} gives replies no route"


def refused(server: Server, endpoint: Endpoint, reason: str, evidence: Evidence) -> str:
    """Explain why a real server refuses requests."""
    address = server.rip if server.demand.rewritten else endpoint.vip
    silent = f"nothing listens on {written(address, server.port)} at {server.name}"
    if reason == "prohibited":  # ip_error() in net/ipv4/route.c says that, too
        return undecided(
            f"a packet filter on {server.name} rejects it",
            "a rule or route of the type prohibit does",
            ask=f"`{FILTERS}; ip rule; ip route show table all type prohibit` on {server.name}",
        )
    listens = evidence.listens(server.host, endpoint.protocol, address, server.port)
    if listens is False:
        return silent
    return undecided(
        *(["the application refuses it itself"] if listens else [silent]),
        *evidence.firewalls(server.host, "ingress prerouting input"),
        ask=f"`ss -Hln 'sport = :{server.port}'; {FILTERS}` on {server.name}",
    )


def through_director(
    server: Server, endpoint: Endpoint, passed: Sequence[str], flow: Flow, evidence: Evidence
) -> str:
    """Explain why a reply passes the director, which it must not."""
    host, target = evidence.hosts.by_name.get(server.host), _client_of(flow, evidence)
    through = _first(passed)
    if host and target:
        way = _way_of(flow, host, server, endpoint, target)
        if way.is_sure and any(evidence.has(through, one) for one in way.gateways):
            return f"{_led(host, target, way)}: in this mode it must not lead through {through}"
    return undecided(
        f"the route of {server.name} to the client leads to {through}, by a rule or another table",
        f"a router in between leads it to {through}",
        ask=f"`ip route get {target or 'CLIENT'} from VIP` on {server.name}, with both addresses",
    )


def past_director(server: Server, endpoint: Endpoint, flow: Flow, evidence: Evidence) -> str:
    """Explain why a reply does not pass the director, which it must."""
    host = evidence.hosts.by_name.get(server.host)
    target = _first(server.lips) if server.demand.local_source else _client_of(flow, evidence)
    behind: list[str] = []
    if host and target:
        way = _way_of(flow, host, server, endpoint, target)
        if way.is_sure and not way.routes:
            return f"{host.name} has no route to {target}"
        goes_past = way.gateways and not any(
            evidence.has(name, gateway) for name in evidence.directors for gateway in way.gateways
        )
        if way.is_sure and goes_past:
            said = f"the gateway is not the director ({_led(host, target, way)})"
            if any(_is_on_link(host, dip) for dip in server.dips.values()):
                return said
            # Behind another router, which may lead replies to the director, this is as it must be.
            behind.append(f"a router between leads it past the director: {said}")
    return undecided(
        *behind,
        f"a rule or another table of {server.name} leads it elsewhere",
        "an ICMP redirect has",
        ask=f"`ip rule; ip route get {target or 'CLIENT'} from {server.rip}` on {server.name}",
    )


def not_returned(
    director: str, server: Server, endpoint: Endpoint, flow: Flow, evidence: Evidence
) -> str:
    """Explain why a director gets a reply and does not forward it."""
    host = evidence.hosts.by_name.get(director)
    name = "net.ipv6.conf.all.forwarding" if ":" in endpoint.vip else "net.ipv4.ip_forward"
    if host and host.sysctl(name) == "0":
        return f"{name} is 0"
    untracked = host is not None and host.sysctl("net.ipv4.vs.conntrack") == "0"
    if server.demand.local_source and untracked:
        return "net.ipv4.vs.conntrack is 0"
    client = _client_of(flow, evidence)
    if host and client and host.has_no_route(client):
        return f"it has no route to {client}"
    candidates = evidence.firewalls(director, "ingress prerouting forward postrouting")
    if untracked and evidence.firewalls(director, "forward", by_state=True):
        # Documentation/networking/ipvs-sysctl.rst, conntrack: for rules that know of connections.
        candidates.append(
            "one that looks at the state of connections does not know replies of IPVS while"
            " net.ipv4.vs.conntrack is 0: set topology_settings.sysctls.conntrack to 1"
        )
    return undecided(
        *candidates,
        "its kernel drops it for a reason that its counters name",
        ask=f"`{FILTERS}` on {director}: chains of the hook forward; `nstat -az` there",
    )


def stalled(flow: Flow, evidence: Evidence) -> tuple[str, str]:
    """Return host and cause when small packets pass and large ones do not."""
    told = _told(flow.errors, evidence)
    largest = max((one.packet.length for one in flow.there), default=0)
    for director in evidence.directors:
        sent = [request.packet.length for request in flow.requests(director, OUT)]
        if sent:
            seen = f"packets of up to {largest} bytes were seen, {director} sent up to {max(sent)}"
            if told:
                return director, f"{seen}: an MTU on the path is too small ({told})"
            return director, f"{seen}: " + undecided(
                "an MTU on the path is too small",
                "the application does not read on",
                ask=f"`tracepath -n RIP` on {director}, and `ss -tn` on the real server",
            )
    return "", told or undecided(
        "an MTU on the path is too small",
        "the application does not read on",
        ask=f"`tracepath -n {_client_of(flow, evidence)}` on a real server",
    )


def _told(errors: Sequence[tuple[str, Error]], evidence: Evidence) -> str:
    """Return the content of an ICMP error."""
    for _host, error in errors:
        who = evidence.hosts.with_address(error.sender) or error.sender
        limit = f", at most {error.mtu} bytes" if error.mtu else ""
        return f"{who} says: {error.reason}{limit}"
    return ""


def _reverse_filter(source: str) -> list[str]:
    """Linux has no rp_filter for IPv6; a packet filter can do the same."""
    return ["a reverse path filter (firewalld: IPv6_rpfilter)"] if ":" in source else []


def not_unwrapped(host: Host, server: Server, inside: str, outside: str) -> str:
    """Explain why a tunnel's packet, of these families inside and outside, was not unwrapped."""
    kinds = {
        kind.inside[inside].devices[outside].kind
        for kind in KINDS.values()
        if inside in kind.inside
        and kind.inside[inside].name == server.tunnel
        and outside in kind.inside[inside].devices
    }
    wanted = f"{server.tunnel} over {'IPv6' if outside == 'ipv6' else 'IPv4'}"
    devices = [
        link
        for link in host.facts["links"]
        if link["kind"] in kinds and (link["up"] or link["name"] not in _FALLBACKS)
    ]
    if not devices:
        kind = " or ".join(sorted(kinds))
        return f"{host.name} has no device that unwraps {wanted} (kind {kind})"
    down = [link["name"] for link in devices if not link["up"]]
    names = ", ".join(link["name"] for link in devices)
    if len(down) == len(devices):
        return f"{names} of {host.name} is down"
    return f"{names} of {host.name} is up: " + undecided(
        f"its local address is not {server.rip}",
        *([f"UDP port {server.tunnel_port} is not open for it"] if server.tunnel_port else []),
        "a firewall on it drops the packets",
        *_reverse_filter(server.rip),
        ask=f"`ip -d address show; ip fou show; {FILTERS}` on {host.name}",
    )


def _client_of(flow: Flow, evidence: Evidence) -> str:
    """Return the client's address that a request has; empty if none was seen."""
    own = evidence.hosts.by_name[evidence.client].addresses
    return next((one.packet.source for one in flow.there if one.packet.source in own), "")


class _Way(NamedTuple):
    """The routes that a reply takes."""

    routes: tuple[Route, ...]
    is_sure: bool  # whether what was read of rules and routes decides

    @property
    def gateways(self) -> list[str]:
        return [str(one.gateway) for one in self.routes if one.gateway]

    @property
    def devices(self) -> list[str]:
        return [*dict.fromkeys(one.device for one in self.routes)]


def _way_back(host: Host, server: Server, endpoint: Endpoint, target: str, device: str) -> _Way:
    """Return the way of a reply to a request that came by a device."""
    source = server.rip if server.demand.rewritten else endpoint.vip
    ways = host.ways_back(Reply(target, source, server.port, endpoint.protocol, device))
    routes = tuple(one for one in ways.routes if one.kind == UNICAST)
    return _Way(routes, is_sure=not ways.doubts and not endpoint.policy_route)


def _way_of(flow: Flow, host: Host, server: Server, endpoint: Endpoint, target: str) -> _Way:
    arrived = flow.requests(host.name, IN)
    return _way_back(host, server, endpoint, target, arrived[-1].interface if arrived else "")


def _led(host: Host, target: str, way: _Way) -> str:
    hops = " and ".join(f"{one.gateway or 'the network itself'} on {one.device}"
                        for one in way.routes)  # fmt: skip
    return f"the route of {host.name} to {target} leads through {hops}"


def _is_on_link(host: Host, address: str) -> bool:
    route = host.route(address)
    return route is not None and route.is_on_link


def _first(names: Iterable[str]) -> str:
    return next(iter(names), "")
