# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares what was seen with what the mode demands, and names the likeliest cause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from .paths import Observation, Path

THROUGH_DIRECTOR = {"nat": True, "dr": False}
"""Mode → whether replies pass the director."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as the mode demands."""

    check: str
    host: str
    """The host where the cause is likeliest to be found; empty when nothing points at one."""
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Surroundings:
    """What the judgement takes as given."""

    directors: Collection[str]
    client: Collection[str]
    """The client's addresses."""
    router: str = ""
    """The router that delivers to the VIPs."""


def judge(seen: Observation, given: Surroundings) -> list[Finding]:
    """Give all findings; an empty list is a green verdict."""
    checks = (owners, destinations, failures, servers, clients_seen, replies, distribution)
    return [finding for check in checks for finding in check(seen, given)]


def owners(seen: Observation, given: Surroundings) -> Iterator[Finding]:
    """The director, and nobody else, answers for the VIP; or nobody needs to."""
    if seen.endpoint.is_static:
        if seen.owners:
            yield Finding(
                "owner", given.router,
                f"{given.router} asked who has {seen.endpoint.vip}, and {_names(seen.owners)}"
                " answered: it has no permanent neighbour entry for it",
            )  # fmt: skip
        return
    vip, asked = seen.endpoint.vip, "neighbour discovery" if seen.endpoint.is_ipv6 else "ARP"
    if not seen.owners:
        yield Finding(
            "owner", _only(given.directors),
            f"nobody answers {asked} for {vip}: the director does not have the VIP",
        )  # fmt: skip
    ours = seen.owners & set(given.directors)
    also = "too" if ours else "and not by the director"
    cause = (
        "the VIP is on an interface that faces the router"
        if seen.endpoint.is_ipv6
        else "it does not suppress ARP (arp_ignore must be 1 on all or on the interface)"
    )
    for host in sorted(seen.owners - set(given.directors)):
        yield Finding("owner", host, f"{vip} is answered by {host} {also}: {cause}")


def destinations(seen: Observation, given: Surroundings) -> Iterator[Finding]:
    """Requests go to the director."""
    strays = Counter(
        host for path in seen.paths for host in path.sent_to if host not in given.directors
    )
    for host, count in sorted(strays.items()):
        yield Finding(
            "destination", host,
            f"{_of(count, seen)} for {seen.endpoint.address} went to {host}, past the director:"
            f" the router believes that {host} has the VIP",
        )  # fmt: skip


def failures(seen: Observation, given: Surroundings) -> Iterator[Finding]:
    """Every request is answered."""
    alike: dict[tuple[str, str, str], int] = defaultdict(int)
    for path in seen.paths:
        if path.request.error:
            host, cause = _cause(seen, path, given)
            alike[path.request.error, host, cause] += 1
    for (error, host, cause), count in alike.items():
        yield Finding(
            "answer", host,
            f"{_of(count, seen)} to {seen.endpoint.address} failed ({error}): {cause}",
        )  # fmt: skip


def _cause(seen: Observation, path: Path, given: Surroundings) -> tuple[str, str]:
    """Where a request that failed came to its end, and why it did."""
    director = _only(given.directors)
    foreign = path.replied_as - {seen.endpoint.address}
    if foreign:
        host = _only(path.replied_by)
        return host, (
            f"{_names(path.replied_by)} replied as {_names(foreign)}, past the director: its route"
            " to the client does not lead through the DIP"
        )
    if path.replied_by:
        return _only(path.replied_by), f"{_names(path.replied_by)} refused it"
    if path.sent_to - set(given.directors):
        return _only(path.sent_to), f"it went to {_names(path.sent_to)}, which left it unanswered"
    if not path.sent_to:
        return (
            ("", "the router never saw it: the client has no route to the VIP")
            if seen.owners or seen.endpoint.is_static
            else (director, "the router could not deliver it")
        )
    if path.reply_passed:
        return director, "the director got a reply and did not pass it on"
    return director, (
        "no reply was seen: the director has no such service or no real server for it, or the real"
        " server is down or does not have the VIP"
    )


def servers(seen: Observation, given: Surroundings) -> Iterator[Finding]:  # noqa: ARG001
    """Only declared real servers answer."""
    known = seen.endpoint.weights
    answered = Counter(path.request.server for path in seen.paths if path.request.server)
    for host, count in sorted(answered.items()):
        if host not in known and not _unmanaged(known):
            yield Finding(
                "server", host,
                f"{_of(count, seen)} to {seen.endpoint.address} were answered by {host}, which is"
                " none of its real servers",
            )  # fmt: skip
        elif known.get(host) == 0:
            yield Finding(
                "server", host,
                f"{_of(count, seen)} to {seen.endpoint.address} were answered by {host}, whose"
                " weight is 0",
            )  # fmt: skip


def clients_seen(seen: Observation, given: Surroundings) -> Iterator[Finding]:
    """The real server sees the client's own address and port."""
    for path in seen.paths:
        request = path.request
        address, _, port = request.client.rpartition(":")
        own = address.strip("[]") in given.client and port == str(request.port)
        if request.server and not own:
            yield Finding(
                "client", request.server,
                f"{request.server} saw {request.client} in place of the client: something on the"
                " way translates source addresses",
            )  # fmt: skip
            return  # one tells it all


def replies(seen: Observation, given: Surroundings) -> Iterator[Finding]:
    """Replies come through the director, or straight from the real server."""
    demanded = THROUGH_DIRECTOR[seen.endpoint.mode]
    what, rule = (
        ("did not pass the director", "does not lead through the DIP")
        if demanded
        else ("passed the director", "must not lead through the director")
    )
    wrong: dict[tuple[str, str], int] = defaultdict(int)
    for path in seen.paths:
        host = path.request.server
        if host and not _as_demanded(path, given, through_director=demanded):
            wrong[host, _names(path.replied_by)] += 1
    for (host, by), count in sorted(wrong.items()):
        yield Finding(
            "reply", host,
            f"{_of(count, seen, 'replies')} for {seen.endpoint.address}, of {host}, {what}, they"
            f" came from {by}: its route to the client {rule}",
        )  # fmt: skip


def _as_demanded(path: Path, given: Surroundings, *, through_director: bool) -> bool:
    if through_director:
        return path.replied_by <= set(given.directors) and bool(path.reply_passed)
    return path.replied_by == {path.request.server} and not path.reply_passed


def distribution(seen: Observation, given: Surroundings) -> Iterator[Finding]:  # noqa: ARG001
    """Every real server with a weight gets its share."""
    weights = seen.endpoint.weights
    if not any(weights.values()):
        yield Finding("share", "", f"{seen.endpoint.address}: every real server has weight 0")
    answered = {path.request.server for path in seen.paths if path.request.server}
    # Where nothing answers, or not enough was asked, silence of one server says nothing new.
    if not answered or not seen.endpoint.spreads or len(seen.paths) < len(weights):
        return
    for host, weight in sorted(weights.items()):
        if weight and host not in answered and not _unmanaged([host]):
            yield Finding(
                "share", host,
                f"{host} (weight {weight}) answered none of {len(seen.paths)} requests to"
                f" {seen.endpoint.address}",
            )  # fmt: skip


def _unmanaged(servers: Iterable[str]) -> bool:
    """Whether any of them is an address alone: such a server answers under a name of its own."""
    return any(":" in each or each.replace(".", "").isdigit() for each in servers)


def _of(count: int, seen: Observation, what: str = "requests") -> str:
    return f"{count} of {len(seen.paths)} {what}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nobody"


def _only(names: Iterable[str]) -> str:
    first, *more = [*names, ""]
    return first if more in ([], [""]) else ""
