# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example of docs/coming-from.md is what an import makes and prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.action.import_topology import ActionModule
from ansible_collections.lvs.topology.tests.unit.plugins.action.running import prepared

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
    playbook = (PAGE.parents[1] / "playbooks/import.yml").read_text()
    told = re.findall(r"^\| `(import_\w+)` \|", PAGE.read_text(), re.MULTILINE)
    used = {name for name in re.findall(r"(?<!_)import_\w+", playbook) if name != "import_topology"}
    assert {*told} | {"import_from", "import_director"} == used
