# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sync daemons: which stop and start, and what the kernel is told and tells."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.ipvs import sync_daemon
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.sync_daemon import (
    BACKUP,
    MASTER,
    ROLES,
    StartSync,
    StopSync,
    SyncDaemon,
    daemon,
    plan,
    request,
)
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.plan import (
    Current,
    after,
)

ONE = SyncDaemon(MASTER, "eth1", 51)
SIX = SyncDaemon(BACKUP, "eth1", 52, "ff02::81", 8900)

daemons = st.builds(
    SyncDaemon,
    st.sampled_from(ROLES),
    st.sampled_from(["eth0", "eth1"]),
    st.integers(0, 255),
    st.sampled_from(["224.0.0.81", "ff02::81"]),
    st.sampled_from([8848, 9000]),
)
sets = st.lists(daemons, unique_by=lambda one: one.role)


# As Linux 6.1 took them: GENERIC_HEADER, then IPVS_CMD_ATTR_DAEMON with its attributes.
def test_requests() -> None:
    assert request(StartSync(ONE)).hex() == (
        "09010000"
        "30000380"
        "0800010001000000"
        "090002006574683100000000"
        "0800030033000000"
        "08000500e0000051"
        "0600070090220000"
    )  # fmt: skip
    assert request(StopSync(ONE)).hex() == "0a0100000c0003800800010001000000"


@pytest.mark.parametrize("one", [ONE, SIX])
def test_what_the_kernel_fills_in_is_read_back(one: SyncDaemon) -> None:
    # ip_vs_genl_fill_daemon() has the attributes of a request, and others.
    data = request(StartSync(one))
    assert daemon(data, 0, len(data)) == one


@pytest.mark.fuzz
@given(st.binary(max_size=60))
def test_an_odd_reply_is_an_error_for_people(data: bytes) -> None:
    with pytest.raises(IpvsError, match="cannot read what the kernel tells of IPVS"):
        daemon(data, 0, len(data))


@given(sets, sets, st.sets(st.sampled_from(ROLES)))
def test_the_plan_leads_there(
    current: list[SyncDaemon], desired: list[SyncDaemon], owned: set[str]
) -> None:
    operations = plan(current, desired, owned)
    there = {*after(Current(daemons=tuple(current)), operations).daemons}
    strange = {one for one in current if one.role not in owned}
    roles = {one.role for one in desired}
    assert there == {*desired, *(one for one in strange if one.role not in roles)}
    assert plan([*there], desired, owned) == []


def test_one_that_runs_cannot_be_edited() -> None:
    other = ONE._replace(sync_id=7)
    assert plan([ONE], [other], ROLES) == [StopSync(ONE), StartSync(other)]
    assert [*map(str, plan([ONE], [], [MASTER]))] == ["stop master sync daemon 51 on eth1"]


@pytest.mark.parametrize(
    ("address", "is_one"), [("224.0.0.81", True), ("ff02::81", True), ("10.0.0.1", False)]
)
def test_groups(address: str, *, is_one: bool) -> None:
    assert sync_daemon.is_group(address) is is_one
