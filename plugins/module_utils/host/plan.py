# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""From the host that is to the host that is wanted: the operations between them, in order.

The order keeps a virtual address from being seen where it must not be, at each step:

1. tunnels that make way for others of the same name; links that come;
2. sysctls that are set (ARP is suppressed before there is an address to answer for);
3. links are put up; source NAT, addresses, routes, rules and neighbours come;
4. neighbours, rules, routes, addresses, source NAT and links go;
5. sysctls are put back (ARP is answered again when the address is gone).

What is ours is what an earlier run recorded as found. Ours and no longer wanted is undone; a thing
that was there before us is nobody's business but its owner's, and so is a sysctl that somebody
changed after we wrote it.
"""

from __future__ import annotations

from typing import Iterable, Iterator, Mapping, NamedTuple, Union

from .model import (
    DEVICES,
    IN_NFT,
    KINDS,
    Address,
    Current,
    Found,
    GuePort,
    LocalAddresses,
    Mark,
    MssLimit,
    Neighbour,
    Replaced,
    Route,
    Ruleset,
    Setting,
    Thing,
    Tunnel,
    Wanted,
)
from .sysctl.rules import along, device_of, hindrance, inherited, is_met, leader_of


class Add(NamedTuple):
    """A thing comes."""

    thing: Thing

    def __str__(self) -> str:
        return f"add {self.thing}"


class Remove(NamedTuple):
    """A thing goes."""

    thing: Thing

    def __str__(self) -> str:
        return f"remove {self.thing}"


class PutUp(NamedTuple):
    """A device is put up."""

    device: str

    def __str__(self) -> str:
        return f"put link {self.device} up"


class Write(NamedTuple):
    """A sysctl is written."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"set {self.key.replace('/', '.')} to {self.value}"


Operation = Union[Add, Remove, PutUp, Write]

# Their commands take the place of what is there.
_REPLACED = (Route, Neighbour, Ruleset, LocalAddresses, Mark, MssLimit)


class Plan(NamedTuple):
    """What to do, and what is ours on the way and afterwards."""

    operations: tuple[Operation, ...]
    found: Found  # to be recorded before the first operation: nothing of ours is ever unrecorded
    left: Found  # to be recorded after the last


def plan(current: Current, wanted: Wanted, found: Found) -> Plan:
    """The operations that make the host what is wanted, given what is ours on it."""
    slots = {thing.slot for thing in wanted.things}
    ours = _ours(current, found)
    making_way = [
        Remove(one)
        for one in _ordered(ours & current.things - wanted.things)
        if isinstance(one, DEVICES) and one.slot in slots
    ]
    current = after(current, making_way)
    occupied = {thing.slot for thing in current.things}
    replaceable = {one.slot for one in ours if isinstance(one, _REPLACED)}
    coming = [
        thing
        for thing in wanted.things - current.things
        if thing.slot not in occupied or thing.slot in replaceable
    ]
    # Replacing takes the old one away, so that nothing is left to remove.
    going = [one for one in ours & current.things if one.slot not in slots]
    put_back = _put_back(current, wanted, found)
    links = [one for one in coming if isinstance(one, DEVICES)]
    sysctls = {**current.sysctls, **put_back}
    for link in links:
        sysctls.update(inherited(link.name, sysctls))
    writing = [one for one in wanted.settings if not is_met(one, sysctls)]

    operations: list[Operation] = [*making_way]
    operations += [Add(one) for one in _ordered(links)]
    operations += [Write(one.key, one.value) for one in writing]
    operations += [PutUp(name) for name in wanted.up if name not in current.up]
    operations += [Add(one) for one in _ordered(coming) if not isinstance(one, DEVICES)]
    operations += [Remove(one) for one in reversed(_ordered(going))]
    operations += [Write(key, value) for key, value in put_back.items()]

    settings = dict(found.settings)
    own = {one.name for one in (*found.things, *links) if isinstance(one, DEVICES)}
    for one in writing:
        if device_of(one.key) in own:
            continue  # it goes with the device
        known = found.settings.get(one.key)  # the value found first stays the one to put back
        first = known.found if known else sysctls[one.key]
        settings.update(_beside(one, first, sysctls, found))
        settings[one.key] = Replaced(first, one.value)
    kept = {one.key for one in wanted.settings}
    return Plan(
        tuple(operations),
        Found(found.things | frozenset(coming), settings),
        Found(
            (found.things & wanted.things) | frozenset(coming),
            {key: one for key, one in settings.items() if {key, leader_of(key)} & kept},
        ),
    )


def problems(current: Current, wanted: Wanted, found: Found) -> list[str]:
    """What of this host stands in the way, so that nothing must be done."""
    sysctls = {**current.sysctls, **_put_back(current, wanted, found)}
    there = {one.slot for one in current.things}
    for link in wanted.things:
        if isinstance(link, DEVICES) and link.slot not in there:
            sysctls.update(inherited(link.name, sysctls))
    sentences = [*_missing_devices(current, wanted)]
    for thing in sorted(current.things - _ours(current, found), key=str):
        sentences += _conflicts(thing, wanted)
    for setting in wanted.settings:
        if setting.key not in sysctls:
            sentences.append(f"this host has no sysctl {setting.key.replace('/', '.')}")
            continue
        other = hindrance(setting, sysctls)
        if other:
            accepted = " or ".join(setting.accepted)
            sentences.append(
                f"{other.replace('/', '.')} is {sysctls[other]}, which overrules "
                f"{setting.key.replace('/', '.')} (the larger counts): set it to {accepted}"
            )
    return sentences


def after(current: Current, operations: Iterable[Operation]) -> Current:
    """The host that the operations leave behind: what check mode predicts."""
    things, up, sysctls = set(current.things), set(current.up), dict(current.sysctls)
    for one in operations:
        if isinstance(one, Add):
            things = {thing for thing in things if thing.slot != one.thing.slot} | {one.thing}
            if isinstance(one.thing, DEVICES):
                sysctls.update(inherited(one.thing.name, sysctls))
        elif isinstance(one, Remove):
            things.discard(one.thing)
            if isinstance(one.thing, DEVICES):
                gone = one.thing.name
                up.discard(gone)
                things = {thing for thing in things if not _is_on(thing, gone)}
                sysctls = {key: each for key, each in sysctls.items() if device_of(key) != gone}
        elif isinstance(one, PutUp):
            up.add(one.device)
        else:
            sysctls.update(along(one.key, one.value, sysctls))
            sysctls[one.key] = one.value
    return Current(frozenset(things), frozenset(up), sysctls)


def difference(current: Current, operations: Iterable[Operation]) -> dict[str, dict[str, object]]:
    """Before and after of what the operations touch, sorted."""
    operations = tuple(operations)
    later = after(current, operations)
    return {"before": _touched(current, operations), "after": _touched(later, operations)}


def _ordered(things: Iterable[Thing]) -> list[Thing]:
    """By kind, in the order of KINDS, so that what others build on comes first."""
    kinds = list(KINDS.values())
    return sorted(things, key=lambda thing: (kinds.index(type(thing)), thing.slot))


def _ours(current: Current, found: Found) -> frozenset[Thing]:
    """What earlier runs added, whatever a tunnel of ours has become, and all in a table of ours."""
    tunnels = {one.slot for one in found.things if isinstance(one, Tunnel)}
    ours = found.things | {one for one in current.things if one.slot in tunnels}
    if any(isinstance(one, Ruleset) for one in found.things):
        return ours | {one for one in current.things if isinstance(one, IN_NFT)}
    return ours


def _is_on(thing: Thing, device: str) -> bool:
    return isinstance(thing, (Address, Neighbour)) and thing.device == device


def _beside(
    setting: Setting, first: str, sysctls: Mapping[str, str], found: Found
) -> dict[str, Replaced]:
    """What the kernel sets along with a sysctl, and would not put back with it."""
    afterwards = along(setting.key, first, sysctls)
    return {
        key: Replaced(sysctls[key], value)
        for key, value in along(setting.key, setting.value, sysctls).items()
        if key not in found.settings and afterwards[key] != sysctls[key]
    }


def _put_back(current: Current, wanted: Wanted, found: Found) -> dict[str, str]:
    """The sysctls that get the value again that they had before us, the last written first."""
    kept = {one.key for one in wanted.settings}
    values: dict[str, str] = {}
    for key, one in reversed(list(found.settings.items())):
        # Another value than ours is somebody's later decision; none: the device is gone.
        ours = current.sysctls.get(key) == one.written != one.found
        if key not in kept and ours and not leader_of(key):
            values[key] = one.found
            values.update(_put_back_beside(key, one, current, found))
    return values


def _put_back_beside(key: str, leader: Replaced, current: Current, found: Found) -> dict[str, str]:
    """What the kernel spoils of other sysctls when it gets back its leader's value."""
    values: dict[str, str] = {}
    made = along(key, leader.written, current.sysctls)
    for other, spoilt in along(key, leader.found, current.sysctls).items():
        now, known = current.sysctls[other], found.settings.get(other)
        right = spoilt if now == made[other] else now  # else it is somebody's later decision
        if known and now == known.written:
            right = known.found
        if right != spoilt:
            values[other] = right
    return values


def _missing_devices(current: Current, wanted: Wanted) -> Iterator[str]:
    present = {one.name for one in current.things | wanted.things if isinstance(one, DEVICES)}
    needed = {thing.device for thing in wanted.things if isinstance(thing, (Address, Neighbour))}
    for name in sorted(needed.union(wanted.up) - present):
        yield f"this host has no interface {name}"


def _conflicts(thing: Thing, wanted: Wanted) -> Iterator[str]:
    """What somebody else's thing stands in the way of."""
    if isinstance(thing, Ruleset) and any(isinstance(one, Ruleset) for one in wanted.things):
        yield f"nft table inet {thing.table} is not ours: delete it, or give it another name"
    for mine in sorted(wanted.things, key=str):
        if mine == thing:
            continue
        if isinstance(mine, (*DEVICES, GuePort)) and mine.slot == thing.slot:
            yield f"{thing} is in the way of {mine}"
        if (
            isinstance(mine, Tunnel)
            and isinstance(thing, Tunnel)
            and (mine.kind, mine.local) == (thing.kind, thing.local)
            and mine.name != thing.name
        ):
            yield f"{thing} is not ours and in the way of {mine}: the kernel takes only one of them"
        if isinstance(mine, Route) and mine.slot == thing.slot:
            yield f"{thing} is not ours and in the way of the {mine}: choose another table"
        if isinstance(mine, Neighbour) and mine.slot == thing.slot:
            yield f"{thing} is not ours and in the way of {mine}: remove it"
        if (
            wanted.hidden
            and isinstance(mine, Address)
            and isinstance(thing, Address)
            and mine.address == thing.address
        ):
            yield f"{thing} is not ours and lets others see it: remove it ({mine} is wanted)"


def _touched(state: Current, operations: Iterable[Operation]) -> dict[str, object]:
    shown: dict[str, list[str]] = {}
    sysctls: dict[str, str] = {}
    for one in operations:
        if isinstance(one, Write):
            if one.key in state.sysctls:
                sysctls[one.key.replace("/", ".")] = state.sysctls[one.key]
        elif isinstance(one, PutUp):
            lines = shown.setdefault("up", [])
            lines += [one.device] if one.device in state.up else []
        else:
            name = next(name for name, kind in KINDS.items() if isinstance(one.thing, kind))
            lines = shown.setdefault(name, [])
            lines += [str(each) for each in state.things if each.slot == one.thing.slot]
    result: dict[str, object] = {name: sorted(set(lines)) for name, lines in shown.items()}
    if sysctls:
        result["sysctls"] = dict(sorted(sysctls.items()))
    return result
