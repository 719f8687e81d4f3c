# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declaration's schema, and who has to agree with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.lvs.topology.plugins.action import compile_topology
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.schema import (
    OPTIONS,
    SERVER_KEYS,
    SERVICE_KEYS,
    argument_spec,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.table import MODES

ROOT = Path(__file__).resolve().parents[6]


def test_the_action_plugin_takes_the_options_of_the_schema() -> None:
    assert compile_topology.argument_spec() == argument_spec()


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
    assert [*spec["argument_specs"]["main"]["options"]] == [
        option.variable for option in OPTIONS.values() if option.variable
    ]
