# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state between two commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from lvslab import settings, state
from lvslab.errors import LabError
from lvslab.settings import Settings
from lvslab.state import State


@pytest.fixture
def lab(tmp_path: Path) -> Settings:
    return settings.from_environment({"LAB_DIR": str(tmp_path)})


def test_it_comes_back_as_it_was_saved(lab: Settings) -> None:
    saved = State(
        phase=state.UP, engine="vm", accelerator="tcg", topology="t.yml", digest="d",
        image="/image", inventory="/inventory", endpoints={"node": ("127.0.0.1", 2022)},
    )  # fmt: skip
    state.save(lab, saved)
    assert state.load(lab) == saved


def test_nothing_is_there_at_first(lab: Settings) -> None:
    assert state.load(lab) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"endpoints": {}}'])
def test_a_broken_file_is_named(lab: Settings, text: str) -> None:
    state.path(lab).write_text(text)
    with pytest.raises(LabError, match="not readable"):
        state.load(lab)
