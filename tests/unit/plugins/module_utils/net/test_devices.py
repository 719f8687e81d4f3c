# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of devices."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.net.devices import is_device_name


@pytest.mark.parametrize(
    "name", ["lo", "eth0.100", "-x", "x" * 15, "$(id)", "{x}", "a;b", '"a"', "...", "dev", "a]b^"]
)
def test_names(name: str) -> None:
    assert is_device_name(name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "x" * 16, "a b", "a/b", "a:b", "eth0#x", "a\\", "a\n", "\xe9", "\ud800", "a\0",
     "all", "default", None, 7],
)  # fmt: skip
def test_what_is_no_name(name: object) -> None:
    assert not is_device_name(name)
