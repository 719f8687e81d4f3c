# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may be master, by hand."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.errors import UserError
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.model import Pair
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.render import (
    DRAINED,
    NOT_READY,
    READY,
)
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.role import (
    IS_MASTER,
    MAY_BE_MASTER,
    NEXT,
    STANDBY,
    ChangeRole,
    decide,
    is_reached,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.vrrp.pairs import ALONE, PAIR


@pytest.mark.parametrize(
    ("content", "state", "change"),
    [
        (READY, STANDBY, [ChangeRole(DRAINED)]),
        (DRAINED, STANDBY, []),
        (DRAINED, MAY_BE_MASTER, [ChangeRole(READY)]),
        (READY, MAY_BE_MASTER, []),
        (READY, NEXT, []),
        (READY, IS_MASTER, []),
    ],
)
def test_changes(content: str, state: str, change: list[ChangeRole]) -> None:
    assert decide(PAIR, content, state, is_running=True) == change


@pytest.mark.parametrize(
    ("pair", "content", "state", "reason"),
    [
        (None, READY, STANDBY, "this host is no director of a pair"),
        (ALONE, READY, STANDBY, "there is no other director"),
        (PAIR, NOT_READY, MAY_BE_MASTER, "its table was not filled"),
        (PAIR, "", STANDBY, "its table was not filled"),
        (PAIR, NOT_READY, NEXT, "its table was not filled"),
        (PAIR, DRAINED, NEXT, "is drained itself"),
    ],
)
def test_refused(pair: Pair | None, content: str, state: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        decide(pair, content, state, is_running=True)


def test_without_keepalived_nobody_is_master() -> None:
    with pytest.raises(UserError, match="keepalived does not run here"):
        decide(PAIR, READY, MAY_BE_MASTER, is_running=False)
    assert decide(PAIR, READY, STANDBY, is_running=False) == [ChangeRole(DRAINED)]


def test_what_is_waited_for() -> None:
    vips = {"192.0.2.10", "192.0.2.11"}
    assert is_reached(STANDBY, vips, ["10.0.0.5"])
    assert not is_reached(STANDBY, vips, ["10.0.0.5", "192.0.2.11"])
    assert is_reached(IS_MASTER, vips, ["10.0.0.5", *vips])
    assert not is_reached(IS_MASTER, vips, ["192.0.2.10"])
    assert is_reached(MAY_BE_MASTER, vips, [])
    assert is_reached(NEXT, vips, [])
