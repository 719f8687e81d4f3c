# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The units: a Python of any name, and no folder hidden from it."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import units
from ansible_collections.lvs.topology.plugins.module_utils.metrics.settings import Settings
from ansible_collections.lvs.topology.plugins.module_utils.state import files, paths
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError
from ansible_collections.lvs.topology.plugins.module_utils.state.names import (
    HEALTH_UNIT,
    METRICS_TIMER,
    METRICS_UNIT,
)
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.render import HEALTHY, NOT_HEALTHY

EXTRAS = units.Extras(watched=True, metrics=Settings("/srv/metrics", 60))


def test_unit_of_a_python_with_a_name_that_has_to_be_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/my 100%env/python3")
    for text in services():
        assert 'ExecStart="/opt/my 100%%env/python3" -I ' in text


def services() -> list[str]:
    """All units but the timer."""
    return [text for text in units.texts(EXTRAS).values() if "[Service]" in text]


def test_the_collector_writes_into_one_folder() -> None:
    text = units.texts(EXTRAS)[METRICS_UNIT]
    settings = dict(line.split("=", 1) for line in text.splitlines() if line[:1].isalpha())
    assert settings["ProtectSystem"] == "strict"
    assert units.metrics_directory(text) == "/srv/metrics"
    assert units.metrics_directory("") == ""
    assert "\nOnUnitInactiveSec=60\n" in units.texts(EXTRAS)[METRICS_TIMER]
    assert METRICS_UNIT not in units.texts()


def test_no_unit_hides_a_folder_that_a_python_may_be_in() -> None:
    for text in services():
        settings = dict(line.split("=", 1) for line in text.splitlines() if line[:1].isalpha())
        assert settings["ProtectHome"] == "read-only"
        assert "PrivateTmp" not in settings


def test_keepalived_is_told_of_the_end_of_the_health_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    unit = units.texts()[HEALTH_UNIT]
    (command,) = (line for line in unit.splitlines() if line.startswith("ExecStopPost=-"))
    argv = shlex.split(command.partition("-")[2])
    subprocess.run(argv, check=False)
    assert not paths.healthy_file().exists()  # a director that is alone
    files.write(paths.healthy_file(), HEALTHY.encode())
    subprocess.run(argv, check=True)
    assert paths.healthy_file().read_text().strip() == NOT_HEALTHY


@pytest.mark.parametrize("path", ["", "/opt/a'b", '/opt/a"b', "/opt/a\\b", "/opt/a\nb"])
def test_a_python_that_systemd_does_not_start_is_told(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(sys, "executable", path)
    with pytest.raises(PersistenceError, match="ansible_python_interpreter"):
        units.texts()
