# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What plugins print themselves holds nothing that a terminal obeys."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.utils.display import Display

from ansible_collections.lvs.topology.plugins.module_utils.printable import printable
from ansible_collections.lvs.topology.plugins.plugin_utils import screen

PLUGINS = Path(__file__).resolve().parents[4] / "plugins"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("VIP 10.0.0.100 → café", "VIP 10.0.0.100 → café"),
        ("\x1b]0;OWNED\x07\x1b[2J", r"\x1b]0;OWNED\x07\x1b[2J"),
        ("a\nall green", r"a\nall green"),
        ("\u202eneerg", r"\u202eneerg"),
        ("\ud800\x9b", r"\ud800\x9b"),
    ],
)
def test_a_line(line: str, shown: str) -> None:
    assert printable(line) == shown


def test_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(Display, "display", lambda _self, text, **_to: said.append(text))
    screen.show("red\n\x1b[2J")
    assert said == ["red\n\\x1b[2J"]


def test_nothing_else_prints() -> None:
    printing = [path.name for path in PLUGINS.rglob("*.py") if "Display()" in path.read_text()]
    assert printing == ["screen.py"]
