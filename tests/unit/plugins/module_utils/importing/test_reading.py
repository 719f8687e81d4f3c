# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files are read, and which are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.importing import reading
from ansible_collections.lvs.topology.plugins.module_utils.importing.reading import Files
from ansible_collections.lvs.topology.plugins.module_utils.importing.source import SourceError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "conf"
    (folder / "conf.d").mkdir(parents=True)
    for name in ("main.conf", "conf.d/a.conf", "conf.d/b.conf", "conf.d/.hidden.conf"):
        (folder / name).write_text("x\n")
    (tmp_path / "outside.conf").write_text("secret\n")
    (folder / "conf.d/link.conf").symlink_to(tmp_path / "outside.conf")
    (folder / "conf.d/loop.conf").symlink_to("loop.conf")
    (folder / "away").symlink_to(tmp_path)
    return folder


def matching(folder: Path, pattern: str, *more: Path) -> tuple[list[str], list[str]]:
    files = Files([str(folder), *map(str, more)])
    found = files.matching(pattern, str(folder / "main.conf"))
    return [Path(name).name for name in found[0]], [Path(name).name for name in found[1]]


def test_includes(folder: Path) -> None:
    assert matching(folder, "conf.d/*.conf")[0] == ["a.conf", "b.conf"]
    assert "link.conf" in matching(folder, "conf.d/*.conf")[1]
    assert matching(folder, "conf.d/a.conf") == (["a.conf"], [])
    assert matching(folder, "none.conf") == ([], [])
    assert matching(folder, "**/*.conf")[0] == ["a.conf", "b.conf"]


@pytest.mark.parametrize("pattern", ["a*/out*", "*/outside.conf", "a*/none", "*/conf/*/*.conf"])
def test_nobody_looks_behind_a_link_that_leads_elsewhere(folder: Path, pattern: str) -> None:
    assert matching(folder, pattern) == ([], ["away"])


@pytest.mark.parametrize("name", ["outside.conf", "none.conf", "o*.conf", "n*.conf"])
def test_not_even_whether_something_is_there(folder: Path, name: str) -> None:
    assert matching(folder, f"away/{name}") == ([], [name])


@pytest.mark.parametrize(
    "pattern",
    [
        *("../outside.conf", "/etc/passwd", "../*.conf", "/etc/pass*", "conf.d/../../out*"),
        *("*/../../out*", "*/../../none*"),
    ],
)
def test_no_other_folder_is_read(folder: Path, pattern: str) -> None:
    allowed, refused = matching(folder, pattern)
    assert allowed == []
    # What is there is not looked up, unless it is named.
    assert refused == [Path(pattern).name]


def test_another_folder_is_read_if_it_is_named(folder: Path) -> None:
    assert matching(folder, "../*.conf", folder.parent) == (["outside.conf"], [])


def test_what_is_no_text_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "binary").write_bytes(b"a\nb\0c\n")
    (folder / "latin").write_bytes(b"caf\xe9\n")
    files = Files([str(folder)])
    for name, message in (
        ("pipe", "is no plain file"),
        ("conf.d", "is no plain file"),
        ("none", "cannot read"),
        ("binary", "binary:2: a null character"),
    ):
        with pytest.raises(SourceError, match=message):
            files.lines(str(folder / name))
    assert files.lines(str(folder / "latin"))[0].text == "caf\N{REPLACEMENT CHARACTER}"
    monkeypatch.setattr(reading, "MAX_FILE", 1)
    with pytest.raises(SourceError, match="has more than 1 bytes"):
        files.lines(str(folder / "main.conf"))


def test_too_many_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FILES", 1)
    files = Files([str(folder)])
    [first, _end] = files.lines(str(folder / "main.conf"))
    assert str(first.place) == "main.conf:1"
    with pytest.raises(SourceError, match=r"main\.conf:1: more than 1 files"):
        files.lines(str(folder / "main.conf"), first.place)
