# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Shapes of data that comes from hosts.

A shape is a type; a list of one shape; or a dict of the keys that are needed, with their shapes.
"""

from __future__ import annotations

from typing import Mapping

from ..json_types import is_a


def fits(value: object, shape: object) -> bool:
    """Whether a value has a shape."""
    if isinstance(shape, dict):
        if not isinstance(value, Mapping):
            return False
        return all(name in value and fits(value[name], one) for name, one in shape.items())
    if isinstance(shape, list):
        if not isinstance(value, (list, tuple)):
            return False
        return all(fits(one, shape[0]) for one in value)
    if shape is float and is_a(value, int):
        return True
    return isinstance(shape, type) and is_a(value, shape)
