# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings from environment variables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lvslab import recipe, settings
from lvslab.errors import LabError


def test_defaults(tmp_path: Path) -> None:
    found = settings.from_environment({"XDG_CACHE_HOME": str(tmp_path)})
    assert found.cache == tmp_path / "lvs-topology-lab"
    assert found.run_dir == settings.LAB_ROOT.parent / ".lab"
    assert (found.suite, found.mirror, found.engine, found.accelerator) == ("bookworm",) + (
        None,
    ) * 3


def test_an_empty_variable_is_not_set() -> None:
    assert settings.from_environment({"LAB_ENGINE": "", "LAB_MEMORY": ""}).memory_mib == 2048


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAB_ENGINE", "docker"),
        ("LAB_ACCEL", "hvf"),
        ("LAB_PYTHON", "perl"),
        ("LAB_MEMORY", "2G"),
        ("LAB_CPUS", "0"),
        ("LAB_PACKAGES", "vim --allow-downgrades"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    with pytest.raises(LabError, match=re.escape(f"{name}={value}")):
        settings.from_environment({name: value})


def test_packages() -> None:
    found = settings.from_environment({"LAB_PACKAGES": "vim  libstdc++6\nnetwork-manager"})
    assert found.packages == ("vim", "libstdc++6", "network-manager")
    assert set(found.packages) < set(recipe.from_settings(found).packages)
    assert settings.from_environment({}).packages == ()


def test_labs_in_two_directories_do_not_meet() -> None:
    one, two = (settings.from_environment({"LAB_DIR": f"/somewhere/{name}"}) for name in "ab")
    assert one.lab_id != two.lab_id
    assert one.socket_dir != two.socket_dir


def test_socket_paths_stay_short() -> None:
    found = settings.from_environment({"LAB_DIR": "/long" * 40})
    longest_in_it = "0" * 40 + ".0123456789abcdef"  # ssh binds a temporary name first
    assert len(str(found.socket_dir / longest_in_it).replace(str(Path.cwd()), "")) < 108


def test_a_socket_directory_that_others_can_enter_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = settings.from_environment({"LAB_DIR": str(tmp_path / "run")})
    assert found.make_socket_dir().stat().st_mode & 0o777 == 0o700
    found.socket_dir.chmod(0o755)
    with pytest.raises(LabError, match="not our private directory"):
        found.make_socket_dir()
