# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""keepalived's VRRP and global settings → ``topology_high_availability``, directors, settings."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, NamedTuple, Sequence

from ...net.addresses import family_of, normal_address
from ...topology.declaration.high_availability import ENGINE, problems
from ..source import Place, Remarks, shown
from ..units import number_in, only, seconds_in, short
from .blocks import Statement
from .words import ignored

_INSTANCE_WORDS = frozenset(
    [
        "interface",
        "virtual_router_id",
        "advert_int",
        "unicast_src_ip",
        "unicast_peer",
        "virtual_ipaddress",
        "virtual_ipaddress_excluded",
        "state",
        "priority",
        "nopreempt",
        "preempt",
        "track_interface",
        "mcast_src_ip",
        "lvs_sync_daemon_interface",
    ]
)
_TIMEOUTS = {"tcp": "tcp_timeout", "tcpfin": "tcp_fin_timeout", "udp": "udp_timeout"}
_SYNC = {"id": "id", "port": "port", "group": "group"}
_NUMBERS = ("id", "port")


class OfVrrp(NamedTuple):
    """What is said beside services."""

    high_availability: Mapping[str, Any] | None
    directors: tuple[str, ...]
    settings: Mapping[str, Any] | None
    floating: tuple[tuple[Place, str], ...]


def read_pair(statements: Sequence[Statement], remarks: Remarks) -> OfVrrp:
    """Return the pair, and the directors' settings."""
    instances = [one for one in statements if one.word == "vrrp_instance"]
    settings: dict[str, Any] = {}
    sync: dict[str, Any] | None = None
    for block in statements:
        for one in block.inside if block.word == "global_defs" else ():
            if one.word == "lvs_timeouts":
                settings.update(_timeouts(one, remarks))
            elif one.word == "lvs_sync_daemon":
                sync = _sync(one, remarks)
            else:
                ignored(one, "global_defs", remarks)
    if not instances:
        return OfVrrp(None, (), settings or None, ())
    pair = _pair(instances, sync, remarks)
    for block in statements:
        for one in block.inside if block.word == "vrrp_sync_group" else ():
            if one.word != "group":
                ignored(one, "vrrp_sync_group", remarks)
    directors = _directors(instances, remarks)
    if not directors[1:]:
        remarks.add(
            instances[0].place,
            "the file does not say who the other director is",
            "name both in lvs_directors of the inventory",
        )
    floating = [address for one in instances for address in _addresses(one)]
    return OfVrrp(pair, directors, settings or None, tuple(floating))


def _pair(
    instances: Sequence[Statement], sync: Mapping[str, Any] | None, remarks: Remarks
) -> dict[str, Any]:
    first = instances[0]
    pair: dict[str, Any] = {"engine": ENGINE}
    for instance in instances:
        said = only(dict(_said(instance, remarks)))
        for name, value in said.items():
            if pair.setdefault(name, value) != value:
                remarks.add(
                    instance.place,
                    f"another {name} than that of the first instance is left out",
                    f"a pair has one for all VIPs, {pair[name]} here",
                )
    states = {one.value for one in (each.find("state") for each in instances) if one}
    if states == {"MASTER", "BACKUP"}:
        remarks.add(first.place, "each director is master of something: now one has all VIPs")
    if not all(one.find("nopreempt") for one in instances):
        remarks.add(
            first.place,
            "a director that comes back takes the VIPs no more from one that is as well as it is, "
            "whatever the priorities (nopreempt)",
            "drain.yml with director=NAME gives them away by hand",
        )
    if sync:
        pair["sync"] = sync
    for where, got, expected in problems(pair):
        name, _dot, key = where.rpartition(".")
        place = pair[name] if name else pair
        place.pop(key, None)
        remarks.add(first.place, f"{where} {shown(str(got))} is left out: expected {expected}")
    return pair


def _said(instance: Statement, remarks: Remarks) -> Iterator[tuple[str, Any]]:
    for one in instance.inside:
        if one.word == "interface":
            yield "interface", one.value or None
        elif one.word == "virtual_router_id":
            yield "virtual_router_id", number_in(one.value)
        elif one.word == "advert_int":
            seconds = seconds_in(one.value)
            yield "advertisement_interval", None if seconds in (None, 1.0) else short(seconds or 0)
        elif one.word == "lvs_sync_daemon_interface":
            remarks.add(one.place, "connections are synchronised on the interface of VRRP")
        elif one.word not in _INSTANCE_WORDS:
            ignored(one, "vrrp_instance", remarks)


def _addresses(instance: Statement) -> Iterator[tuple[Place, str]]:
    for block in instance.inside:
        if block.word in ("virtual_ipaddress", "virtual_ipaddress_excluded"):
            for one in block.inside:
                yield one.place, one.word


def _directors(instances: Sequence[Statement], remarks: Remarks) -> tuple[str, ...]:
    """The addresses of both, of one family, where they are said."""
    for instance in instances:
        source, peers = instance.find("unicast_src_ip"), instance.find("unicast_peer")
        own = normal_address(source.value) if source else None
        if not own:
            continue
        others: dict[str, Place] = {}
        for one in peers.inside if peers else ():
            peer = normal_address(one.word)
            if peer and peer != own and family_of(peer) == family_of(own):
                others.setdefault(peer, one.place)
        for peer, place in [*others.items()][1:]:
            remarks.add(
                place,
                f"the peer {peer} is left out: a pair has two directors",
                "see docs/high-availability.md",
            )
        return (own, *[*others][:1])
    return ()


def _timeouts(statement: Statement, remarks: Remarks) -> dict[str, int]:
    values = iter(statement.values)
    found = {}
    for word in values:
        seconds = number_in(next(values, ""))
        if word not in _TIMEOUTS or seconds is None:
            remarks.add(statement.place, f"{shown(word)} of lvs_timeouts is left out")
        elif seconds:
            found[_TIMEOUTS[word]] = seconds
    return found


def _sync(statement: Statement, remarks: Remarks) -> dict[str, Any]:
    interface, *more = [*statement.values, ""]
    sync: dict[str, Any] = {"interface": interface}
    words = iter(more)
    for word in words:
        if word in _SYNC:
            value = next(words, "")
            sync[_SYNC[word]] = number_in(value) if word in _NUMBERS else value
        elif word in ("maxlen", "ttl"):
            remarks.add(statement.place, f"{word} {shown(next(words, ''))} of lvs_sync_daemon")
    return only(sync)
