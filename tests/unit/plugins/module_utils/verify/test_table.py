# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of verdicts."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.verify.table import render

from .scenes import VIP, Scene


def test_table() -> None:
    scene = Scene("nat")
    scene.answered_by = []
    text = render([scene.requests().verdict()], ["web1: something"])
    assert text.splitlines()[2].split()[:4] == ["web", "nat", f"{VIP}:8080", "4"]
    assert "RED" in text
    assert "  - director: no host answers ARP for 10.0.0.100" in text
    assert "checks found 1 violation" in text
