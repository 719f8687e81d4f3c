# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of tunnel has to say of itself."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.tunnels.kind import (
    CHECKSUMS,
    NO_CHECKSUM,
    TunnelKind,
)
from ansible_collections.lvs.topology.plugins.module_utils.tunnels.table import DEVICES, KINDS

FAMILIES = {"ipv4", "ipv6"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_both_families_travel_in_both(kind: TunnelKind) -> None:
    assert {*kind.inside} == FAMILIES
    assert all({*inside.devices} == FAMILIES for inside in kind.inside.values())


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_checksums_are_the_kernels_and_may_be_left_out(kind: TunnelKind) -> None:
    assert kind.checksums[NO_CHECKSUM] == 0
    assert {*kind.checksums} <= {*CHECKSUMS}


def test_the_kernel_numbers_them_from_zero() -> None:
    assert sorted(kind.number for kind in KINDS.values()) == [*range(len(KINDS))]


def test_a_kind_of_device_is_made_in_one_way() -> None:
    made = {
        device
        for kind in KINDS.values()
        for inside in kind.inside.values()
        for device in inside.devices.values()
    }
    assert made == {*DEVICES.values()}


@pytest.mark.parametrize(
    ("kind", "header", "length"),
    [
        ("ipip", b"\x45", 0),
        ("gre", b"\x00\x00\x08\x00", 4),
        ("gre", b"\xb0\x00\x08\x00", 16),
        ("gue", bytes(8) + b"\x00\x04\x00\x00", 12),
        ("gue", bytes(8) + b"\x02\x04\x00\x00", 20),
    ],
)
def test_length_of_a_captured_header(kind: str, header: bytes, length: int) -> None:
    assert KINDS[kind].header.length(header) == length
