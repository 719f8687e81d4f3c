# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.net.ports import (
    EVERY,
    PortRange,
    overlaps,
    parse_ports,
    without,
)

NUMBERS = st.integers(1, 60)
RANGES = st.builds(lambda one, other: PortRange(*sorted((one, other))), NUMBERS, NUMBERS)


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [(80, 80, 80), ("80", 80, 80), ("1-65535", 1, 65535), ("10000-20000", 10000, 20000)],
)
def test_ports_are_read_and_written(value: object, first: int, last: int) -> None:
    parsed = parse_ports(value)
    assert parsed == PortRange(first, last)
    assert str(parsed) == str(value)


@pytest.mark.parametrize(
    "value",
    [0, -1, 65536, True, None, 80.0, "", "80-", "-80", "80-80", "90-80", "0-80", "1-65536",
     "80 -90", "80-90-95", "٨٠", "80\n", "9" * 5000, [80, 90], {"range": [80, 90]}],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_anything_else_is_refused(value: object) -> None:
    assert parse_ports(value) is None


def test_every_port_is_said_by_0_alone() -> None:
    assert parse_ports(0, 0) == parse_ports("0", 0) == EVERY
    assert parse_ports("0-80", 0) is None


@given(st.lists(st.tuples(st.sampled_from("ab"), RANGES), max_size=8))
def test_what_shares_a_port_is_found(ranges: list[tuple[str, PortRange]]) -> None:
    def shares(one: tuple[str, PortRange], other: tuple[str, PortRange]) -> bool:
        return one[0] == other[0] and bool(
            {*range(one[1][0], one[1][1] + 1)} & {*range(other[1][0], other[1][1] + 1)}
        )

    found = [*overlaps(ranges)]
    assert all(one < other and shares(ranges[one], ranges[other]) for one, other in found)
    numbers = {number for pair in found for number in pair}
    for number, one in enumerate(ranges):
        others = [*ranges[:number], *ranges[number + 1 :]]
        assert (number in numbers) == any(shares(one, other) for other in others)


@given(RANGES, st.lists(RANGES, max_size=6))
def test_what_others_have_is_taken_out(ports: PortRange, taken: list[PortRange]) -> None:
    def numbers(one: PortRange) -> set[int]:
        return {*range(one.first, one.last + 1)}

    left = [*without(ports, taken)]
    assert set().union(*map(numbers, left)) == numbers(ports).difference(*map(numbers, taken))
    # As few ranges as there can be.
    assert all(one.first <= one.last for one in left)
    assert all(one.last + 1 < other.first for one, other in pairwise(left))
