# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Who says by VRRP that it is master, and why more than one director answers for a VIP."""

from __future__ import annotations

import ipaddress
from typing import Iterator, Sequence

from ..net.addresses import family_of
from ..packets.frames import Advertisement
from .endpoints import Endpoint
from .evidence import FILTERS, Evidence, undecided
from .flows import IN, OUT
from .neighbours import answers_for

_VRRP = "VRRP (protocol 112)"


def several_have(
    endpoint: Endpoint, directors: Sequence[str], evidence: Evidence
) -> tuple[str, str]:
    """Return where the cause is that these directors answer for a VIP, and the cause."""
    vip = endpoint.vip
    for name in directors:
        if name in evidence.hosts.by_name and not evidence.has(name, vip):
            return name, answers_for(name, endpoint, evidence)
    said = {name: _said_by(name, evidence) for name in directors}
    if not any(said.values()):
        return directors[-1], undecided(
            f"none hears that another one is master (split brain): a packet filter for {_VRRP} on "
            "one of them, or the network between",
            f"{vip} is configured on one of them besides",
            ask=f"`journalctl -u keepalived; {FILTERS}` on {' and '.join(directors)}",
        )
    for name, own in said.items():
        if not own:
            return name, f"{name} has {vip}, and does not say that it is master: " + undecided(
                f"{vip} is configured there besides",
                "its keepalived has died, which leaves the address",
                f"a packet filter drops {_VRRP} that it sends",
                ask=f"`ip address show; systemctl status keepalived; {FILTERS}` on {name}",
            )
    return _does_not_give_way({name: own[-1] for name, own in said.items()}, evidence)


def strangers(evidence: Evidence) -> Iterator[Advertisement]:
    """Return one advertisement of each other host that has the number of the directors' router.

    IPv4 and IPv6 have numbers of their own (RFC 5798, 1.1).
    """
    ours = {
        (one.router_id, family_of(one.source))
        for name in evidence.directors
        for one in _said_by(name, evidence)
    }
    found: dict[str, Advertisement] = {}
    for name in evidence.directors:
        for one in _advertisements(name, evidence):
            is_own = any(evidence.has(each, one.source) for each in evidence.directors)
            if (one.router_id, family_of(one.source)) in ours and not is_own:
                found.setdefault(one.source, one)
    yield from found.values()


def _does_not_give_way(said: dict[str, Advertisement], evidence: Evidence) -> tuple[str, str]:
    """Of two masters that meet, the one gives way that counts less, or has the lower address."""

    def rank(name: str) -> tuple[int, int]:
        own = said[name]
        return own.priority, int(ipaddress.ip_address(own.source))

    staying, leaving = max(said, key=rank), min(said, key=rank)
    heard = {one.source for one in _advertisements(leaving, evidence) if one.seen.direction == IN}
    brain = f"{' and '.join(said)} say that they are master (split brain)"
    what = f"what {staying} says of it ({_VRRP})"
    if said[staying].source in heard:
        return leaving, f"{brain}; {what} arrives at {leaving}, which does not give way: " + (
            undecided(
                f"a packet filter on {leaving} drops it",
                "its keepalived has another peer or number",
                ask=f"`{FILTERS}; journalctl -u keepalived` on {leaving}",
            )
        )
    return leaving, f"{brain}; {what} does not arrive at {leaving}: " + undecided(
        "a switch or a firewall between them",
        f"{leaving} has a capture that is not complete",
        ask="`tcpdump -ni any ip proto 112 or ip6 proto 112` on both",
    )


def _said_by(host: str, evidence: Evidence) -> list[Advertisement]:
    """Return what a host said; with priority 0 it says that it is master no more."""
    return [
        one for one in _advertisements(host, evidence) if one.seen.direction == OUT and one.priority
    ]


def _advertisements(host: str, evidence: Evidence) -> Iterator[Advertisement]:
    for frame in evidence.scene.frames.get(host, ()):
        if isinstance(frame, Advertisement):
            yield frame
