# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a pair's addresses come and go."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.converge.director_plan import Goal, way
from ansible_collections.lvs.topology.plugins.module_utils.converge.pair_plan import (
    Kept,
    PairGoal,
    PairStep,
    floating,
    stages,
    without_floating,
)
from ansible_collections.lvs.topology.plugins.module_utils.converge.steps import Step
from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    Address,
    Current as Host,
    Desired,
    Owned as HostOwned,
    Past,
)
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.plan import (
    Current,
    Owned,
    texts_of,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.vrrp.pairs import (
    ALONE,
    OTHER,
    PAIR,
    PLACES,
    SYNC,
    VIP,
)

OWNED = Owned(enabled=True, roles=("backup", "master"))
RUNNING = Current(
    texts_of(PAIR, PLACES), is_enabled=True, is_running=True, is_ready=True, daemons=SYNC
)
LEAVES = PairGoal(None, drains=False, persist=True)


def said(steps: tuple[PairStep, ...]) -> list[str]:
    return [str(operation) for step in steps for operation in step.operations]


def test_it_comes_once_the_table_is_filled() -> None:
    found = stages(Current(), Kept(), PairGoal(PAIR, drains=False, persist=True), PLACES)
    assert found.first == ()
    assert said(found.middle)[-1] == "start keepalived.service"
    assert [one.partition(" daemon")[0] for one in said(found.last)] == [
        "start master sync",
        "start backup sync",
    ]
    assert found.last[0].after == Kept(PAIR, OWNED)
    # It is recorded before it is done: a run that dies half way can be undone.
    assert found.middle[0].during.owned.enabled
    assert found.last[0].during.owned.roles == OWNED.roles


def test_an_address_that_leaves_goes_last() -> None:
    smaller = PAIR._replace(addresses=(VIP,))
    found = stages(RUNNING, Kept(PAIR, OWNED), PairGoal(smaller, drains=True, persist=True), PLACES)
    assert said(found.middle) == []
    assert said(found.last) == ["write keepalived.conf", "reload keepalived.service"]
    kept = found.middle[0].during.pair
    assert OTHER.address in floating(kept)
    assert OTHER.address not in floating(found.last[0].after.pair)


def test_who_leaves_a_pair_gives_its_addresses_away_first() -> None:
    found = stages(RUNNING, Kept(PAIR, OWNED), LEAVES, PLACES)
    assert said(found.first)[0] == "stop keepalived.service"
    assert said(found.first)[-1].startswith("stop backup sync daemon")
    assert (found.middle, found.last) == ((), ())
    # Until it is done it is all there, for the next run.
    assert (found.first[0].during, found.first[0].after) == (Kept(PAIR, OWNED), Kept())


def test_connections_end_first_where_nobody_goes_on() -> None:
    found = stages(RUNNING, Kept(ALONE, OWNED), LEAVES._replace(drains=True), PLACES)
    assert (found.first, found.middle) == ((), ())
    assert said(found.last)[0] == "stop keepalived.service"


def test_a_host_that_never_was_in_a_pair() -> None:
    assert stages(Current(), Kept(), LEAVES, PLACES) == ((), (), ())


def test_addresses_of_our_own_go_before_keepalived_is_told_of_them() -> None:
    """Keepalived starts without any, and the last step would take them from it."""
    vip, lip = Address(VIP.interface, VIP.address, 32), Address("eth1", "10.0.0.9", 32)
    there = frozenset((vip, lip))
    current = Host(there)
    past = Past(Desired(there), HostOwned(there))
    found = stages(Current(), Kept(), PairGoal(PAIR, drains=False, persist=True), PLACES)
    goal = Goal(
        Desired(), Desired(), {}, (), drains=True, ending=(), pending_elsewhere=False,
        pair=found, floating=floating(PAIR),
    )  # fmt: skip
    steps = [*way(current, past, {}, goal)]
    said_before = [
        str(operation)
        for step in steps[: steps.index(found.middle[0])]
        if isinstance(step, Step)
        for operation in step.operations
    ]
    assert f"remove address {VIP.address}/32 on eth0" in said_before


def test_what_keepalived_has_had_is_gone_once_it_has_ended() -> None:
    vip, own = Address(VIP.interface, VIP.address, 32), Address("eth0", "10.0.0.5", 24)
    assert without_floating(Host(frozenset((vip, own))), Kept(PAIR, OWNED)).resources == {own}
