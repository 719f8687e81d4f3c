# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declaration's schema, and who has to agree with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.key import Key
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.problems import (
    Problems,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.schema import (
    OPTIONS,
    SERVER_KEYS,
    SERVICE_KEYS,
    argument_spec,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.table import MODES

KEYS = {
    "text": Key("Any text.", default=""),
    "choice": Key("One of two.", default="a", choices=("a", "b")),
    "number": Key("A number.", "int", default=1, low=1, high=9),
    "switch": Key("A switch.", "bool", default=False),
}
ROOT = Path(__file__).resolve().parents[6]


def test_a_default_is_made_anew() -> None:
    argument_spec()["settings"]["default"]["tcp_timeout"] = 1
    assert argument_spec()["settings"]["default"] == {}


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_has_no_key_that_all_have(mode: str) -> None:
    shape = MODES[mode].shape
    assert not {*shape.service_keys} & {*SERVICE_KEYS}
    assert not {*shape.server_keys} & {*SERVER_KEYS}


def test_the_role_has_the_variables_of_the_schema() -> None:
    spec = yaml.safe_load((ROOT / "roles/topology/meta/argument_specs.yml").read_text())
    assert [*spec["argument_specs"]["compile"]["options"]] == [
        option.variable for option in OPTIONS.values() if option.variable
    ]


def test_keys_have_their_defaults() -> None:
    problems = Problems("web", {})
    assert problems.read({}, KEYS) == {"text": "", "choice": "a", "number": 1, "switch": False}
    assert problems.violations == []


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("text", 5, "text"),
        ("choice", "c", "one of a, b"),
        ("number", 10, "a number from 1 to 9"),
        ("number", True, "a number from 1 to 9"),
        ("switch", "yes", "true or false"),
    ],
)
def test_values_are_checked(key: str, value: object, expected: str) -> None:
    problems = Problems("web", {})
    problems.read({key: value}, KEYS)
    assert [one.expected for one in problems.violations] == [expected]
