# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action director over its real module: a whole change, while connections end one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.lvs.topology.plugins.action import director as action
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.protocol import Activity
from ansible_collections.lvs.topology.plugins.modules import director, ipvs_drain
from ansible_collections.lvs.topology.tests.unit.plugins.action.running import Remote
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.fake_ipvs import (
    STATISTICS,
    FakeIpvs,
)
from ansible_collections.lvs.topology.tests.unit.plugins.modules.test_director_way import (
    FULLNAT,
    LEAVING,
    NAT,
    NEW,
    OLD,
    ONE,
    TWO,
    VIP,
    WEB,
    Result,
    changes,
    connections,
    service,
)

BEFORE: Result = {**FULLNAT, "services": [service(ONE, TWO)]}
DRAINS: Result = {"drain_removed": {"timeout": 60, "poll_interval": 5}}
AFTER: Result = {**NAT, **DRAINS}


class Director(Remote):
    """A host on which something else happens between two looks."""

    def __init__(self, *meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.meanwhile = list(meanwhile)

    def answer(self, arguments: Result) -> Result:
        if len(self.asked) > 1 and self.meanwhile:
            self.meanwhile.pop(0)()
        return run_module(director.main, **arguments)


@pytest.fixture
def kernel(host: FakeHost, ipvs: FakeIpvs) -> FakeIpvs:
    run_module(director.main, **BEFORE)
    connections(host, OLD)
    return ipvs


def test_a_whole_change(host: FakeHost, kernel: FakeIpvs, monkeypatch: pytest.MonkeyPatch) -> None:
    predicted = run_module(director.main, check=True, **AFTER)
    remote = Director(
        lambda: None,
        lambda: setattr(kernel, "busy", Activity(0, 0, 0, STATISTICS)),
        lambda: connections(host, OLD, NEW),
        lambda: connections(host, NEW),
    )
    result = remote.run(monkeypatch, action.ActionModule, AFTER)
    assert not result.get("failed")
    assert (result["timed_out"], result["waited"], len(remote.asked)) == (False, 14, 5)
    assert changes(result) == changes(predicted)
    assert changes(result) == [
        f"change destination {TWO}:8080 of service {WEB}",
        f"delete destination {TWO}:8080 of service {WEB}",
        f"remove source NAT of tcp {VIP} port 80",
        *LEAVING,
    ]
    assert (result["pending"], result["waiting"], result["connections"]) == ([], "", [])
    assert not run_module(director.main, **AFTER)["changed"]


def test_a_real_server_that_is_drained_while_it_waits(
    kernel: FakeIpvs, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = Director(lambda: run_module(ipvs_drain.main, real_servers=[ONE]))
    result = remote.run(monkeypatch, action.ActionModule, {**AFTER, "wait": None})
    assert (result["timed_out"], result["waited"]) == (True, 60)
    assert kernel.weights() == {ONE: 0}


def test_the_next_run_waits_on_where_one_gave_up(
    host: FakeHost, kernel: FakeIpvs, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.busy = Activity(0, 0, 0, STATISTICS)
    gave_up = Director().run(monkeypatch, action.ActionModule, AFTER)
    assert (gave_up["failed"], gave_up["waiting"], gave_up["pending"]) == (True, "wait", LEAVING)
    connections(host, OLD, NEW)
    remote = Director(lambda: connections(host, NEW))
    result = remote.run(monkeypatch, action.ActionModule, AFTER)
    assert (result.get("failed"), result["waited"]) == (None, 2)
    assert changes(result) == LEAVING


def test_a_switch_in_halves_tells_every_change(
    kernel: FakeIpvs, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = {**BEFORE, "services": [service(ONE, TWO, forwarding="droute")], **DRAINS}
    # A mapped port belongs to NAT: on the same port it is the same destination.
    run_module(director.main, **{**BEFORE, "services": [service(ONE, TWO, port=80)]})
    predicted = run_module(director.main, check=True, **after)
    remote = Director(lambda: setattr(kernel, "busy", Activity(0, 0, 0, STATISTICS)))
    result = remote.run(monkeypatch, action.ActionModule, after)
    assert changes(result) == changes(predicted)
    assert changes(result) == [
        f"change destination {rip}:80 of service {WEB}" for rip in (ONE, ONE, TWO, TWO)
    ]
