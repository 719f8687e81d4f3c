# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads parts of one declared service, and collects what is wrong with their shape."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence

from ...fields import Problem
from ...health.schema import CHECK_FIELDS, POLICY_FIELDS
from ...ipvs.schema import DESTINATION_FIELDS, SERVICE_FIELDS, SERVICE_KEY_FIELDS
from ..violation import Violation, did_you_mean
from .key import Key
from .model import Shape
from .schema import HEALTH_KEYS

KEY, VALUE, MODE, HOST, GROUP = (
    "declaration.key",
    "declaration.value",
    "declaration.mode",
    "declaration.host",
    "declaration.group",
)
RULES = {
    KEY: "a service has the keys that its mode needs, and none that it does not know",
    VALUE: "every key has a value that it can have",
    MODE: "the mode of a service is known, and that of a real server goes with it",
    HOST: "a real server that is named by its host is in the group lvs_real_servers",
    GROUP: "a group of real servers is in the inventory",
}

AN_ADDRESS = "an IPv4 or IPv6 address that other hosts can reach, without prefix length or zone"
# Stands for an address that is missing or not known yet, while the rest of an entry is checked.
ANY_ADDRESS = "192.0.2.1"

# What people look for, and why it is not there.
_ABSENT = {"preferred": ": of two directors, one has the VIPs of all services"}

_CHOICES = {
    name: field.choices
    for table in (
        SERVICE_KEY_FIELDS,
        SERVICE_FIELDS,
        DESTINATION_FIELDS,
        CHECK_FIELDS,
        POLICY_FIELDS,
    )
    for name, field in table.items()
}


class Problems:
    """What is wrong with one service."""

    def __init__(self, service: str, shapes: Mapping[str, Shape]) -> None:
        self.violations: list[Violation] = []
        self.service = service
        self._shapes = shapes

    def add(self, check: str, got: str, expected: str, host: str = "") -> None:
        """Note one thing."""
        self.violations.append(Violation(check, self.service, host, got, expected))

    def add_problems(self, problems: Iterable[Problem], host: str = "") -> None:
        """Note what the IPVS table's own schema has found."""
        for problem in problems:
            place = problem.where.lstrip(".")
            choices = _CHOICES.get(place.rpartition(".")[2], ())
            expected = problem.expected + did_you_mean(problem.got, choices)
            self.add(VALUE, f"{place}: {problem.got!r}", expected, host)

    def check_keys(
        self, data: Mapping[str, Any], known: Iterable[str], where: str = "", host: str = ""
    ) -> None:
        """Note the keys that are unknown here."""
        for key in data:
            if key not in known:
                modes = [
                    mode
                    for mode, shape in self._shapes.items()
                    if key in shape.service_keys or key in shape.server_keys
                ]
                reason = f": only {' and '.join(modes)} has it" if modes else _ABSENT.get(key, "")
                if key in HEALTH_KEYS and not where:
                    reason = ": health has it"
                expected = f"no such key{reason or did_you_mean(key, known)}"
                self.add(KEY, _join(where, str(key)), expected, host)

    def read(
        self,
        data: Mapping[str, Any],
        keys: Mapping[str, Key],
        where: str = "",
        host: str = "",
    ) -> dict[str, Any]:
        """Return the values of keys, and note those that do not fit."""
        values = {}
        for name, key in keys.items():
            value = data.get(name)
            values[name] = key.default if value is None else value
            expected = _unfit(key, values[name])
            if expected:
                self.add(VALUE, f"{_join(where, name)}: {value!r}", expected, host)
        return values

    def items(self, data: Mapping[str, Any], name: str, of: str) -> Sequence[Any]:
        """A list; one that is missing has been noted as such."""
        value = data.get(name)
        if value is None:
            return ()
        if not isinstance(value, (list, tuple)):
            self.add(VALUE, f"{name}: {value!r}", f"a list of {of}")
            return ()
        return value


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _unfit(key: Key, value: object) -> str:
    """Return what a key wants instead of this value; "" when it fits."""
    if key.kind == "bool":
        return "" if isinstance(value, bool) else "true or false"
    if key.kind == "int":
        number = value if isinstance(value, int) and not isinstance(value, bool) else key.low - 1
        fits = key.low <= number <= key.high
        return "" if fits else f"a number from {key.low} to {key.high}"
    if not key.choices:
        return "" if isinstance(value, str) else "text"
    expected = f"one of {', '.join(key.choices)}"
    return "" if value in key.choices else expected + did_you_mean(value, key.choices)
