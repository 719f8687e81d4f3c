# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin's real run()."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible import constants
from ansible.errors import AnsibleActionFail

from ansible_collections.lvs.topology.plugins.action.compile_topology import ActionModule
from ansible_collections.lvs.topology.plugins.plugin_utils.compiled import Compiled
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    both_ways,
)

from .running import prepared


def _run(arguments: dict[str, Any], *, check_mode: bool = False) -> dict[str, Any]:
    return prepared(ActionModule, arguments, check_mode=check_mode).run(task_vars={})


def _arguments() -> dict[str, Any]:
    sample = both_ways()
    return {
        "services": sample.services,
        "facts": sample.facts,
        "groups": sample.groups,
        "health": sample.options["health"],
    }


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_sound_topology(*, check_mode: bool) -> None:
    result = _run(_arguments(), check_mode=check_mode)
    assert result["changed"] is False
    assert "failed" not in result
    expected = both_ways().compile()
    compiled = Compiled(result["compiled"])
    assert {host: compiled.calls(host) for host in expected.nodes} == expected.nodes
    assert compiled.paths() == expected.paths
    assert result["real_servers"] == ["web1", "web2"]
    assert (result["warnings"], result["violations"], result["longest_wait"]) == ([], [], 0)
    assert json.loads(json.dumps(result)) == result


def test_violations(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = _arguments()
    arguments["services"]["web"]["real_servers"][0]["port"] = 8080
    refused = _run(arguments)
    # All of it is shown on one line.
    assert refused.keys() == {"failed", "changed", "msg"}
    assert refused["failed"] is True
    assert refused["msg"].startswith("1 violation, listed above; no host was changed. ")
    assert "host web1:\n  - got port 8080" in capsys.readouterr().out
    result = _run({**arguments, "refuse": False})
    assert "failed" not in result
    compiled = Compiled(result["compiled"])
    assert compiled.paths()
    with pytest.raises(AnsibleActionFail, match="nothing was compiled for web2"):
        compiled.calls("web2")
    assert {one["id"] for one in result["violations"]} == {"dr.port"}
    assert result["violations"][0]["host"] == "web1"
    assert result["msg"].startswith("1 violation, listed above; no host was changed. ")
    shown = capsys.readouterr()
    assert "service web, host web1:\n  - got port 8080\n    expected 80" in shown.out
    assert not shown.err


def test_violations_are_not_mixed_with_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants.config, "get_config_value", lambda _name: "ansible.posix.json")
    arguments = _arguments()
    arguments["services"]["web"]["real_servers"][0]["port"] = 8080
    _run(arguments)
    shown = capsys.readouterr()
    assert "got port 8080" in shown.err
    assert not shown.out


def test_warnings() -> None:
    arguments = _arguments()
    arguments["services"]["web"]["real_servers"] = []
    assert _run(arguments)["warnings"] == [
        "service web has no real servers: every connection is refused"
    ]


@pytest.mark.parametrize("check_mode", [False, True])
def test_report_of_a_refused_topology(tmp_path: Path, *, check_mode: bool) -> None:
    arguments = {**_arguments(), "report": str(tmp_path / "report.json")}
    arguments["services"]["web"]["real_servers"][0]["port"] = 8080
    assert _run(arguments, check_mode=check_mode)["failed"] is True
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["ok"], report["accepted"], report["warnings"]) == (False, [], [])
    assert set(report["violations"][0]) == {"id", "service", "host", "got", "expected", "message"}


def test_report_of_a_sound_topology(tmp_path: Path) -> None:
    arguments = {**_arguments(), "report": str(tmp_path / "report.json")}
    arguments["services"]["web"]["real_servers"] = []
    result = _run(arguments)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report == {"ok": True, "violations": [], "accepted": [], "warnings": result["warnings"]}
    assert len(report["warnings"]) == 1


def test_report_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match=r"cannot write the report .*No such file"):
        _run({**_arguments(), "report": str(tmp_path / "missing" / "report.json")})


def test_arguments_are_converted() -> None:
    as_text = {"persist": "no", "arp_interfaces": "inside", "settings": {"tcp_timeout": "9"}}
    result = _run({**_arguments(), **as_text})
    compiled = Compiled(result["compiled"])
    assert compiled.calls("web1")["real_server"]["arp_interfaces"] == ["inside"]
    assert compiled.calls("web1")["real_server"]["persist"] is False
    assert compiled.calls("director")["director"]["settings"]["tcp_timeout"] == 9


def test_how_long_a_run_may_wait() -> None:
    migration = {"services": ["web"], "timeout": 40}
    assert _run({**_arguments(), "drain_removed": {"timeout": 20}})["longest_wait"] == 20
    assert _run({**_arguments(), "migration": migration})["longest_wait"] == 80


def test_a_router_that_is_not_managed_has_nothing_to_do() -> None:
    arguments = {**_arguments(), "manage_routers": False}
    arguments["groups"] = {**arguments["groups"], "lvs_routers": ["router"]}
    arguments["facts"].pop("router", None)
    assert Compiled(_run(arguments)["compiled"]).calls("router") == {}


def test_what_is_returned_does_not_grow_with_the_topology() -> None:
    arguments = _arguments()
    few = len(json.dumps({**_run(arguments), "msg": ""}))
    web = arguments["services"]["web"]
    for port in range(1000, 1200):
        arguments["services"][f"web{port}"] = {**web, "port": port}
    result = _run(arguments)
    assert len(json.dumps({**result, "msg": ""})) == few
    assert result["msg"] == "202 services with 4 VIPs can work on 3 hosts; no host was changed"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"purge": "some"}, "purge"), ({"vips": []}, "vips"), ({"services": "web"}, "services")],
)
def test_bad_arguments(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleActionFail, match=rf"{message}(.|\n)*is the variable topology_NAME"):
        _run({**_arguments(), **wrong})
