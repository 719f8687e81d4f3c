# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One writer at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError
from ansible_collections.lvs.topology.plugins.module_utils.state.lock import host_lock


@pytest.fixture(autouse=True)
def _root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)


def test_second_writer_is_told() -> None:
    with (
        host_lock(),
        pytest.raises(PersistenceError, match="another run is changing this host"),
        host_lock(wait=0),
    ):
        pass


def test_second_writer_waits_a_little() -> None:
    first = host_lock()
    first.__enter__()
    timer = threading.Timer(0.2, first.__exit__, (None, None, None))
    timer.start()
    with host_lock(wait=10):
        timer.join()


def test_lock_ends_with_its_holder() -> None:
    with pytest.raises(ZeroDivisionError), host_lock():
        raise ZeroDivisionError
    with host_lock(wait=0):
        pass


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "run/lvs-topology.lock").mkdir(parents=True)
    with pytest.raises(PersistenceError, match=r"cannot lock .*: Is a directory"), host_lock():
        pass
