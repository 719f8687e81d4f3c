# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of obstacles_info, with sockets of this machine."""

from __future__ import annotations

import socket
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from ansible_collections.lvs.topology.plugins.module_utils import execute
from ansible_collections.lvs.topology.plugins.module_utils.host import obstacles
from ansible_collections.lvs.topology.plugins.module_utils.host.errors import HostError
from ansible_collections.lvs.topology.plugins.module_utils.host.nft import (
    director_table,
    run as nft,
)
from ansible_collections.lvs.topology.plugins.modules import obstacles_info
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)

TABLE = {"family": "ip", "table": "filter"}
RULESET = {"nftables": [{"chain": {**TABLE, "name": "in", "hook": "input", "policy": "drop"}}]}


def found(monkeypatch: pytest.MonkeyPatch, ruleset: dict[str, Any] | None) -> dict[str, Any]:
    def listed() -> dict[str, Any]:
        if ruleset is None:
            raise HostError("this host has no program nft: install nftables")
        return ruleset

    monkeypatch.setattr(nft, "ruleset", listed)
    result = run_module(obstacles_info.main)
    assert result["changed"] is False
    told: dict[str, Any] = result["obstacles"]
    documented = yaml.safe_load(obstacles_info.RETURN)["obstacles"]["contains"]
    assert told.keys() == documented.keys()
    return told


def test_what_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taking, socket.socket(type=socket.SOCK_DGRAM) as receiving:
        taking.bind(("127.0.0.1", 0))
        receiving.bind(("127.0.0.1", 0))
        ports = {"tcp": taking.getsockname()[1], "udp": receiving.getsockname()[1]}
        expected = [
            {"protocol": protocol, "address": "127.0.0.1", "port": port}
            for protocol, port in ports.items()
        ]
        assert expected[0] not in found(monkeypatch, RULESET)["listening"]  # bound alone
        taking.listen()
        listening = found(monkeypatch, RULESET)["listening"]
    assert [one for one in listening if one in expected] == expected


def test_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, RULESET)["filters"] == [
        {"table": "ip filter", "hooks": ["input"], "by_state": False}
    ]
    assert found(monkeypatch, None)["filters"] is None
    assert found(monkeypatch, None)["redirects"] is None


def test_an_nft_whose_answer_is_no_json(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = CompletedProcess([], 0, stdout="table ip filter {", stderr="")
    monkeypatch.setattr(execute, "run", lambda *_given: answer)
    assert run_module(obstacles_info.main)["obstacles"]["filters"] is None
    with pytest.raises(HostError, match="nft answers no JSON"):
        nft.show(director_table.TABLE)


def test_tables_of_the_old_iptables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/ip_tables_names").write_text("nat\nfilter\n")
    monkeypatch.setattr(obstacles, "ROOT", tmp_path)
    read = found(monkeypatch, RULESET)
    assert [one["table"] for one in read["filters"]] == ["ip filter", "iptables-legacy filter"]
    assert read["redirects"] == ["iptables-legacy nat"]
