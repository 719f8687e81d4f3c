# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugins outside a play."""

from __future__ import annotations

import time
from typing import Any, TypeVar

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible.utils.display import Display

from ansible_collections.lvs.topology.plugins.plugin_utils.waiting_action import (
    Result,
    WaitingAction,
)

Action = TypeVar("Action", bound=ActionBase)


def prepared(kind: type[Action], arguments: dict[str, Any], *, check_mode: bool = False) -> Action:
    """Return an action plugin of a task with these arguments, with its real run()."""
    task = Task()
    task.args = arguments
    task.check_mode = check_mode
    context, loader = PlayContext(), DataLoader()
    connection = connection_loader.get("local", context)
    action = kind(task, connection, context, loader, Templar(loader), None)
    # What Ansible's loader does.
    action._load_name = kind.__module__
    return action


class Remote:
    """A host whose module answers as a test wants, and a clock that nothing but waiting moves."""

    def __init__(self) -> None:
        self.asked: list[Result] = []
        self.now = 0.0
        self.said: list[str] = []

    def answer(self, arguments: Result) -> Result:
        """What the module returns; may raise what a connection that is lost does."""
        raise NotImplementedError

    def run(
        self,
        monkeypatch: pytest.MonkeyPatch,
        kind: type[WaitingAction],
        arguments: Result,
        *,
        check_mode: bool = False,
    ) -> Result:
        """Run the action on this host."""
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "sleep", self._sleep)
        monkeypatch.setattr(
            Display, "display", lambda _self, text, **_other: self.said.append(text)
        )
        action = prepared(kind, arguments, check_mode=check_mode)
        monkeypatch.setattr(action, "_execute_module", self._execute)
        result: Result = action.run(task_vars={"inventory_hostname": "director"})
        return result

    def _execute(self, module_name: str, module_args: Result, task_vars: Result) -> Result:
        assert module_name.startswith("lvs.topology.")
        assert task_vars["inventory_hostname"] == "director"
        self.asked.append({**module_args})
        return self.answer(module_args)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


def connection(active: int, service: str = "tcp 192.0.2.1:80") -> Result:
    """What is told of the connections of a destination."""
    return {
        "service": service,
        "protocol": "tcp",
        "destination": "10.0.0.1:80",
        "active": active,
        "inactive": 0,
        "persistent": 0,
    }
