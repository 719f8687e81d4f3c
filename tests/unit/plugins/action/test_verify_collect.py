# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is collected of a host, by the action plugin's real run()."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure

from ansible_collections.lvs.topology.plugins.action.verify_collect import ActionModule

from .running import prepared

CAPTURED = {"changed": False, "packets": [1]}
FAILED = {"failed": True, "msg": "nft"}
TOLD = {"obstacles": {"filters": None}}


def collected(
    monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Any], *, obstacles: bool = True
) -> dict[str, Any]:
    """Run it on a host whose modules answer like this; an exception is raised."""

    def execute(module_name: str, **_given: object) -> dict[str, Any]:
        answer = answers[module_name.rpartition(".")[2]]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    action = prepared(ActionModule, {"name": "a", "obstacles": obstacles})
    monkeypatch.setattr(action, "_execute_module", execute)
    result: dict[str, Any] = action.run(task_vars={})
    return result


@pytest.mark.parametrize(
    ("told", "expected"),
    [(TOLD, TOLD["obstacles"]), (FAILED, {}), (AnsibleConnectionFailure("gone"), {})],
)
def test_a_host_that_does_not_tell_costs_nobody_the_report(
    monkeypatch: pytest.MonkeyPatch, told: object, expected: object
) -> None:
    result = collected(monkeypatch, {"capture": CAPTURED, "obstacles_info": told})
    assert (result["packets"], result["obstacles"]) == ([1], expected)
    assert not result.get("failed")


def test_obstacles_are_read_where_a_request_had_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "obstacles" not in collected(monkeypatch, {"capture": CAPTURED}, obstacles=False)


def test_a_capture_that_is_lost_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert collected(monkeypatch, {"capture": FAILED})["failed"]
    with pytest.raises(AnsibleConnectionFailure):
        collected(monkeypatch, {"capture": AnsibleConnectionFailure("gone")})
