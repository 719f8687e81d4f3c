# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads how real servers are tried: ``health`` of a service, and ``topology_health`` of all.

A service's own keys go before those of all, one by one. Of these, options of a kind of check are
for services with this kind; the others leave them aside.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping, NamedTuple, Sequence

from ...fields import Fields, Problem
from ...health.kinds.kind import PROTOCOLS
from ...health.kinds.table import DEFAULT, KINDS
from ...health.model import RIP, VIP, WITHDRAW, Check, Policy
from ...health.schema import KIND_FIELDS, parse_check
from ...net.addresses import parse_address
from ...net.ports import PortRange
from ..violation import did_you_mean
from .model import Health, Shape
from .problems import KEY, VALUE, Problems
from .schema import HEALTH_KEYS

OWN, OF_ALL = "health", "topology_health"
_FALLBACK = "fallback"
# A fallback has one weight, and is one real server.
_NOT_OF_FALLBACK = ("group", "weight")
_EXPECTED = "true, false, or a dict of keys: check, interval and others"


class Defaults(NamedTuple):
    """What ``topology_health`` says."""

    is_on: bool | None = None  # None = nothing
    keys: Mapping[str, Any] = {}
    is_sound: bool = True


class Fallback(NamedTuple):
    """The entry of a fallback, as one of ``real_servers``."""

    where: str
    entry: object


def parse_defaults(given: object) -> tuple[Defaults, list[tuple[str, str]]]:
    """Return what holds for all services; and what is wrong with it, and would be right."""
    if given is None or isinstance(given, bool):
        return Defaults(given), []
    if not isinstance(given, Mapping):
        return Defaults(is_sound=False), [(f"{OF_ALL}: {given!r}", _EXPECTED)]
    wrong = [
        (f"{OF_ALL}.{name}", f"no such key{did_you_mean(name, HEALTH_KEYS)}")
        for name in given
        if name not in HEALTH_KEYS
    ]
    keys = {name: value for name, value in given.items() if name in HEALTH_KEYS}
    others = Fields(keys, OF_ALL)
    others.read({name: KIND_FIELDS[name] for name in KIND_FIELDS if name not in _fitting(keys, {})})
    _check, _policy, problems = _parse(_fitting(keys, {}), OF_ALL)
    problems += others.problems
    wrong += [(f"{one.where}: {one.got!r}", one.expected) for one in problems]
    return Defaults(is_on=True, keys=keys, is_sound=not wrong), wrong


def is_on(own: object, defaults: Defaults) -> bool:
    """Whether the real servers of a service are tried."""
    return bool(defaults.is_on) if own is None else own is not False


def fallback_of(own: object, defaults: Defaults) -> Fallback | None:
    """Return the fallback of a service, if it has one."""
    keys = own if isinstance(own, Mapping) else {}
    given = {**defaults.keys, **keys}.get(_FALLBACK)
    if given is None or not is_on(own, defaults):
        return None
    where = f"{OWN if _FALLBACK in keys else OF_ALL}.{_FALLBACK}"
    if not isinstance(given, str):
        return Fallback(where, given)
    return Fallback(where, {"address" if parse_address(given) else "host": given})


def check_fallback(fallback: Fallback, noted: Problems) -> None:
    """Note what no fallback has; the rest is that of a real server."""
    if isinstance(fallback.entry, Mapping):
        for name in _NOT_OF_FALLBACK:
            if name in fallback.entry:
                expected = "no such key: a fallback is one real server, and its weight is 1"
                noted.add(KEY, f"{fallback.where}.{name}", expected)


class HealthParser:
    """Reads ``health`` of one service."""

    def __init__(self, shape: Shape, mode: str, defaults: Defaults, noted: Problems) -> None:
        self._shape = shape
        self._mode = mode
        self._defaults = defaults
        self._noted = noted

    def parse(
        self, own: object, ports: Sequence[PortRange], protocols: Sequence[str]
    ) -> Health | None:
        """Return how its real servers are tried; None if they are not."""
        if not is_on(own, self._defaults):
            return None
        if own is not None and not isinstance(own, (bool, Mapping)):
            self._noted.add(VALUE, f"{OWN}: {own!r}", _EXPECTED)
            return None
        keys = own if isinstance(own, Mapping) else {}
        self._noted.check_keys(keys, HEALTH_KEYS, OWN)
        merged = {**_fitting(self._defaults.keys, keys), **keys}
        if merged.get("through") is None:
            merged["through"] = VIP if self._shape.real_server_has_vip else RIP
        check, policy, problems = _parse(merged, OWN)
        # What is wrong with the defaults has been said once.
        self._noted.add_problems(
            one
            for one in problems
            if self._defaults.is_sound or one.where.rpartition(".")[2] in keys
        )
        if problems:
            return None
        for got, expected in self._unfit(check, ports, protocols):
            self._noted.add(VALUE, got, expected)
        return Health(check, policy)

    def _unfit(
        self, check: Check, ports: Sequence[PortRange], protocols: Sequence[str]
    ) -> Iterator[tuple[str, str]]:
        """Yield what this service's mode, ports and protocols do not allow."""
        if check.through == VIP and not self._shape.real_server_has_vip:
            expected = f"{RIP}: in mode {self._mode} real servers do not have the VIP"
            yield f"{OWN}.through: {VIP!r}", expected
        protocol = PROTOCOLS.get(KINDS[check.kind].transport, "")
        if check.port or not protocol or not ports:
            return
        if not ports[0].first:
            expected = f"{OWN}.port, the one that is asked: the service is for every port"
            yield f"no {OWN}.port", expected
        elif protocol not in protocols:
            served = " and ".join(protocols)
            fitting = [
                kind.name
                for kind in KINDS.values()
                if PROTOCOLS.get(kind.transport, served) in (*protocols, served)
            ]
            others = f"{OWN}.check: one of {', '.join(fitting)}; or " if fitting else ""
            yield (
                f"{OWN}.check: {check.kind!r}, which asks by {protocol}, for a service of {served}",
                f"{others}{OWN}.port: the {protocol} port that is asked",
            )


def _fitting(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults without options of other kinds than the one that is meant."""
    name = own.get("check") or defaults.get("check") or DEFAULT.name
    kind = KINDS.get(name, DEFAULT) if isinstance(name, str) else DEFAULT
    return {
        key: value
        for key, value in defaults.items()
        if key not in KIND_FIELDS or key in kind.fields
    }


def _parse(keys: Mapping[str, Any], where: str) -> tuple[Check, Policy, list[Problem]]:
    """Read the keys of a check and its policy: ``port`` is called otherwise there."""
    item = {name: value for name, value in keys.items() if name in HEALTH_KEYS}
    item["check_port"] = item.pop("port", None)
    check, policy, problems = parse_check(item, where)
    if item["check_port"] == 0 and not isinstance(item["check_port"], bool):
        low, high = HEALTH_KEYS["port"].low, HEALTH_KEYS["port"].high
        problems.append(Problem(f"{where}.port", 0, f"a number from {low} to {high}"))
    if policy.on_floor == WITHDRAW and not policy.floor and not problems:
        expected = "a floor above 0 beside it: without one there is no floor to reach"
        problems.append(Problem(f"{where}.on_floor", policy.on_floor, expected))
    named = (one._replace(where=one.where.replace(".check_port", ".port")) for one in problems)
    return check, policy, [*named]
