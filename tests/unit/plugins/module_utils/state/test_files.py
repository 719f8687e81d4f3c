# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
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
