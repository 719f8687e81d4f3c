# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real run() of the actions that plan and evaluate a verification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display

from ansible_collections.lvs.topology.plugins.action import verify_plan, verify_report
from ansible_collections.lvs.topology.plugins.plugin_utils.compiled import write
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.verify.scenes import (
    GROUPS,
    VIP,
    Scene,
)

from .running import prepared


def compiled(scene: Scene) -> str:
    """The paths of a scene, handed over as compile_topology does."""
    return str(write({}, scene.paths).directory)


def plan(scene: Scene, **arguments: object) -> dict[str, Any]:
    given = {"compiled": compiled(scene), "facts": scene.facts, "groups": GROUPS, **arguments}
    return prepared(verify_plan.ActionModule, given).run(task_vars={})


def evaluate(scene: Scene, **arguments: object) -> dict[str, Any]:
    observed = scene.observed()._asdict()
    del observed["directors"]  # the action finds them by their group
    given = {
        **observed,
        "compiled": compiled(scene),
        "facts": scene.facts,
        "groups": GROUPS,
        **arguments,
    }
    return prepared(verify_report.ActionModule, given).run(task_vars={})


def test_a_plan() -> None:
    planned = plan(Scene("nat"), requests="3")
    assert planned["changed"] is False
    assert [one["requests"] for one in planned["targets"]] == [3]
    assert [*planned["captures"]] == ["client", "director", "web1", "web2"]
    assert json.loads(json.dumps(planned)) == planned
    assert plan(Scene("nat"))["name"] != planned["name"]


def test_nothing_can_be_verified_without_a_client() -> None:
    refused = plan(Scene("nat"), groups={**GROUPS, "lvs_clients": []})
    assert refused["failed"] is True
    assert "lvs_clients" in refused["msg"]


def test_a_green_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    evaluated = evaluate(Scene("dr").requests())
    assert (evaluated["changed"], evaluated["red"]) == (False, [])
    assert "failed" not in evaluated
    assert evaluated["report"]["table"] in capsys.readouterr().out
    assert json.loads(json.dumps(evaluated)) == evaluated


def test_a_red_verdict_does_not_fail_the_task_and_shows_what_the_checks_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Display, "display", lambda _self, text, **_other: said.append(text))
    evaluated = evaluate(Scene("dr").requests(result="timeout"), violations=["no way back"])
    assert evaluated["red"] == [f"{VIP}:80"]
    assert "failed" not in evaluated
    assert evaluated["report"]["violations"] == ["no way back"]
    assert "no way back" in evaluated["page"]
    assert "the declaration's own checks found 1 violation" in "".join(said)
    assert evaluated["msg"] == f"red: {VIP}:80; the findings are listed above"


def test_what_was_accepted_is_shown_once_for_each_cause() -> None:
    one = {"id": "dr.return-route", "service": "web", "got": "a route", "expected": "another"}
    accepted = [{**one, "host": f"web{number}", "message": ""} for number in range(1, 61)]
    report = evaluate(Scene("dr").requests(), accepted=accepted)["report"]
    assert len(report["accepted"]) == 60
    lines = report["table"].splitlines()
    assert lines[lines.index("accepted of what checks found:") + 1 :] == [
        (
            "  - service web, hosts web1, web10, web11, web12, web13 and 55 more: got a route; "
            "expected another [docs/checks.md#dr.return-route]"
        )
    ]


def test_the_files_of_a_report(tmp_path: Path) -> None:
    evaluated = evaluate(Scene("dr").requests(), path=str(tmp_path / "new/dr.web"))
    assert json.loads((tmp_path / "new/dr.web.json").read_text()) == evaluated["report"]
    assert (tmp_path / "new/dr.web.html").read_text() == evaluated["page"]
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == [
        "dr.web.html",
        "dr.web.json",
    ]


def test_a_report_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AnsibleActionFail, match=r"the report cannot be written: .*file/report"):
        evaluate(Scene("dr").requests(), path=str(tmp_path / "file/report"))


@pytest.mark.parametrize("kind", [verify_plan.ActionModule, verify_report.ActionModule])
def test_what_is_missing_is_named(kind: type) -> None:
    with pytest.raises(AnsibleActionFail, match=r"missing required arguments: .*compiled"):
        prepared(kind, {}).run(task_vars={})
