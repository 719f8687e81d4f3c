# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.state import files
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError


def refuse(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def test_the_folder_goes_with_its_last_file(tmp_path: Path) -> None:
    one, other = tmp_path / "state/one", tmp_path / "state/other"
    files.write(one, b"1")
    files.write(other, b"2")
    files.remove_with_folder(one)
    assert files.read(other) == b"2"
    files.remove_with_folder(other)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_file_that_cannot_be_written_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = tmp_path / "state/one"
    files.write(path, b"old")

    def fail(_descriptor: int) -> None:
        raise refuse(number)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PersistenceError, match="it is as it was"):
        files.write(path, b"new")
    assert [*path.parent.iterdir()] == [path]
    assert files.read(path) == b"old"


def test_a_folder_that_is_a_file_system_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path) -> None:
        raise refuse(errno.EBUSY)

    path = tmp_path / "state/one"
    files.write(path, b"1")
    monkeypatch.setattr(Path, "rmdir", fail)
    files.remove_with_folder(path)
    assert [*path.parent.iterdir()] == []


def other_kinds(path: Path) -> Iterator[None]:
    """Puts one after the other in a file's place."""
    path.mkdir()
    yield
    path.rmdir()
    os.mkfifo(path)
    yield
    path.unlink()
    path.symlink_to(path.name)
    yield


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "state"
    for _kind in other_kinds(path):
        with pytest.raises(PersistenceError, match=f"cannot read {path}: "):
            files.read(path)


def test_a_file_system_without_writing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state/one"
    files.write(path, b"1")
    for name in ("unlink", "symlink_to", "mkdir"):

        def fail(*_arguments: object, **_options: object) -> None:
            raise refuse(errno.EROFS)

        monkeypatch.setattr(Path, name, fail)
    changes: list[Callable[[], object]] = [
        lambda: files.remove(path),
        lambda: files.remove_with_folder(path),
        lambda: files.link(path, tmp_path),
        lambda: files.write(tmp_path / "other/two", b""),
    ]
    for change in changes:
        with pytest.raises(PersistenceError, match="Read-only file system"):
            change()
    assert files.read(path) == b"1"


@pytest.mark.parametrize("mask", [0, 0o077])
def test_modes_are_the_same_under_every_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        files.write(tmp_path / "a/b/one", b"1")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b", "a/b/one")]
    assert modes == [0o755, 0o755, 0o644]


def test_a_link_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "wants/unit"
    for target in ("one", "other"):
        files.link(path, tmp_path / target)
        assert path.readlink() == tmp_path / target
    assert [*path.parent.iterdir()] == [path]
