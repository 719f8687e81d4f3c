# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What one key of the declaration may hold, and what it means.

Texts have Ansible's markup: ``V()`` for values, ``C()`` for keys and the rest, ``M()`` and ``P()``
for modules and roles, ``O()`` for options by their names in ``schema.OPTIONS``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Mapping, NamedTuple

from ...fields import Field


class Key(NamedTuple):
    """A key, by itself or of a dict."""

    text: str  # a paragraph each line
    kind: str = "str"  # the type, as Ansible names it
    default: Any = None
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 0  # 0 = no range
    elements: str = ""  # of a list
    required: bool = False
    keys: Mapping[str, Key] = MappingProxyType({})  # of a dict

    def spec(self) -> dict[str, Any]:
        """Return the key's part of an Ansible argument spec, a new copy each time."""
        spec: dict[str, Any] = {"type": self.kind}
        if self.elements:
            spec["elements"] = self.elements
        if self.required:
            spec["required"] = True
        if self.default is not None:
            spec["default"] = self.plain_default()
        if self.choices:
            spec["choices"] = list(self.choices)
        if self.keys and self.kind == "dict":
            spec["options"] = {name: key.spec() for name, key in self.keys.items()}
        return spec

    def plain_default(self) -> object:
        """Return the default as YAML has it."""
        if isinstance(self.default, Mapping):
            return dict(self.default)
        return list(self.default) if isinstance(self.default, tuple) else self.default


def from_field(field: Field, text: str) -> Key:
    """Return the key for a field that the IPVS table has as well."""
    return Key(
        text,
        field.kind,
        tuple(field.default) if field.kind == "list" else field.default,
        field.choices,
        field.low,
        field.high,
        elements="str" if field.kind == "list" else "",
    )


def from_spec(spec: Mapping[str, Any], text: str, low: int = 0, high: int = 0) -> Key:
    """Return the key for an option that a module has as well."""
    default = spec.get("default")
    return Key(
        text,
        spec["type"],
        tuple(default) if isinstance(default, list) else default,
        tuple(spec.get("choices", ())),
        low,
        high,
        elements=spec.get("elements", ""),
    )
