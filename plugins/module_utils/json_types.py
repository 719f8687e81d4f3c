# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Types of the values of JSON and YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from typing import TypeGuard  # novm  (no node gets here)

Kind = TypeVar("Kind")


def is_a(value: object, kind: type[Kind]) -> TypeGuard[Kind]:
    """Whether a value has a type. In Python a bool is an int; here it is not."""
    return isinstance(value, kind) and isinstance(value, bool) is (kind is bool)
