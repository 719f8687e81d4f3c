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

PAIR: dict[str, Any] = {
    "router_id": 51,
    "interface": "eth0",
    "source": "10.0.0.5",
    "peer": "10.0.0.6",
    "addresses": [{"address": VIP, "interface": "eth0"}],
    "sync": {"interface": "eth0", "send_id": 51, "receive_id": 52},
}
DAEMONS = [
    {"role": role, "interface": "eth0", "sync_id": number, "group": "224.0.0.81", "port": 8848}
    for role, number in (("master", 51), ("backup", 52))
]


def compiled(scene: Scene, calls: dict[str, Any] | None = None) -> str:
    """The paths of a scene, handed over as compile_topology does."""
    return str(write(calls or {}, scene.paths).directory)


def plan(scene: Scene, **arguments: object) -> dict[str, Any]:
    given = {"compiled": compiled(scene), "facts": scene.facts, "groups": GROUPS, **arguments}
    return prepared(verify_plan.ActionModule, given).run(task_vars={})


def evaluate(scene: Scene, **arguments: object) -> dict[str, Any]:
    observed = scene.observed()._asdict()
    # The action finds these by their group, and in what was compiled.
    del observed["directors"], observed["pairs"]
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


@pytest.mark.parametrize(
    ("running", "got"),
    [
        (DAEMONS, []),
        (DAEMONS[:1], ["director has no backup sync daemon"]),
        ([], ["director has no master sync daemon", "director has no backup sync daemon"]),
        (
            [{**DAEMONS[0], "port": 8900}, DAEMONS[1]],
            [
                "director has the master sync daemon 51 on eth0 (group 224.0.0.81, port 8900)",
            ],
        ),
        (
            [DAEMONS[0], {**DAEMONS[1], "sync_id": 53, "interface": "mgmt0"}],
            ["director has the backup sync daemon 53 on mgmt0"],
        ),
    ],
)
def test_synchronisation_that_is_not_as_declared_is_named(
    running: list[dict[str, Any]], got: list[str]
) -> None:
    scene = Scene("dr").requests()
    calls = {"director": {"director": {"vrrp": PAIR}}}
    (verdict,) = evaluate(
        scene, compiled=compiled(scene, calls), sync_daemons={"director": running}
    )["report"]["verdicts"]
    assert [one["got"] for one in verdict["findings"]] == got
    for one in verdict["findings"]:
        assert (one["id"], one["host"]) == ("verify.sync", "director")
        assert "sync daemon 5" in one["expected"]
        assert "lvs.topology.site starts it" in one["expected"]
        assert "ipvsadm --list --daemon" in one["cause"]


@pytest.mark.parametrize("pair", [None, {**PAIR, "sync": None}])
def test_daemons_that_nobody_declared_are_no_finding(pair: dict[str, Any] | None) -> None:
    scene = Scene("dr").requests()
    calls = {"director": {"director": {"vrrp": pair}}}
    given = {"compiled": compiled(scene, calls), "sync_daemons": {"director": DAEMONS[:1]}}
    assert evaluate(scene, **given)["red"] == []


def test_nothing_is_said_of_a_director_whose_table_was_not_read() -> None:
    scene = Scene("dr").requests()
    calls = {"director": {"director": {"vrrp": PAIR}}}
    assert evaluate(scene, compiled=compiled(scene, calls))["red"] == []
