# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Causes of who answers ARP or ND, and who does not."""

from __future__ import annotations

from typing import Iterable

from .endpoints import Endpoint, Server
from .evidence import FILTERS, Evidence, undecided
from .hosts import Host, Interface


def nobody_has(endpoint: Endpoint, evidence: Evidence) -> str:
    """Explain why no host answers for the VIP."""
    vip = endpoint.vip
    having = [name for name in evidence.directors if evidence.has(name, vip)]
    if not having:
        return f"{', '.join(evidence.directors)} does not have {vip}"
    director = evidence.hosts.by_name[having[0]]
    device = director.device_of(vip)
    if director.is_down(device):
        return f"{device} of {director.name}, which has {vip}, is down"
    heard = evidence.scene.heard(director.name, vip)
    reached = "reached" if heard else "did not reach"
    values = _shown(director, "arp_ignore", device) if ":" not in vip else ""
    return f"the question {reached} {director.name}, which has {vip} on {device}: " + undecided(
        *([f"it is configured not to answer{values}"] if heard else ["the network between"]),
        "a packet filter for ARP or ND",
        ask=f"`ip address show to {vip}; {FILTERS}` on {director.name}",
    )


def answers_for(host: str, endpoint: Endpoint, evidence: Evidence) -> str:
    """Explain why a host answers for the VIP that must not."""
    vip, known = endpoint.vip, evidence.hosts.by_name.get(host)
    if not known:
        return f"no host that was read has the MAC address {host}: " + undecided(
            f"a duplicate address: another host has {vip}",
            "a host that could not be read has it, or a router answers for others (proxy ARP)",
            ask="the switches' tables of MAC addresses",
        )
    device = known.device_of(vip)
    if not device:
        return f"{host} did not have {vip} when it was read: " + undecided(
            "it answers for others (proxy ARP or ND)",
            "it has the address since",
            ask=f"`ip address show to {vip}; sysctl -a -r proxy_` on {host}",
        )
    server = endpoint.server_on(host)
    if not server:
        return f"{host} has {vip} and must not: a duplicate address"
    if server.demand.rewritten:
        return f"{host} has {vip}, which no real server of {server.mode} needs"
    return _is_not_silent(known, device, vip)


def _is_not_silent(known: Host, device: str, vip: str) -> str:
    """Explain why a real server answers ARP for a VIP although it must not."""
    if device != "lo" and known.interface_towards(vip, device):
        return f"{vip} is on {device}, an interface in that network, and not on lo"
    towards = known.interface_towards(vip)
    if ":" not in vip and towards:
        names = (f"net.ipv4.conf.{one}.arp_ignore" for one in ("all", towards.device))
        if all(known.sysctl(name) == "0" for name in names):
            values = _shown(known, "arp_ignore", towards.device)
            return f"ARP is not suppressed there{values}; one of them must be 1 or more"
    return f"{vip} is on {device} of {known.name}: " + undecided(
        "it answers for others (proxy ARP or ND)",
        "its settings have changed since",
        ask=f"`ip address show to {vip}; sysctl -a -r 'proxy_|arp_ignore'` on {known.name}",
    )


def went_past(host: str, sender: str, answered_by: Iterable[str] | None, endpoint: Endpoint) -> str:
    """Explain why a real server gets requests directly from the network."""
    if host in (answered_by or ()):
        return f"the network leads {endpoint.vip} to {host}, which answered ARP or ND for it"
    return f"{host} did not answer ARP or ND for {endpoint.vip}: " + undecided(
        f"a route or a neighbour entry for {endpoint.vip} leads to {host}",
        ask=f"`ip route get {endpoint.vip}; ip neighbour show {endpoint.vip}` on {sender}",
    )


def unanswered(server: Server, evidence: Evidence) -> str:
    """Explain why a director's question for a RIP had no answer; empty if there was none."""
    asking = (one for one in evidence.directors if evidence.scene.unanswered(one, server.rip))
    director = next(asking, "")
    if not director:
        return ""
    said = f"{director} asked for {server.rip} and got no answer: "
    host = evidence.hosts.by_name.get(server.host)
    if not host:
        return said + undecided(
            f"{server.name} is down",
            "the network between",
            ask=f"`ping {server.rip}` on another host of that network",
        )
    return said + _does_not_answer(host, server, server.dips.get(director, ""), evidence)


def _does_not_answer(host: Host, server: Server, asking: str, evidence: Evidence) -> str:
    """Explain why a host that was read did not answer a director's question for its RIP."""
    device = host.device_of(server.rip)
    if not device:
        return f"{host.name} does not have {server.rip}"
    if host.is_down(device):
        return f"{device} of {host.name} is down"
    swallowed = host.takes_for_its_own(asking) if asking else None
    # Without rp_filter the kernel looks at addresses alone, and answers: fib_validate_source().
    if swallowed and host.either("rp_filter", device) not in ("", "0"):
        return swallowed_by(host, swallowed, asking)
    if evidence.scene.heard(host.name, server.rip):
        return f"the question reached {host.name}: " + undecided(
            f"{device} answers no ARP (NOARP, arp_ignore)",
            "a packet filter for ARP or ND",
            ask=f"`ip link show {device}; sysctl -a -r arp_ignore; {FILTERS}` on {host.name}",
        )
    return f"the question did not reach {host.name}, which is up: " + undecided(
        "another network or VLAN on that link",
        "a switch in between",
        ask=f"`tcpdump -eni {device} arp or icmp6` on {host.name}",
    )


def swallowed_by(host: Host, by: Interface, address: str) -> str:
    """An address on lo brings a local route for its whole network: fib_add_ifaddr()."""
    return (
        f"{by.at} on lo makes all of {by.at.network} local to {host.name}: what it sends to"
        f" {address} does not leave it. Give that address the prefix length 32"
    )


def _shown(host: Host, name: str, device: str) -> str:
    values = {one: host.sysctl(f"net.ipv4.conf.{one}.{name}") or "?" for one in ("all", device)}
    return f" ({name} is {', '.join(f'{one}: {value}' for one, value in values.items())})"
