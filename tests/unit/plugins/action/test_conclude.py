# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a run, by the action plugin's real run()."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.playbook.task import Task

from ansible_collections.lvs.topology.plugins.action.conclude import ActionModule
from ansible_collections.lvs.topology.plugins.plugin_utils.compiled import write

from .running import prepared


def test_a_sentence_and_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = {"result": "It works.", "next": "verify", "why": "proves it"}
    result = prepared(ActionModule, arguments).run(
        task_vars={"ansible_inventory_sources": ["hosts.yml"]}
    )
    text = "It works.\nNext: ansible-playbook -i hosts.yml lvs.topology.verify   # proves it"
    assert (result["text"], result["changed"]) == (text, False)
    assert text in capsys.readouterr().out


def test_another_inventory() -> None:
    arguments = {"next": "validate", "inventory": "my imported"}
    result = prepared(ActionModule, arguments).run(
        task_vars={"ansible_inventory_sources": ["lb1,"]}
    )
    assert result["text"] == "Next: ansible-playbook -i 'my imported' lvs.topology.validate"


def test_what_was_kept_of_hosts() -> None:
    compiled = write({}, [])
    compiled.keep("web1", changed=True, lowered=[])
    compiled.keep("web1", changed=False, lowered=[])  # its second call
    compiled.keep("director", changed=False, lowered=[])
    result = prepared(ActionModule, {"compiled": str(compiled.directory)}).run(task_vars={})
    assert result["text"] == "Changed 1 of 2 hosts: web1."


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("failed", [False, True])
def test_unlocking(monkeypatch: pytest.MonkeyPatch, *, check_mode: bool, failed: bool) -> None:
    asked: list[dict[str, Any]] = []

    def find(name: str, task: Task, **_parts: object) -> object:
        assert name == "lvs.topology.lease"
        asked.append(task.args)
        return SimpleNamespace(run=lambda **_given: {"failed": failed, "msg": "gone"})

    action = prepared(ActionModule, {"unlock": True, "result": "Done."}, check_mode=check_mode)
    loader = SimpleNamespace(action_loader=SimpleNamespace(get=find))
    monkeypatch.setattr(action, "_shared_loader_obj", loader)
    result = action.run(task_vars={})
    assert asked == ([] if check_mode else [{"state": "released"}])
    assert bool(result.get("failed")) is (failed and not check_mode)
