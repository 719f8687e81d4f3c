# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ipvsadm saves of the kernel's table is imported as that table."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from ansible_collections.lvs.topology.plugins.module_utils.importing.rules import read_rules
from ansible_collections.lvs.topology.plugins.module_utils.importing.settle import settle, table_in
from ansible_collections.lvs.topology.plugins.module_utils.importing.source import (
    Line,
    Place,
    Remarks,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import Entry, Table
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import plan, stale
from ansible_collections.lvs.topology.tests.kernel.conftest import Ipvsadm
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.ipvs.strategies import tables


def imported(ipvsadm: Ipvsadm) -> Table:
    remarks = Remarks()
    lines = [Line(Place("rules", number), text) for number, text in enumerate(ipvsadm.saved(), 1)]
    found = table_in(settle(read_rules(lines, remarks), remarks))
    assert remarks.found == []
    return found


def without_thresholds(whole: Table) -> Table:
    """Leave out what ipvsadm -S leaves out."""
    return {
        key: Entry(
            entry.service,
            {
                name: one._replace(upper_threshold=0, lower_threshold=0)
                for name, one in entry.destinations.items()
            },
        )
        for key, entry in whole.items()
    }


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tables())
def test_any_table(client: Client, ipvsadm: Ipvsadm, desired: Table) -> None:
    current = client.table()
    client.apply(plan(current, desired, stale(current, desired, "all", ())))
    assert imported(ipvsadm) == without_thresholds(client.table())
