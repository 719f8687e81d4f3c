# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data in which single values are something else than they should be."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, TypeVar

from hypothesis import strategies as st

Data = TypeVar("Data")

ODD_VALUES: list[Any] = [
    None, True, -1, 0, 2**64, 10**5000, 1.5, float("inf"), float("nan"), "", "x", "::1", "10.0.0.1",
    "::ffff:10.0.0.1", "fe80::1%eth0", "10.0.0.0/24", "٣", "a\n- b", "\x1b[2J", "\ud800",
    "9" * 5000, [], ["x"], [None], [[]], {}, {"x": "y"}, {None: None},
]  # fmt: skip


def places(data: object) -> Iterator[tuple[Any, Any]]:
    """Every container in the data, with every key or index of it."""
    items: Any = ()
    if isinstance(data, dict):
        items = data.items()
    elif isinstance(data, list):
        items = enumerate(data)
    for key, value in items:
        yield data, key
        yield from places(value)


@st.composite
def changed(draw: st.DrawFn, data: Data) -> Data:
    """The data with up to three values changed, taken away, or moved from another place."""
    result: Data = copy.deepcopy(data)
    for _change in range(draw(st.integers(1, 3))):
        known = list(places(result))
        if not known:
            break
        container, key = draw(st.sampled_from(known))
        kind = draw(st.sampled_from(["odd", "gone", "moved", "added"]))
        if kind == "gone":
            del container[key]
            continue
        if kind == "moved":
            other, there = draw(st.sampled_from(known))
            value = other[there] if _has(other, there) else None
        else:
            value = draw(st.sampled_from(ODD_VALUES))
        if kind == "added" and isinstance(container, dict):
            key = draw(st.sampled_from([None, 7, True, "x", "a\n- b"]))
        container[key] = copy.deepcopy(value)
    return result


def _has(container: dict[Any, Any] | list[Any], key: object) -> bool:
    return key in (container if isinstance(container, dict) else range(len(container)))
