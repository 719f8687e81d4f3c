# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example of docs/coming-from.md is what an import makes and prints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

from ansible_collections.lvs.topology.plugins.action.import_topology import ActionModule
from ansible_collections.lvs.topology.tests.unit.plugins.action.running import prepared

PLAYBOOK = Path(__file__).resolve().parents[2] / "playbooks/import.yml"
PAGE = Path(__file__).resolve().parents[2] / "docs/coming-from.md"


def blocks() -> list[str]:
    return re.findall(r"^```text\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_the_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    keepalived, declaration, hosts, printed = blocks()
    Path("keepalived.conf").write_text(keepalived)
    prepared(ActionModule, {"source": "keepalived.conf", "target": "imported"}).run(task_vars={})
    assert Path("imported/group_vars/all.yml").read_text() == declaration
    assert Path("imported/hosts.yml").read_text() == hosts
    assert capsys.readouterr().out.strip() == printed.strip()


def test_the_variables() -> None:
    playbook = PLAYBOOK.read_text()
    told = re.findall(r"^\| `(import_\w+)` \|", PAGE.read_text(), re.MULTILINE)
    used = {name for name in re.findall(r"(?<!_)import_\w+", playbook) if name != "import_topology"}
    assert {*told} | {"import_from", "import_director"} == used


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({}, ""),
        ({"import_director": "lb1", "hostvars": {"lb1": {}}}, ""),
        (
            {"import_director": "lb1", "hostvars": {"lb1": {"ansible_host": "192.0.2.10"}}},
            "192.0.2.10",
        ),
    ],
)
def test_a_director_keeps_its_address(variables: dict[str, Any], address: str) -> None:
    _read, play = yaml.safe_load(PLAYBOOK.read_text())
    [given] = [
        task["lvs.topology.import_topology"]
        for task in play["tasks"]
        if "lvs.topology.import_topology" in task
    ]
    assert NativeEnvironment().from_string(given["address"]).render(variables) == address
