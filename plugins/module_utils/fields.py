# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Options of modules and of what modules keep: types, permitted values, and what is wrong."""

from __future__ import annotations

import re
from typing import Any, Callable, Mapping, NamedTuple

from .json_types import is_a

# Neither digits of other scripts, which int() takes, nor so many that it refuses them.
_NUMBER = re.compile("-?[0-9]{1,10}")
_DECIMAL = re.compile(r"[0-9]{1,10}(\.[0-9]{1,9})?")


class Field(NamedTuple):
    """One option: its Ansible type, default, and permitted values."""

    kind: str  # str, int, float, bool, or list (of str)
    default: Any = None
    choices: tuple[str, ...] = ()  # of a list: () = any text
    low: float = 0
    high: float = 0

    def spec(self) -> dict[str, Any]:
        """Return the option's part of an Ansible argument spec."""
        spec: dict[str, Any] = {"type": self.kind}
        if self.kind == "list":
            spec["elements"] = "str"
        if self.default is not None:
            spec["default"] = list(self.default) if self.kind == "list" else self.default
        if self.choices:
            spec["choices"] = list(self.choices)
        return spec


class Problem(NamedTuple):
    """A problem of the input: its place, the value, and the value that was expected."""

    where: str
    got: Any
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: got {self.got!r}, expected {self.expected}"


def argument_spec(*tables: Mapping[str, Field]) -> dict[str, dict[str, Any]]:
    """Return the Ansible argument spec of one or more tables of fields."""
    return {name: field.spec() for table in tables for name, field in table.items()}


class Fields:
    """Reads one item's fields, and collects the problems of each."""

    def __init__(self, item: Mapping[str, Any], where: str) -> None:
        self._item = item
        self._where = where
        self.problems: list[Problem] = []
        self.bad: set[str] = set()

    def problem(self, name: str, expected: str) -> Problem:
        """Return a problem of one field."""
        return Problem(f"{self._where}.{name}", self._item.get(name), expected)

    def read(self, table: Mapping[str, Field]) -> dict[str, Any]:
        """Return the fields of a table, with the default for missing and invalid ones."""
        values = {}
        for name, field in table.items():
            values[name] = field.default
            value = self._item.get(name)
            if value is None:
                continue
            expected = _unfit(field, value)
            if expected:
                self.bad.add(name)
                self.problems.append(self.problem(name, expected))
            else:
                values[name] = _converted(field, value)
        return values


def is_number(text: str, low: float, high: float) -> bool:
    """Tell whether a text is a number in a range, of at most ten digits."""
    return _NUMBER.fullmatch(text) is not None and low <= int(text) <= high


def _converted(field: Field, value: Any) -> Any:  # noqa: ANN401 - of any option
    if field.kind == "float":
        return float(value) if isinstance(value, str) else value
    return int(value) if field.kind == "int" else value


def _unfit(field: Field, value: object) -> str:
    """Return the values that a field permits, or "" if this one is right."""
    fits, expected = _KINDS[field.kind]
    return "" if fits(field, value) else expected(field)


def _fits_int(field: Field, value: object) -> bool:
    # Templated YAML has numbers as text.
    if is_a(value, int):
        return field.low <= value <= field.high
    return is_number(str(value), field.low, field.high)


def _fits_float(field: Field, value: object) -> bool:
    if isinstance(value, str):
        return _DECIMAL.fullmatch(value) is not None and field.low <= float(value) <= field.high
    return (is_a(value, int) or is_a(value, float)) and field.low <= value <= field.high


def _fits_list(field: Field, value: object) -> bool:
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        return False
    return not field.choices or {*value} <= {*field.choices}


def _fits_text(field: Field, value: object) -> bool:
    return isinstance(value, str) and (not field.choices or value in field.choices)


def _range(field: Field) -> str:
    return f"a number from {field.low} to {field.high}"


_KINDS: dict[str, tuple[Callable[[Field, object], bool], Callable[[Field], str]]] = {
    "int": (_fits_int, _range),
    "float": (_fits_float, _range),
    "bool": (lambda _field, value: isinstance(value, bool), lambda _field: "true or false"),
    "list": (
        _fits_list,
        lambda field: f"a list of {' and '.join(field.choices) if field.choices else 'texts'}",
    ),
    "str": (
        _fits_text,
        lambda field: f"one of {', '.join(field.choices)}" if field.choices else "text",
    ),
}
