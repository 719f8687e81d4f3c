# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/checks.md names every check, with the rule that the code has."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.lvs.topology.plugins.module_utils.topology import acceptance
from ansible_collections.lvs.topology.plugins.module_utils.topology.checks.table import CHECKS
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration import problems
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.table import (
    MODES,
    ON_DIRECTOR,
)

PAGE = Path(__file__).resolve().parents[5] / "docs/checks.md"


EVERY_MODE = (*MODES.values(), *ON_DIRECTOR.values())
OF_PATHS = {check.id: check.rule for mode in EVERY_MODE for check in mode.checks}
OF_MODES = {check.id: check.rule for mode in MODES.values() for check in mode.topology_checks}
OF_ALL = {check.id: check.rule for check in CHECKS}
EVERY = OF_PATHS | OF_MODES | OF_ALL


def test_the_page_has_every_check_and_its_rule() -> None:
    rows = re.findall(r"^\| `([a-z.-]+)` \| (.*?) \|", PAGE.read_text(), flags=re.MULTILINE)
    assert dict(rows) == EVERY


def test_the_page_lists_what_can_be_accepted() -> None:
    part = PAGE.read_text().partition("These can be accepted:")[2].partition("Others cannot")[0]
    assert re.findall(r"`([a-z.-]+)`", part) == sorted(acceptance.ACCEPTABLE)


def test_the_table_of_the_modes_names_checks_that_exist() -> None:
    table = PAGE.read_text().partition("## What each mode demands")[2]
    named = set(re.findall(r"`([a-z-]+\.[a-z-]+)`", table))
    assert named <= {*EVERY, *problems.RULES}
    assert {*OF_PATHS} <= named
