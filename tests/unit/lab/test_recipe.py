# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image's hash changes with all inputs of the image, and with nothing else."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from lvslab.recipe import Recipe, file_digests

BASE = Recipe("bookworm", None, files=(("a", 0, "hash"),))


@pytest.mark.parametrize(
    "change",
    [
        {"suite": "trixie"},
        {"mirror": "http://mirror.invalid/debian"},
        {"packages": (*BASE.packages, "vim")},
        {"left_out": ()},
        {"disk_gib": 9},
        {"files": (("a", 0, "other"),)},
    ],
)
def test_each_part_counts(change: dict[str, object]) -> None:
    fields = {field.name: getattr(BASE, field.name) for field in dataclasses.fields(BASE)}
    assert Recipe(**{**fields, **change}).digest != BASE.digest


def test_equal_recipes_have_equal_hashes() -> None:
    assert Recipe("bookworm", None, files=(("a", 0, "hash"),)).digest == BASE.digest


def test_name_mode_and_content_of_files_count(tmp_path: Path) -> None:
    file = tmp_path / "one"
    file.write_text("x")
    seen = {file_digests(tmp_path)}
    file.chmod(0o755)
    seen.add(file_digests(tmp_path))
    file.write_text("y")
    seen.add(file_digests(tmp_path))
    file.rename(tmp_path / "two")
    seen.add(file_digests(tmp_path))
    assert len(seen) == 4


def test_byte_code_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/one.pyc").write_bytes(b"")
    assert file_digests(tmp_path) == ()
