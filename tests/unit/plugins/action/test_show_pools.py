# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of pools, by the action plugin's real run(), of what health_info documents."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.utils.display import Display

from ansible_collections.lvs.topology.plugins.action.show_pools import ActionModule
from ansible_collections.lvs.topology.plugins.modules import health_info

from .running import prepared


def sample(documented: dict[str, Any]) -> dict[str, Any]:
    """Return what a module returns, by the samples in its documentation."""
    found: dict[str, Any] = {}
    for name, one in documented.items():
        found[name] = [sample(one["contains"])] if "contains" in one else one["sample"]
    return found


def test_what_is_documented_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(Display, "display", lambda _self, text, **_other: said.append(text))
    told = sample(yaml.safe_load(health_info.RETURN))
    result = prepared(ActionModule, {"directors": {"lb1": told}}).run(task_vars={})
    assert (result["down"], result["ok"], result["changed"]) == (["web2"], False, False)
    assert result["table"] in said[0]
    assert "web2         0 of 10  down" in result["table"]
