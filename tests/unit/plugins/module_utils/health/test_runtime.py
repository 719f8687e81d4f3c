# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The daemon's files: there and back, damaged, and whether the daemon lives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.health import (
    decisions,
    runtime,
    verdicts,
)
from ansible_collections.lvs.topology.plugins.module_utils.health.verdict import Moment, Verdict
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    DestinationKey,
    ServiceKey,
)
from ansible_collections.lvs.topology.plugins.module_utils.state import files, paths
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError

TARGET = (ServiceKey("ipv6", 7, "", "", 0), DestinationKey("2001:db8::1", 0))
OTHER = (ServiceKey("ipv4", 0, "tcp", "192.0.2.1", 80), DestinationKey("10.0.0.1", 80))


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)


def test_there_and_back() -> None:
    assert (runtime.decisions(), runtime.verdicts()) == ({}, {})
    decided = {TARGET: decisions.Decision(0, "no answer", 17.5)}
    said = {TARGET: Verdict(is_up=False, reason="no answer", since=Moment(3.0, 17.5))}
    runtime.save_decisions(decided)
    runtime.save_verdicts({**said, OTHER: Verdict(streak=1)})
    assert runtime.verdicts() == said
    said[OTHER] = Verdict(reason="no answer")
    runtime.save_verdicts(said)
    assert (runtime.decisions(), runtime.verdicts()) == (decided, said)


DUMPS = (
    decisions.dump({TARGET: decisions.Decision(0, "no answer", 17.5)}),
    verdicts.dump({TARGET: Verdict(is_up=False, reason="no answer", since=Moment(3.0, 17.5))}),
)
VALUES = (b"null", b"-1", b"1e999", b"NaN", b"true", b'"x"', b"[]", b"{}", b"17.5")


@pytest.mark.fuzz
@given(st.sampled_from(DUMPS), st.integers(0, 400), st.integers(0, 9), st.sampled_from(VALUES))
def test_damaged_ones_are_told_or_read(content: bytes, start: int, length: int, by: bytes) -> None:
    damaged = content[:start] + by + content[start + length :]
    for load in (decisions.load, verdicts.load):
        try:
            load(damaged)
        except ValueError:
            continue


def test_damaged_files_are_none() -> None:
    files.write(paths.decisions_file(), b"{")
    files.write(paths.verdicts_file(), b'{"version": 1}')
    assert (runtime.decisions(), runtime.verdicts()) == (None, None)


def test_all_of_it_goes() -> None:
    runtime.forget()
    with runtime.alone():
        runtime.save_decisions({})
        runtime.save_verdicts({})
    (paths.health_directory() / ".decisions.json.new").write_bytes(b"{")  # a daemon died
    runtime.forget()
    assert not paths.health_directory().exists()


def test_one_daemon_and_whether_it_lives() -> None:
    assert not runtime.is_running()
    with runtime.alone():
        assert runtime.is_running()
        with pytest.raises(PersistenceError, match="another health daemon"), runtime.alone():
            pass
    assert not runtime.is_running()
