# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that lead probes: nobody's table has them."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import plan
from ansible_collections.lvs.topology.plugins.module_utils.net.probe_marks import MARK_BASE
from ansible_collections.lvs.topology.tests.kernel.tables import WEB, table


def probing(mark: int) -> Table:
    """Return a service that leads probes."""
    key = ServiceKey("ipv4", mark, "", "", 0)
    rip = DestinationKey("10.0.0.1", 0)
    return {key: Entry(Service(key, "rr", one_packet=True), {rip: Destination(rip)})}


def test_hidden_and_read_on_their_own(client: Client) -> None:
    declared, ours = table(WEB), probing(MARK_BASE + 7)
    client.apply(plan({}, {**declared, **ours}, ()))
    assert client.table() == declared
    assert client.services() == {*declared}
    assert {*client.activity()} == {*declared}
    assert client.probe_services() == ours
    client.apply(plan(client.probe_services(), {}, [*ours]))
    assert client.probe_services() == {}
