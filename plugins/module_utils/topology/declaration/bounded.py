# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Plain data without numbers that Python cannot write out."""

from __future__ import annotations

from typing import Any, Mapping

# More than any key takes. Python refuses to write a number of more than 4300 digits.
_LARGEST = 10**30


def bounded(value: Any) -> Any:  # noqa: ANN401, plain data of any shape
    """Return data in which each number is small enough for a message that refuses it."""
    if isinstance(value, int):
        return value if -_LARGEST < value < _LARGEST else _LARGEST
    if isinstance(value, Mapping):
        return {bounded(key): bounded(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [bounded(one) for one in value]
    return value
