# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.json_types import is_a

OWN: tuple[tuple[object, type], ...] = (
    (True, bool),
    (1, int),
    (1.0, float),
    ("1", str),
    (None, type(None)),
    ([], list),
    ({}, dict),
)


@pytest.mark.parametrize(("value", "own"), OWN)
def test_each_value_has_one_type(value: object, own: type) -> None:
    kinds: list[type] = [bool, int, float, str, type(None), list, dict]
    assert {kind: is_a(value, kind) for kind in kinds} == {kind: kind is own for kind in kinds}
