# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a record holds is read whole, or refused."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.state import content
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError
from ansible_collections.lvs.topology.plugins.module_utils.state.record import Values


class Kept(NamedTuple):
    """A record in memory."""

    desired: Values
    owned: Values
    place: str = "memory"

    def record(self, desired: Values, owned: Values) -> None:
        raise AssertionError((desired, owned))


def read(held: list[Any], written: list[Any]) -> list[Any]:
    """What code reads that would write the list so."""
    return content.read(
        Kept({"list": held}, {}),
        lambda desired, _owned: list(desired["list"]),
        lambda _read: ({"list": written}, {}),
    )


@pytest.mark.parametrize(
    ("held", "written"),
    [
        ([{"a": 2, "b": 1}, {"a": 1}], [{"a": 1}, {"b": 1, "a": 2}]),
        ([{"a": 2, "b": []}, {"a": 1}], [{"a": 1}, {"a": 2}]),
        ([[2, 1], 1, 1], [1, 1, [1, 2]]),
    ],
)
def test_a_list_in_another_order_has_lost_nothing(held: list[Any], written: list[Any]) -> None:
    assert read(held, written) == held


@pytest.mark.parametrize(
    ("held", "written", "place"),
    [
        ([{"a": 2}, {"a": 1, "new": 1}], [{"a": 1}, {"a": 2}], r"desired\.list\[1\]\.new"),
        ([{"a": 1}, {"a": 2}], [{"a": 2}], r"desired\.list"),
        ([1, 1, 2], [1, 2, 2], r"desired\.list\[1\]"),
    ],
)
def test_what_a_list_would_lose_is_told(held: list[Any], written: list[Any], place: str) -> None:
    with pytest.raises(PersistenceError, match=rf"does not know \({place}\)"):
        read(held, written)
