# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The plan from the current to the desired state of a host: operations in order.

After each operation no host sees a virtual address that it must not see:

1. remove tunnels that others of the same name replace; load helpers of IPVS; add links;
2. write sysctls (ARP is suppressed before the address exists);
3. set links up; add source NAT, addresses, routes, rules and neighbours;
4. remove neighbours, rules, routes, addresses, source NAT and links;
5. restore sysctls (ARP answers again once the address is gone).

Earlier runs recorded what is owned. Owned and no longer desired resources are removed. Foreign
resources stay, and so do sysctls with another value than we wrote.
"""

from __future__ import annotations

from typing import Container, Iterable, Iterator, Mapping, NamedTuple, Union

from .model import (
    DEVICES,
    IN_NFT,
    KINDS,
    Address,
    Current,
    Desired,
    GuePort,
    LocalAddresses,
    Mark,
    MssLimit,
    Neighbour,
    NftTable,
    OriginalValue,
    Owned,
    Resource,
    Route,
    SysctlRequirement,
    Tunnel,
)
from .sysctl.rules import ALL, conflict, device_of, inherited, is_met, parent_sysctl, side_effects


class Add(NamedTuple):
    """Add a resource."""

    resource: Resource

    def __str__(self) -> str:
        return f"add {self.resource}"


class Remove(NamedTuple):
    """Remove a resource."""

    resource: Resource

    def __str__(self) -> str:
        return f"remove {self.resource}"


class LinkUp(NamedTuple):
    """Set a device up."""

    device: str

    def __str__(self) -> str:
        return f"set link {self.device} up"


class Write(NamedTuple):
    """Write a sysctl."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"set {self.key.replace('/', '.')} to {self.value}"


class LoadHelper(NamedTuple):
    """Load a helper of IPVS."""

    name: str

    def __str__(self) -> str:
        return f"load ip_vs_{self.name}"


Operation = Union[Add, Remove, LinkUp, LoadHelper, Write]

# Their commands replace existing ones.
_REPLACED = (Route, Neighbour, NftTable, LocalAddresses, Mark, MssLimit)


class Plan(NamedTuple):
    """The operations, and the owned state during and after them."""

    operations: tuple[Operation, ...]
    owned: Owned  # recorded before the first operation, so that no owned resource is unrecorded
    left: Owned  # recorded after the last operation


def plan(current: Current, desired: Desired, owned: Owned) -> Plan:
    """Return the plan to the desired state, given the owned state."""
    identities = {resource.identity for resource in desired.resources}
    ours = _ours(current, owned)
    making_way = [
        Remove(one)
        for one in _ordered(ours & current.resources - desired.resources)
        if isinstance(one, DEVICES) and one.identity in identities
    ]
    current = after(current, making_way)
    occupied = {resource.identity for resource in current.resources}
    replaceable = {one.identity for one in ours if isinstance(one, _REPLACED)}
    coming = [
        resource
        for resource in desired.resources - current.resources
        if resource.identity not in occupied or resource.identity in replaceable
    ]
    # A replacement removes the old one.
    going = [one for one in ours & current.resources if one.identity not in identities]
    restored = _restored(current, desired, owned)
    links = [one for one in coming if isinstance(one, DEVICES)]
    sysctls = {**current.sysctls, **restored}
    for link in links:
        sysctls.update(inherited(link.name, sysctls))
    writing = [setting for setting in desired.settings if not is_met(setting, sysctls)]

    operations: list[Operation] = [*making_way]
    operations += [LoadHelper(name) for name in desired.helpers if name not in current.helpers]
    operations += [Add(one) for one in _ordered(links)]
    operations += [Write(one.key, one.value) for one in writing]
    operations += [LinkUp(name) for name in desired.up if name not in current.up]
    operations += [Add(one) for one in _ordered(coming) if not isinstance(one, DEVICES)]
    operations += [Remove(one) for one in reversed(_ordered(going))]
    operations += [Write(key, value) for key, value in restored.items()]

    settings = dict(owned.settings)
    own = {one.name for one in (*owned.resources, *links) if isinstance(one, DEVICES)}
    for one in writing:
        if device_of(one.key) in own:
            continue  # the kernel removes it with the device
        known = owned.settings.get(one.key)  # the first original stays
        first = known.original if known else sysctls[one.key]
        settings.update(_beside(one, first, sysctls, owned))
        settings[one.key] = OriginalValue(first, one.value)
    kept = {setting.key for setting in desired.settings}
    return Plan(
        tuple(operations),
        Owned(owned.resources | frozenset(coming), settings),
        Owned(
            (owned.resources & desired.resources) | frozenset(coming),
            {key: one for key, one in settings.items() if {key, parent_sysctl(key)} & kept},
        ),
    )


def without_missing(current: Current, desired: Desired) -> tuple[Desired, Desired]:
    """Part what is desired: what is on interfaces that are there or come, and the rest."""
    present = _present(current, desired)
    missing = {name for name in _needed(desired) if name not in present}
    rest = frozenset(one for one in desired.resources if _is_on(one, missing))
    late = tuple(one for one in desired.settings if device_of(one.key) in missing)
    there = desired._replace(
        resources=desired.resources - rest,
        settings=tuple(one for one in desired.settings if one not in late),
        up=tuple(name for name in desired.up if name not in missing),
    )
    up = tuple(name for name in desired.up if name in missing)
    return there, Desired(rest, late, up, desired.arp_suppressed)


def problems(current: Current, desired: Desired, owned: Owned) -> list[str]:
    """Return the conflicts on this host; with any, nothing may change."""
    sysctls = {**current.sysctls, **_restored(current, desired, owned)}
    there = {one.identity for one in current.resources}
    for link in desired.resources:
        if isinstance(link, DEVICES) and link.identity not in there:
            sysctls.update(inherited(link.name, sysctls))
    sentences = [*missing_devices(current, desired)]
    present = {"", ALL, *_present(current, desired)}
    for resource in sorted(current.resources - _ours(current, owned), key=str):
        sentences += _conflicts(resource, desired)
    for setting in desired.settings:
        if device_of(setting.key) not in present:
            continue
        if setting.key not in sysctls:
            sentences.append(f"this host has no sysctl {setting.key.replace('/', '.')}")
            continue
        other = conflict(setting, sysctls)
        if other:
            accepted = " or ".join(setting.accepted)
            sentences.append(
                f"{other.replace('/', '.')} is {sysctls[other]}, which overrules "
                f"{setting.key.replace('/', '.')} (the larger counts): set it to {accepted}"
            )
    return sentences


def after(current: Current, operations: Iterable[Operation]) -> Current:
    """Return the state after the operations, which check mode predicts."""
    resources, up, sysctls = set(current.resources), set(current.up), dict(current.sysctls)
    helpers = set(current.helpers)
    for operation in operations:
        if isinstance(operation, Add):
            resources = {
                resource
                for resource in resources
                if resource.identity != operation.resource.identity
            } | {operation.resource}
            if isinstance(operation.resource, DEVICES):
                sysctls.update(inherited(operation.resource.name, sysctls))
        elif isinstance(operation, Remove):
            resources.discard(operation.resource)
            if isinstance(operation.resource, DEVICES):
                gone = operation.resource.name
                up.discard(gone)
                resources = {resource for resource in resources if not _is_on(resource, (gone,))}
                sysctls = {key: each for key, each in sysctls.items() if device_of(key) != gone}
        elif isinstance(operation, LinkUp):
            up.add(operation.device)
        elif isinstance(operation, LoadHelper):
            helpers.add(operation.name)
        else:
            sysctls.update(side_effects(operation.key, operation.value, sysctls))
            sysctls[operation.key] = operation.value
    return Current(frozenset(resources), frozenset(up), sysctls, frozenset(helpers))


def difference(current: Current, operations: Iterable[Operation]) -> dict[str, dict[str, object]]:
    """Return before and after of everything that the operations change, sorted."""
    operations = tuple(operations)
    later = after(current, operations)
    return {"before": _touched(current, operations), "after": _touched(later, operations)}


def _ordered(resources: Iterable[Resource]) -> list[Resource]:
    """Sort by kind, in the order of KINDS, so that dependencies come first."""
    kinds = list(KINDS.values())
    return sorted(resources, key=lambda resource: (kinds.index(type(resource)), resource.identity))


def _ours(current: Current, owned: Owned) -> frozenset[Resource]:
    """Return owned resources, also changed tunnels, and all content of our tables."""
    tunnels = {resource.identity for resource in owned.resources if isinstance(resource, Tunnel)}
    ours = owned.resources | {
        resource for resource in current.resources if resource.identity in tunnels
    }
    if any(isinstance(resource, NftTable) for resource in owned.resources):
        return ours | {resource for resource in current.resources if isinstance(resource, IN_NFT)}
    return ours


def _is_on(resource: Resource, devices: Container[str]) -> bool:
    return isinstance(resource, (Address, Neighbour)) and resource.device in devices


def _beside(
    setting: SysctlRequirement, first: str, sysctls: Mapping[str, str], owned: Owned
) -> dict[str, OriginalValue]:
    """Return the side effects of a sysctl that its restoration would not undo."""
    afterwards = side_effects(setting.key, first, sysctls)
    return {
        key: OriginalValue(sysctls[key], value)
        for key, value in side_effects(setting.key, setting.value, sysctls).items()
        if key not in owned.settings and afterwards[key] != sysctls[key]
    }


def _restored(current: Current, desired: Desired, owned: Owned) -> dict[str, str]:
    """Return the writes that restore originals, the last written first."""
    kept = {setting.key for setting in desired.settings}
    values: dict[str, str] = {}
    for key, one in reversed(list(owned.settings.items())):
        now = current.sysctls.get(key)
        # Another value than ours is a later manual change; none: the device is gone.
        if key in kept or parent_sysctl(key) or one.written == one.original:
            continue
        if now == one.written:
            values[key] = one.original
            values.update(_restored_beside(key, one, current, owned))
        elif now == one.original:
            values.update(_left_beside(key, one, current, owned))
    return values


def _restored_beside(
    key: str, parent: OriginalValue, current: Current, owned: Owned
) -> dict[str, str]:
    """Return the writes that undo the side effects of restoring the parent sysctl."""
    values: dict[str, str] = {}
    made = side_effects(key, parent.written, current.sysctls)
    for other, restored in side_effects(key, parent.original, current.sysctls).items():
        now, known = current.sysctls[other], owned.settings.get(other)
        right = restored if now == made[other] else now  # else it is a later manual change
        if known and now == known.written:
            right = known.original
        if right != restored:
            values[other] = right
    return values


def _left_beside(key: str, parent: OriginalValue, current: Current, owned: Owned) -> dict[str, str]:
    """Return the writes that a run left out which died after it had restored the parent sysctl."""
    restored = side_effects(key, parent.original, current.sysctls)
    return {
        other: owned.settings[other].original
        for other, value in restored.items()
        if other in owned.settings
        and current.sysctls[other] == value != owned.settings[other].original
    }


def missing_devices(current: Current, desired: Desired) -> Iterator[str]:
    """Return a sentence for each interface that is needed and not there."""
    for name in sorted(_needed(desired) - _present(current, desired)):
        yield f"this host has no interface {name}"


def _needed(desired: Desired) -> set[str]:
    """Return the interfaces that something is on."""
    on = {one.device for one in desired.resources if isinstance(one, (Address, Neighbour))}
    of_settings = {device_of(setting.key) for setting in desired.settings} - {"", ALL}
    return on.union(desired.up, of_settings)


def _present(current: Current, desired: Desired) -> set[str]:
    resources = current.resources | desired.resources
    return {one.name for one in resources if isinstance(one, DEVICES)}


def _conflicts(resource: Resource, desired: Desired) -> Iterator[str]:
    """Return the conflicts with foreign resources."""
    if isinstance(resource, NftTable) and any(
        isinstance(one, NftTable) for one in desired.resources
    ):
        yield f"nft table inet {resource.table} is not ours: delete it, or give it another name"
    for mine in sorted(desired.resources, key=str):
        if mine == resource:
            continue
        if isinstance(mine, (*DEVICES, GuePort)) and mine.identity == resource.identity:
            yield f"{resource} is in the way of {mine}"
        if (
            isinstance(mine, Tunnel)
            and isinstance(resource, Tunnel)
            and (mine.kind, mine.local) == (resource.kind, resource.local)
            and mine.name != resource.name
        ):
            reason = "the kernel takes only one of them"
            yield f"{resource} is not ours and in the way of {mine}: {reason}"
        if isinstance(mine, Route) and mine.identity == resource.identity:
            yield f"{resource} is not ours and in the way of the {mine}: choose another table"
        if isinstance(mine, Neighbour) and mine.identity == resource.identity:
            yield f"{resource} is not ours and in the way of {mine}: remove it"
        if (
            desired.arp_suppressed
            and isinstance(mine, Address)
            and isinstance(resource, Address)
            and mine.address == resource.address
        ):
            yield f"{resource} is not ours and lets others see it: remove it ({mine} is desired)"


def _touched(state: Current, operations: Iterable[Operation]) -> dict[str, object]:
    shown: dict[str, list[str]] = {}
    sysctls: dict[str, str] = {}
    for operation in operations:
        if isinstance(operation, Write):
            if operation.key in state.sysctls:
                sysctls[operation.key.replace("/", ".")] = state.sysctls[operation.key]
        elif isinstance(operation, LinkUp):
            lines = shown.setdefault("up", [])
            lines += [operation.device] if operation.device in state.up else []
        elif isinstance(operation, LoadHelper):
            lines = shown.setdefault("helpers", [])
            lines += [operation.name] if operation.name in state.helpers else []
        else:
            name = next(
                name for name, kind in KINDS.items() if isinstance(operation.resource, kind)
            )
            lines = shown.setdefault(name, [])
            lines += [
                str(each)
                for each in state.resources
                if each.identity == operation.resource.identity
            ]
    result: dict[str, object] = {name: sorted(set(lines)) for name, lines in shown.items()}
    if sysctls:
        result["sysctls"] = dict(sorted(sysctls.items()))
    return result
