# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.json_types import is_a


@pytest.mark.parametrize("value", [True, 1, 1.0, "1", None, [], {}])
def test_each_value_has_one_type(value: object) -> None:
    kinds: list[type] = [bool, int, float, str, type(None), list, dict]
    assert {kind: is_a(value, kind) for kind in kinds} == {
        kind: kind is type(value) for kind in kinds
    }
