# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The import, by the action plugin's real run()."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.lvs.topology.plugins.action.import_topology import ActionModule

from .running import prepared

RULES = """\
-A -t 10.0.0.100:80 -s rr
-a -t 10.0.0.100:80 -r 10.0.0.11:80 -g -w 1
-a -t 10.0.0.100:80 -r 10.0.0.12:80 -g -w 1
"""
# As the kernel lists it: the real server that was added last comes first.
TABLE = {
    "services": [
        {
            "address": "10.0.0.100",
            "port": 80,
            "scheduler": "rr",
            "destinations": [
                {"address": "10.0.0.12", "port": 80},
                {"address": "10.0.0.11", "port": 80},
            ],
        }
    ]
}


def run(folder: Path, *, check_mode: bool = False, **arguments: object) -> dict[str, Any]:
    given = {"target": str(folder / "imported"), **arguments}
    result: dict[str, Any] = prepared(ActionModule, given, check_mode=check_mode).run(task_vars={})
    return result


@pytest.fixture
def rules(tmp_path: Path) -> str:
    path = tmp_path / "ipvsadm.rules"
    path.write_text(RULES)
    return str(path)


def test_a_file_beside_a_table(
    tmp_path: Path, rules: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(tmp_path, source=rules, table=TABLE, director="lb1")
    assert result["changed"]
    assert result["services"] == ["tcp-10.0.0.100-80"]
    assert result["remarks"] == result["differences"] == result["differences_from_table"] == []
    names = [Path(name).relative_to(tmp_path) for name in result["files"]]
    assert [str(name) for name in names] == [
        "imported/hosts.yml",
        "imported/group_vars/all.yml",
        "imported/remarks.md",
    ]
    assert "lb1:" in Path(result["files"][0]).read_text()
    shown = capsys.readouterr().out
    assert f"{rules}: 1 service with 2 real servers, declared as 1 service\n" in shown
    assert f"The compiled declaration and {rules}: no difference\n" in shown
    assert "The compiled declaration and the table of lb1: no difference\n" in shown
    assert not run(tmp_path, source=rules, table=TABLE, director="lb1")["changed"]


def test_a_table_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, table=TABLE, director="lb1")["differences_from_table"] == []
    # Once: it is the source.
    assert capsys.readouterr().out.count("no difference") == 1


def test_check_mode_writes_nothing(tmp_path: Path, rules: str) -> None:
    assert run(tmp_path, check_mode=True, source=rules)["changed"]
    assert not (tmp_path / "imported").exists()


def test_nothing_is_overwritten_unless_that_is_meant(tmp_path: Path, rules: str) -> None:
    hosts = tmp_path / "imported/hosts.yml"
    hosts.parent.mkdir()
    hosts.write_text("mine\n")
    with pytest.raises(AnsibleActionFail, match=r"hosts\.yml would be overwritten"):
        run(tmp_path, source=rules)
    assert hosts.read_text() == "mine\n"
    assert not (tmp_path / "imported/group_vars").exists()
    assert run(tmp_path, source=rules, force=True)["changed"]
    assert "mine" not in hosts.read_text()


def test_errors_have_their_place(tmp_path: Path) -> None:
    path = tmp_path / "keepalived.conf"
    path.write_text("a {\n\x1b[2J b {\n}\n")
    with pytest.raises(AnsibleActionFail, match=r"^keepalived\.conf:1: the block a is never"):
        run(tmp_path, source=str(path))
    with pytest.raises(AnsibleActionFail, match="cannot read"):
        run(tmp_path, source=str(tmp_path / "none"))
    # Python writes no number of more than 4300 digits.
    for port in (-1, 10**5000):
        table = {"services": [{"port": port, "destinations": []}]}
        with pytest.raises(AnsibleActionFail, match="director lb1: its table"):
            run(tmp_path, table=table, director="lb1")


def test_files_elsewhere_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "other").mkdir()
    path, other = tmp_path / "conf/keepalived.conf", tmp_path / "other/web.conf"
    path.write_text(f"include {other}\n")
    other.write_text("virtual_server 10.0.0.1 80 {\nreal_server 10.0.0.11 80 {\n}\n}\n")
    # Nothing is left: there is no declaration to write.
    refused = (
        r"no virtual server found: .* keepalived\.conf:1: .* in another folder, and is not read"
    )
    with pytest.raises(AnsibleActionFail, match=refused):
        run(tmp_path, source=str(path))
    assert not (tmp_path / "imported").exists()
    result = run(tmp_path, source=str(path), folders=[str(other.parent)])
    assert result["services"] == ["tcp-10.0.0.1-80"]
