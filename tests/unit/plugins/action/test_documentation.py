# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of action plugins without a module, which ansible-test does not compare."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest
import yaml

PLUGINS = "ansible_collections.lvs.topology.plugins"
WITHOUT_A_MODULE = (
    "apply_compiled",
    "compile_topology",
    "conclude",
    "draw_topology",
    "import_topology",
    "paths_info",
    "show_pools",
    "verify_plan",
    "verify_report",
)


@pytest.mark.parametrize("name", WITHOUT_A_MODULE)
def test_the_documented_options_are_the_options(name: str) -> None:
    documentation = importlib.import_module(f"{PLUGINS}.modules.{name}").DOCUMENTATION
    documented = yaml.safe_load(documentation)["options"]
    options = importlib.import_module(f"{PLUGINS}.action.{name}").argument_spec()
    assert plain(documented, "suboptions") == plain(options, "options")


@pytest.mark.parametrize("name", WITHOUT_A_MODULE)
def test_examples_use_what_is_returned(name: str) -> None:
    documented = importlib.import_module(f"{PLUGINS}.modules.{name}")
    returned = yaml.safe_load(documented.RETURN)
    for task in yaml.safe_load(documented.EXAMPLES):
        if f"lvs.topology.{name}" in task and "register" in task:
            used = re.findall(rf"(?<![.\w]){task['register']}\.(\w+)", documented.EXAMPLES)
            assert {*used} <= {*returned}


def plain(options: dict[str, Any], nested: str) -> dict[str, Any]:
    found = {}
    for name, option in options.items():
        kept = {key: option[key] for key in option if key not in ("description", nested)}
        if nested in option:
            kept["nested"] = plain(option[nested], nested)
        found[name] = kept
    return found
