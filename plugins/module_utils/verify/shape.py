# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Shapes of data that comes from hosts.

A shape is a type; a list of one shape; a dict of the keys that are needed, with their shapes; a
tuple of shapes, of which one is enough; or a function that tells.
"""

from __future__ import annotations

from typing import Mapping

from ..json_types import is_a
from ..net.addresses import written_address

_INTEGER_BITS = 64  # those of counters; text of a far larger number is refused by Python itself


def fits(value: object, shape: object) -> bool:
    """Whether a value has a shape."""
    if isinstance(shape, dict):
        return isinstance(value, Mapping) and all(
            name in value and fits(value[name], one) for name, one in shape.items()
        )
    if isinstance(shape, list):
        return isinstance(value, (list, tuple)) and all(fits(one, shape[0]) for one in value)
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if isinstance(shape, type):
        return _is_a(value, shape)
    return callable(shape) and bool(shape(value))


def _is_a(value: object, kind: type) -> bool:
    if isinstance(value, int) and kind in (int, float):
        return is_a(value, int) and value.bit_length() <= _INTEGER_BITS
    return is_a(value, kind)


def is_address(value: object) -> bool:
    """Whether a value is an address of either family."""
    return isinstance(value, str) and written_address(value) is not None


def is_empty(value: object) -> bool:
    """Whether a value is text or a collection without content."""
    return value in ("", {}, [])
