# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""State files: whole or old, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError
from ansible_collections.lvs.topology.plugins.module_utils.state.state_file import (
    NOTHING,
    Saved,
    load,
    save,
)

SAVED = Saved({"addresses": ["192.0.2.10"]}, {"sysctls": {"b": "1", "a": "0"}})


def test_survives(tmp_path: Path) -> None:
    path = tmp_path / "deep/er/part.json"
    save(path, SAVED)
    assert load(path) == SAVED
    assert list(load(path).owned["sysctls"]) == ["b", "a"]
    assert path.stat().st_mode & 0o777 == 0o644
    assert [*path.parent.iterdir()] == [path]


def test_no_file_is_nothing_and_nothing_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "kept/part.json"
    assert load(path) == NOTHING
    save(path, SAVED)
    save(path, NOTHING)
    assert not path.parent.exists()
    save(path, NOTHING)
    assert load(path) == NOTHING


def test_folder_with_others_stays(tmp_path: Path) -> None:
    save(tmp_path / "kept/one.json", SAVED)
    save(tmp_path / "kept/two.json", SAVED)
    save(tmp_path / "kept/one.json", NOTHING)
    assert [*(tmp_path / "kept").iterdir()] == [tmp_path / "kept/two.json"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 4}',
        '{"desired": {}}',
        '{"version": 4, "desired": [], "owned": {}}',
        '{"version": 4, "desired": {}, "owned": null}',
        '{"version": 4, "desired": {}, "owned": {}, "new": {}}',
        '{"version": 4, "desired": {}, "desired": {}, "owned": {}}',
        '{"version": 4, "desired": {"x": NaN}, "owned": {}}',
        '{"version": 4, "desired": {"x": ' + "9" * 5000 + '}, "owned": {}}',
        '{"version": 4, "desired": ' + "[" * 100_000,
    ],
)
def test_damaged_file_is_an_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "part.json"
    path.write_text(content)
    with pytest.raises(PersistenceError, match=r"part\.json is damaged"):
        load(path)
    assert path.read_text() == content


@pytest.mark.parametrize("version", ["1", "2", "0", '"3"', "true", "3.0", "null"])
def test_file_of_another_version_is_an_error(tmp_path: Path, version: str) -> None:
    path = tmp_path / "part.json"
    path.write_text(f'{{"version": {version}, "desired": {{}}, "owned": {{}}}}')
    with pytest.raises(PersistenceError, match=r"has version \S+, this program knows version 4"):
        load(path)


def test_what_versions_differ_in_does_not_hide_the_version(tmp_path: Path) -> None:
    path = tmp_path / "part.json"
    path.write_text('{"version": 1, "desired": {}, "found": {}}')  # owned, from version 2 on
    with pytest.raises(PersistenceError, match=r"use the release of .* that wrote it"):
        load(path)
