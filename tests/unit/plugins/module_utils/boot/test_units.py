# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units: a Python of any name, and no folder hidden from it."""

from __future__ import annotations

import sys

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import units
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError


def test_unit_of_a_python_with_a_name_that_has_to_be_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/my 100%env/python3")
    for text in units.texts().values():
        assert 'ExecStart="/opt/my 100%%env/python3" -I ' in text


def test_no_unit_hides_a_folder_that_a_python_may_be_in() -> None:
    for text in units.texts().values():
        settings = dict(line.split("=", 1) for line in text.splitlines() if line[:1].isalpha())
        assert settings["ProtectHome"] == "read-only"
        assert "PrivateTmp" not in settings


@pytest.mark.parametrize("path", ["", "/opt/a'b", '/opt/a"b', "/opt/a\\b", "/opt/a\nb"])
def test_a_python_that_systemd_does_not_start_is_told(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(sys, "executable", path)
    with pytest.raises(PersistenceError, match="ansible_python_interpreter"):
        units.texts()
