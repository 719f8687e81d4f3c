# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module keeps: where, when, and what of it counts as a change."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import install
from ansible_collections.lvs.topology.plugins.module_utils.boot.lasting import Lasting
from ansible_collections.lvs.topology.plugins.module_utils.module.run import settle, with_changes
from ansible_collections.lvs.topology.plugins.module_utils.state import lock, paths
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError
from ansible_collections.lvs.topology.plugins.module_utils.state.names import GUARD_UNIT
from ansible_collections.lvs.topology.plugins.module_utils.state.part import is_kept, open_part
from ansible_collections.lvs.topology.plugins.module_utils.state.state_file import Saved, load

DESIRED, OWNED = {"address": "192.0.2.10"}, {"address": "none"}


@pytest.fixture(autouse=True)
def _root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(install, "_systemctl", lambda *_words: None)
    (tmp_path / "run/systemd/system").mkdir(parents=True)


def run(
    desired: dict[str, str],
    owned: dict[str, str],
    name: str = "director",
    *,
    persist: bool = True,
    check_mode: bool = False,
) -> list[str]:
    with open_part(name, persist=persist, check_mode=check_mode) as part:
        part.record(desired, {**part.owned, **owned})
        part.record(desired, owned)
        return settle(part, Lasting(part), check_mode=check_mode)


def files_below(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.is_file()}


def test_first_run_keeps_and_installs() -> None:
    changes = run(DESIRED, OWNED)
    kept = paths.state_file("director", persist=True)
    assert load(kept) == Saved(DESIRED, OWNED)
    assert changes == [
        f"write {kept}",
        f"write {paths.program()}",
        f"write {paths.unit()}",
        f"write {paths.unit(GUARD_UNIT)}",
        "enable lvs-topology.service",
        "enable lvs-topology-guard.service",
    ]


def test_second_run_changes_nothing() -> None:
    run(DESIRED, OWNED)
    assert run(DESIRED, OWNED) == []


def test_check_mode_predicts_and_writes_nothing(tmp_path: Path) -> None:
    predicted = run(DESIRED, OWNED, check_mode=True)
    assert files_below(tmp_path) == set()
    assert run(DESIRED, OWNED) == predicted
    before = files_below(tmp_path)
    predicted = run({}, {}, check_mode=True)
    assert files_below(tmp_path) == before
    assert run({}, {}) == predicted


def test_last_part_takes_everything_with_it(tmp_path: Path) -> None:
    run(DESIRED, OWNED)
    run(DESIRED, OWNED, "real_server")
    assert run({}, {}) == [f"remove {paths.state_file('director', persist=True)}"]
    assert paths.program().exists()
    run({}, {}, "real_server")
    assert files_below(tmp_path) == {paths.lock_file()}


def test_not_persistent_is_kept_for_this_boot(tmp_path: Path) -> None:
    changes = run(DESIRED, OWNED, persist=False)
    home = paths.state_file("director", persist=False)
    assert changes == [f"write {home}"]
    assert files_below(tmp_path) == {home, paths.lock_file()}


@pytest.mark.parametrize("persist", [True, False])
def test_change_of_persist_moves_the_state(*, persist: bool) -> None:
    run(DESIRED, OWNED, persist=not persist)
    with open_part("director", persist=persist, check_mode=False) as part:
        assert (part.desired, part.owned) == (DESIRED, OWNED)
        part.record(part.desired, part.owned)
        settle(part, Lasting(part), check_mode=False)
    assert load(paths.state_file("director", persist=persist)) == Saved(DESIRED, OWNED)
    assert not paths.state_file("director", persist=not persist).exists()
    assert paths.program().exists() is persist


def die(name: str) -> None:
    with open_part(name, persist=True, check_mode=False) as part:
        part.record(DESIRED, OWNED)
        raise ZeroDivisionError


def test_run_that_dies_is_taken_up_by_the_next() -> None:
    with pytest.raises(ZeroDivisionError):
        die("director")
    with open_part("director", persist=True, check_mode=False) as part:
        assert (part.desired, part.owned) == (DESIRED, OWNED)
        settle(part, Lasting(part), check_mode=False)
    assert paths.program().exists()


def test_host_without_systemd_is_told_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "run/systemd/system").rmdir()
    with pytest.raises(PersistenceError, match="set persist: false"):
        run(DESIRED, OWNED)
    assert files_below(tmp_path) == {paths.lock_file()}
    assert run({}, {}) == []
    run(DESIRED, OWNED, persist=False)


def test_check_mode_needs_no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0)
    with lock.host_lock():
        assert run(DESIRED, OWNED, check_mode=True)


def test_changes_are_shown_beside_the_modules_own() -> None:
    own = {"before": {"a": 1}, "after": {"a": 2}}
    assert with_changes(own, []) == own
    assert with_changes(own, ["write x"]) == {
        "before": {"a": 1, "kept": []},
        "after": {"a": 2, "kept": ["write x"]},
    }


@pytest.mark.parametrize("persist", [True, False])
def test_a_section_counts_where_something_is_desired_in_it(*, persist: bool) -> None:
    assert not is_kept("director", "table")
    with open_part("director", persist=persist, check_mode=False) as part:
        part.record({"host": DESIRED}, {"table": OWNED})
    assert (is_kept("director", "host"), is_kept("director", "table")) == (True, False)
    assert not is_kept("router", "host")


def test_folders_that_an_earlier_run_left_open_are_closed(tmp_path: Path) -> None:
    run(DESIRED, OWNED)
    ours = [tmp_path / name for name in ("var/lib/lvs-topology", "usr/local/lib/lvs-topology")]
    others = [tmp_path / name for name in ("var/lib", "etc/systemd/system")]
    for folder in (*ours, *others):
        folder.chmod(0o777)
    assert run(DESIRED, OWNED, check_mode=True) == []
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in ours] == [0o777, 0o777]
    assert run(DESIRED, OWNED) == []
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in ours] == [0o755, 0o755]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in others] == [0o777, 0o777]


def test_a_file_of_connections_that_was_being_written_is_discarded(tmp_path: Path) -> None:
    unfinished = tmp_path / "run/.lvs-topology.connections.new"
    unfinished.write_bytes(b"half")
    run({}, {})
    assert not unfinished.exists()
