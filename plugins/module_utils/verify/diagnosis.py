# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Diagnosis: the likeliest cause of a finding, from facts of hosts and tables of directors."""

from __future__ import annotations

from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Sequence

from ..net.addresses import family_of
from ..packets.frames import Error
from ..topology.modes.table import MODES
from ..tunnels.table import KINDS
from .endpoints import Endpoint, Server
from .flows import IN, OUT, Flow, Scene
from .hosts import Host, Hosts

_STRICT = "1"


class Evidence(NamedTuple):
    """Facts and tables that a diagnosis uses beside the packets of an endpoint."""

    scene: Scene
    tables: Mapping[str, Sequence[Mapping[str, Any]]]  # director → services of ipvs_info

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


def nobody_has(endpoint: Endpoint, evidence: Evidence) -> str:
    """Explain why no host answers for the VIP."""
    without = [name for name in evidence.directors if not _has(name, endpoint.vip, evidence)]
    if without:
        return f"{', '.join(without)} does not have {endpoint.vip}"
    return "the director has it, but on no device in that network, or is configured not to answer"


def answers_for(host: str, endpoint: Endpoint, evidence: Evidence) -> str:
    """Explain why a host answers for the VIP that must not."""
    known = evidence.hosts.by_name.get(host)
    if not known:
        return f"another host, with the MAC address {host}, has {endpoint.vip}: a duplicate address"
    if host not in {server.host for server in endpoint.servers}:
        return f"{host} has {endpoint.vip} and must not: a duplicate address"
    if ":" in endpoint.vip:
        return f"{endpoint.vip} is on an interface in that network, and not on lo"
    if not endpoint.demand.rewritten:
        interface = known.interface_towards(endpoint.vip)
        device = interface.device if interface else "all"
        values = {
            name: known.sysctl(f"net.ipv4.conf.{name}.arp_ignore") for name in ("all", device)
        }
        shown = ", ".join(f"{name}: {value or '?'}" for name, value in values.items())
        return f"ARP is not suppressed there (arp_ignore is {shown}; one of them must be 1 or more)"
    return f"{host} has {endpoint.vip}, which no real server of {endpoint.mode} needs"


def left_out(server: Server, endpoint: Endpoint, evidence: Evidence) -> str:
    """Explain why a real server got no requests."""
    for director in evidence.directors:
        if evidence.scene.unanswered(director, server.rip):
            return f"{director} asked for {server.rip} and got no answer: the host is down"
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
                return f"its weight in {director}'s IPVS table is 0"
    return "the scheduler prefers others: it also counts connections of other clients"


def went_past(host: str, endpoint: Endpoint, evidence: Evidence) -> str:
    """Explain why a real server gets requests directly from the network."""
    if _has(host, endpoint.vip, evidence):
        return f"the network leads {endpoint.vip} to {host}, which answered ARP or ND for it"
    return f"a route or a neighbour entry for {endpoint.vip} leads to {host}"


def never_left(endpoint: Endpoint, evidence: Evidence, said: str) -> str:
    """Explain why no request left the client."""
    client = evidence.hosts.by_name[evidence.client]
    if not client.route(endpoint.vip):
        return f"{client.name} has no route to {endpoint.vip}"
    return said or "a firewall on it, or a next hop that does not answer"


def lost_before_director(
    answered_by: Iterable[str] | None, endpoint: Endpoint, evidence: Evidence
) -> str:
    """Explain why a request was lost between client and director."""
    if answered_by is not None and not [*answered_by]:
        return f"no host has {endpoint.vip}: {nobody_has(endpoint, evidence)}"
    strangers = [one for one in answered_by or () if one not in evidence.directors]
    if strangers:
        return f"{', '.join(sorted(strangers))} answers for {endpoint.vip}"
    return "a route on the path leads elsewhere, or a firewall drops it"


def not_forwarded(
    endpoint: Endpoint, directors: Sequence[str], evidence: Evidence
) -> tuple[str, str]:
    """Return host and cause when a director does not forward a request."""
    for director in directors:
        for found in _not_forwarded_by(director, endpoint, evidence):
            return found
    if endpoint.fwmark:
        address = f"{endpoint.protocol} {endpoint.address}"
        missing = f"packets to {address} do not get the mark {endpoint.fwmark} there"
        return _first(directors), missing
    return _first(directors), "the director has no route to the real server, or a firewall drops it"


def _not_forwarded_by(
    director: str, endpoint: Endpoint, evidence: Evidence
) -> Iterator[tuple[str, str]]:
    """Yield the possible causes at a director, the likeliest first."""
    address = f"{endpoint.protocol} {endpoint.address}"
    name = f"fwmark {endpoint.fwmark}" if endpoint.fwmark else address
    service = evidence.service(director, endpoint)
    destinations = service["destinations"] if service else ()
    if director in evidence.tables and service is None:
        yield director, f"its IPVS table has no service {name}"
    if not _has(director, endpoint.vip, evidence):
        yield director, f"it does not have {endpoint.vip}"
    if service and not any(destination["weight"] for destination in destinations):
        yield director, f"every real server of {name} has weight 0 in its IPVS table"
    for server in endpoint.servers:
        if evidence.scene.unanswered(director, server.rip):
            unanswered = f"{director} asked for {server.rip} and got no answer"
            yield server.host, f"{unanswered}: {server.name} is down"
    for address in [
        destination["address"] for destination in destinations if destination["weight"]
    ]:
        if not endpoint.server_at(address):
            what = "no declared real server that could be read"
            yield director, f"its IPVS table sends requests to {address} too, which is {what}"


def other_method(server: Server, endpoint: Endpoint, evidence: Evidence) -> str:
    """The director forwards in another way than the mode's."""
    wanted = MODES[endpoint.mode].forwarding
    for director in evidence.directors:
        service = evidence.service(director, endpoint)
        for one in service["destinations"] if service else ():
            if one["address"] == server.rip and one["forwarding"] != wanted:
                return f"its IPVS table forwards with {one['forwarding']} and not with {wanted}"
    return "the destination in its IPVS table has another port or tunnel than the declaration"


def other_source(host: str, endpoint: Endpoint, evidence: Evidence) -> str:
    """Explain why the real server sees another source than the mode's."""
    if not endpoint.demand.local_source:
        return "a masquerading rule (SNAT) on the path changes requests"
    known = evidence.hosts.by_name.get(host)
    if known and known.sysctl("net.ipv4.vs.conntrack") == "0":
        return "net.ipv4.vs.conntrack is 0, so that no SNAT rule sees IPVS connections"
    return "the SNAT rule for the service is missing"


def lost_before_server(
    server: Server, errors: Sequence[tuple[str, Error]], evidence: Evidence
) -> str:
    """Explain why a request was lost between director and real server."""
    told = _told(errors, evidence)
    if told:
        return told
    for director in evidence.directors:
        if evidence.scene.unanswered(director, server.rip):
            return f"{director} asked for {server.rip} and got no answer: {server.name} is down"
    return f"the network between director and {server.name}"


def no_reply(
    server: Server, endpoint: Endpoint, flow: Flow, evidence: Evidence
) -> tuple[str, bool]:
    """Explain why a real server does not reply, and tell whether that is certain."""
    host = evidence.hosts.by_name[server.host]
    arrived = flow.requests(host.name, IN)
    devices = list(dict.fromkeys(one.interface for one in arrived))
    if endpoint.demand.wrapped and all(one.packet.encapsulation for one in arrived):
        return _not_unwrapped(host, server), True
    if not endpoint.demand.rewritten and endpoint.vip not in host.addresses:
        return f"{host.name} does not have {endpoint.vip}", True
    inner = [one.interface for one in arrived if not one.packet.encapsulation]
    source = arrived[-1].packet.source
    for device in inner or devices:
        value = max(host.sysctl(f"net.ipv4.conf.{name}.rp_filter") for name in ("all", device))
        back = host.route(source).get("device", "")
        if ":" not in source and value == _STRICT and back != device:
            return (
                f"rp_filter is strict (1) for {device}, and {host.name} reaches {source} through"
                f" {back or 'no device'}"
            ), True
    if not host.route(source):
        return f"{host.name} has no route to {source}", True
    return "a firewall on it, or the application, silently drops requests", False


def through_director(server: Server, passed: Sequence[str], flow: Flow, evidence: Evidence) -> str:
    """Explain why a reply passes the director, which it must not."""
    way = _route_back(server, flow, evidence)
    return f"{way}: in this mode it must not lead through {_first(passed)}"


def past_director(server: Server, endpoint: Endpoint, flow: Flow, evidence: Evidence) -> str:
    """Explain why a reply does not pass the director, which it must."""
    if endpoint.demand.local_source:
        return f"{server.name} has no route to the local address that leads to the director"
    return f"the gateway is not the director ({_route_back(server, flow, evidence)})"


def not_returned(director: str, endpoint: Endpoint, evidence: Evidence) -> str:
    """Explain why a director gets a reply and does not forward it."""
    host = evidence.hosts.by_name[director]
    name = "net.ipv6.conf.all.forwarding" if ":" in endpoint.vip else "net.ipv4.ip_forward"
    if host.sysctl(name) == "0":
        return f"{name} is 0"
    if endpoint.demand.local_source and host.sysctl("net.ipv4.vs.conntrack") == "0":
        return "net.ipv4.vs.conntrack is 0"
    return "a firewall on it drops forwarded packets, or it has no route to the client"


def stalled(flow: Flow, evidence: Evidence) -> tuple[str, str]:
    """Return host and cause when small packets pass and large ones do not."""
    told = _told(flow.errors, evidence)
    largest = max((one.packet.length for one in flow.there), default=0)
    for director in evidence.directors:
        sent = [request.packet.length for request in flow.requests(director, OUT)]
        if sent:
            seen = f"packets of up to {largest} bytes were seen, {director} sent up to {max(sent)}"
            quoted = f" ({told})" if told else ""
            return director, f"{seen}: an MTU on the path is too small{quoted}"
    return "", told or "an MTU on the path is too small"


def _told(errors: Sequence[tuple[str, Error]], evidence: Evidence) -> str:
    """Return the content of an ICMP error."""
    for _host, error in errors:
        who = evidence.hosts.with_address(error.sender) or error.sender
        limit = f", at most {error.mtu} bytes" if error.mtu else ""
        return f"{who} says: {error.reason}{limit}"
    return ""


def _not_unwrapped(host: Host, server: Server) -> str:
    kinds = {
        device.kind
        for kind in KINDS.values()
        for inside in kind.inside.values()
        for device in inside.devices.values()
        if inside.name == server.tunnel
    }
    devices = [link for link in host.facts["links"] if link["kind"] in kinds]
    if not devices:
        return f"{host.name} has no device that unwraps {server.tunnel}"
    down = [link["name"] for link in devices if not link["up"]]
    if len(down) == len(devices):
        return f"{', '.join(down)} of {host.name} is down"
    return f"no device of {host.name} unwraps {server.tunnel} to {server.rip}"


def _route_back(server: Server, flow: Flow, evidence: Evidence) -> str:
    """Describe the real server's route to the source of the request."""
    host = evidence.hosts.by_name.get(server.host)
    own = evidence.hosts.by_name[evidence.client].addresses
    sources = (one.packet.source for one in flow.there if one.packet.source in own)
    target = next(sources, "")
    route = host.route(target) if host and target else {}
    if not route:
        return f"the route of {server.name} to the client"
    hop = route["gateway"] or "the network itself"
    return f"the route of {server.name} to {target} leads through {hop} on {route['device']}"


def _has(name: str, address: str, evidence: Evidence) -> bool:
    host = evidence.hosts.by_name.get(name)
    return host is not None and address in host.addresses


def _first(names: Iterable[str]) -> str:
    return next(iter(names), "")
