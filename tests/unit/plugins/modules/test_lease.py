# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module lease in check mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.modules import lease
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)

ALICE: dict[str, Any] = {"run": "ctl1 4711 100", "holder": "alice@ctl1"}
BOB: dict[str, Any] = {"run": "ctl2 4711 200", "holder": "bob@ctl2"}


@pytest.fixture(autouse=True)
def warnings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: told.append(text))
    return told


def test_who_has_it_is_said(warnings: list[str]) -> None:
    assert not run_module(lease.main, **ALICE).get("failed")
    assert not run_module(lease.main, check=True, state="released", **BOB).get("failed")
    assert warnings == []
    assert not run_module(lease.main, check=True, **BOB).get("failed")
    assert warnings == ["alice@ctl1 is changing this topology"]


def test_one_that_cannot_be_read_keeps_nobody_from_looking(warnings: list[str]) -> None:
    paths.lease_file().parent.mkdir()
    paths.lease_file().write_text("{")
    assert "topology_lease_force=true" in run_module(lease.main, **BOB)["msg"]
    for state in ("acquired", "released"):
        assert not run_module(lease.main, check=True, state=state, **BOB).get("failed")
    (warning,) = warnings
    assert "topology_lease_force=true" in warning
    assert paths.lease_file().read_text() == "{"
