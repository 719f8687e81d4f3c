# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real run() of the action that calls a host's module, without a host."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.lvs.topology.plugins.action import apply_compiled, director, paths_info
from ansible_collections.lvs.topology.plugins.plugin_utils.compiled import Calls, Compiled, write

from .running import prepared

Result = dict[str, Any]

WEB = {"state": "present", "vips": ["192.0.2.1"]}
ROUTERS = {"router": {"neighbours": ["old", "new"]}, "router_finish": {"neighbours": ["new"]}}


def handed_over(**calls: Calls) -> Compiled:
    return write(calls, [])


class Run:
    """Runs the action; notes which modules were called, and with what."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **answer: object) -> None:
        self.monkeypatch = monkeypatch
        self.answer = {"changed": False, "invocation": {"module_args": {}}, **answer}
        self.called: list[tuple[str, Result]] = []

    def get(self, name: str, **parts: object) -> object:
        """Find an action plugin, as Ansible's loader does in a run."""
        assert name == "lvs.topology.director"
        make: Callable[..., object] = director.ActionModule
        return make(**parts)

    def __call__(self, compiled: Compiled | str, host: str, call: str, **arguments: str) -> Result:
        directory = compiled if isinstance(compiled, str) else str(compiled.directory)
        given = {"compiled": directory, "call": call, **arguments}
        action = prepared(apply_compiled.ActionModule, given)
        self.monkeypatch.setattr(action, "_shared_loader_obj", SimpleNamespace(action_loader=self))

        def execute(
            _self: object, module_name: str, module_args: Result, task_vars: Result
        ) -> Result:
            assert task_vars == {"inventory_hostname": host}
            self.called.append((module_name, module_args))
            return {**self.answer}

        for kind in (apply_compiled.ActionModule, director.ActionModule):
            self.monkeypatch.setattr(kind, "_execute_module", execute)
        result: Result = action.run(task_vars={"inventory_hostname": host})
        return result


@pytest.fixture
def compiled() -> Compiled:
    return handed_over(web1={"real_server": WEB}, web2={"real_server": {}}, r=ROUTERS, idle={})


def test_exactly_what_was_compiled(monkeypatch: pytest.MonkeyPatch, compiled: Compiled) -> None:
    run = Run(monkeypatch, changed=True, operations=["one"])
    result = run(compiled, "web1", "real_server", phase="finish")
    assert run.called == [("lvs.topology.real_server", {**WEB, "phase": "finish"})]
    assert (result["changed"], result["operations"]) == (True, ["one"])
    # It would keep a whole table in memory.
    assert "invocation" not in result


@pytest.mark.parametrize(("host", "call"), [("r", "router"), ("idle", "director")])
def test_a_phase_is_for_real_servers(
    monkeypatch: pytest.MonkeyPatch, compiled: Compiled, host: str, call: str
) -> None:
    run = Run(monkeypatch)
    with pytest.raises(AnsibleActionFail, match=f"got prepare; expected none for call {call}"):
        run(compiled, host, call, phase="prepare")
    assert run.called == []


@pytest.mark.parametrize("call", ROUTERS)
def test_a_router_in_its_two_calls(
    monkeypatch: pytest.MonkeyPatch, compiled: Compiled, call: str
) -> None:
    run = Run(monkeypatch)
    run(compiled, "r", call)
    assert run.called == [("lvs.topology.router", ROUTERS[call])]


def test_a_host_that_needs_no_such_call(
    monkeypatch: pytest.MonkeyPatch, compiled: Compiled
) -> None:
    run = Run(monkeypatch)
    assert run(compiled, "idle", "router")["skipped"] is True
    assert run.called == []


@pytest.mark.parametrize("told", ["pending", "arp_changed"])
def test_what_real_servers_tell_directors(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    services: Result = {"services": []}
    compiled = handed_over(a={"real_server": WEB}, b={"real_server": WEB}, d={"director": services})
    quiet, loud = Run(monkeypatch), Run(monkeypatch, **{told: True})

    def director_is_told() -> set[str]:
        run = Run(monkeypatch, waiting="")
        run(compiled, "d", "director")
        ((module, arguments),) = run.called
        assert module == "lvs.topology.director"
        return {name for name in ("pending_elsewhere", "reannounce") if arguments[name]}

    quiet(compiled, "a", "real_server")
    assert director_is_told() == set()
    loud(compiled, "b", "real_server")
    assert director_is_told() == {"pending_elsewhere" if told == "pending" else "reannounce"}
    quiet(compiled, "b", "real_server")
    assert director_is_told() == set()


def test_a_director_waits_as_by_its_own_action(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = handed_over(d={"director": {"services": []}})
    monkeypatch.setattr(director.ActionModule, "run", lambda _self, **_given: {"waited": 7})
    assert Run(monkeypatch)(compiled, "d", "director")["waited"] == 7


def test_a_standby_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connections are the other director's, which still has its turn."""
    compiled = handed_over(d={"standby": {"services": []}})
    run = Run(monkeypatch, waiting="drain_removed", connections=[])
    assert run(compiled, "d", "standby")["waiting"] == "drain_removed"
    assert [name for name, _arguments in run.called] == ["lvs.topology.director"]


@pytest.mark.parametrize("directory", ["", "/nowhere"])
def test_nothing_was_compiled(monkeypatch: pytest.MonkeyPatch, directory: str) -> None:
    with pytest.raises(AnsibleActionFail, match=r"in this run\. Run the role lvs.topology"):
        Run(monkeypatch)(directory, "web1", "real_server")


def test_a_host_that_was_not_compiled(monkeypatch: pytest.MonkeyPatch, compiled: Compiled) -> None:
    run = Run(monkeypatch)
    with pytest.raises(AnsibleActionFail, match=r"for web9\. Run the role lvs.topology.topology"):
        run(compiled, "web9", "real_server")
    assert run.called == []


def test_the_paths_of_a_host() -> None:
    paths = [{"host": host, "port": port} for port in (80, 443) for host in ("web1", "", "web2")]
    directory = str(write({}, paths).directory)

    def of(host: str) -> object:
        action = prepared(paths_info.ActionModule, {"compiled": directory})
        return action.run(task_vars={"inventory_hostname": host})["paths"]

    assert of("web1") == [{"host": "web1", "port": 80}, {"host": "web1", "port": 443}]
    assert of("director") == []
