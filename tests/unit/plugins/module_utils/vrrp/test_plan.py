# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepalived is made to do, in which order."""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.vrrp.plan import (
    Current,
    Owned,
    Texts,
    after,
    difference,
    keepalived,
    texts_of,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.vrrp.pairs import (
    ALONE,
    PAIR,
    PLACES,
)

TEXTS, OLD = texts_of(PAIR, PLACES), texts_of(ALONE, PLACES)
RUNNING = Current(TEXTS, is_enabled=True, is_running=True, is_ready=True)
COMING = [
    "write keepalived.service.d/lvs-topology.conf",
    "write keepalived.conf",
    "enable keepalived.service",
    "let this director be master",
    "start keepalived.service",
]


def sentences(current: Current, texts: Texts, *, enabled: bool = False) -> list[str]:
    return [*map(str, keepalived(current, texts, Owned(enabled), persist=True))]


def test_it_comes() -> None:
    assert sentences(Current(), TEXTS) == COMING
    assert [*map(str, keepalived(Current(), TEXTS, Owned(), persist=False))] == [
        one for one in COMING if not one.startswith("enable")
    ]


def test_it_is_reloaded_and_never_restarted() -> None:
    assert sentences(RUNNING._replace(texts=OLD), TEXTS) == [
        "write keepalived.conf",
        "reload keepalived.service",
    ]
    stale = RUNNING._replace(texts=TEXTS._replace(drop_in="x"))
    assert sentences(stale, TEXTS) == ["write keepalived.service.d/lvs-topology.conf"]


def test_it_goes() -> None:
    gone = ["remove keepalived.conf", "remove keepalived.service.d/lvs-topology.conf"]
    assert sentences(RUNNING, Texts()) == ["stop keepalived.service", *gone]
    assert sentences(RUNNING, Texts(), enabled=True) == [
        "stop keepalived.service",
        "disable keepalived.service",
        *gone,
    ]
    # Not ours: its configuration does not count.
    assert sentences(Current(is_enabled=True, is_running=True), Texts(), enabled=True) == []


@pytest.mark.parametrize("texts", [Texts(), OLD, TEXTS])
def test_the_plan_leads_there(texts: Texts) -> None:
    flags = itertools.product([False, True], repeat=2)
    for there, one in itertools.product([Texts(), OLD, TEXTS], flags):
        enabled, running = one
        current = Current(there, is_enabled=enabled, is_running=running)
        operations = [*keepalived(current, texts, Owned(enabled=True), persist=True)]
        reached = after(current, operations)
        assert [*keepalived(reached, texts, Owned(enabled=True), persist=True)] == []
        assert (difference(current, operations)["before"] == {}) is (operations == [])
