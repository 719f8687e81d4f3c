# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub's workflows leave out no step, and run no action that could change under its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from checks import cores

from ansible_collections.lvs.topology.tests.steps import ON_DEMAND, STEPS

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
# The lint and unit jobs run whole groups; these are steps that others need or that build an image.
BY_GROUP = ("lint", "unit")
IMPLIED = ("lab", "image")


def jobs(name: str) -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text())[
        "jobs"
    ]
    return jobs


def test_every_step_of_the_tests_is_run() -> None:
    wanted = {
        step.name
        for step in STEPS
        if step.group not in (*BY_GROUP, *ON_DEMAND) and step.name not in IMPLIED
    }
    test = jobs("test")
    beside = next(one["run"] for one in test["unit"]["steps"] if "step-" in one.get("run", ""))
    named = {word.removeprefix("step-") for word in beside.split()[1:]}
    assert {*test["scenarios"]["strategy"]["matrix"]["step"], *named} == wanted
    for group in BY_GROUP:
        assert f"make {group}" in [step.get("run") for step in test[group]["steps"]]


def test_every_supported_core_is_tried() -> None:
    oldest = re.search(r">=2\.(\d+)", (ROOT / "meta/runtime.yml").read_text())
    assert oldest
    tried = {one["core"] for one in jobs("test")["sanity"]["strategy"]["matrix"]["include"]}
    newest = max(int(one.partition(".")[2]) for one in tried - {"devel"})
    supported = {f"stable-2.{minor}" for minor in range(int(oldest[1]), newest + 1)}
    assert tried == {*supported, "devel"}
    assert f"2.{newest}" in (ROOT / "docs/support.md").read_text()
    here = {step.name.removeprefix("sanity-") for step in STEPS if step.group == "sanities"}
    assert {f"stable-{version}" for version in here} < supported
    assert {f"stable-{core.version}" for core in cores.CORES} == supported
    assert len(supported - {f"stable-{version}" for version in here}) == 1  # that of .venv


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_actions_are_pinned_and_rights_are_few(file: Path) -> None:
    text = file.read_text()
    used = re.findall(r"uses: (.*)$", text, re.MULTILINE)
    assert used
    assert [one for one in used if not re.fullmatch(r"\S+@[0-9a-f]{40} # v[\d.]+", one)] == []
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")
