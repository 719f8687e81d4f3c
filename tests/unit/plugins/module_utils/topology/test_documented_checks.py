# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/checks.md names every check, with the rule that the code has."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.lvs.topology.plugins.module_utils.topology.checks import (
    hosts,
    routers,
    services,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration import problems
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.table import MODES

PAGE = Path(__file__).resolve().parents[5] / "docs/checks.md"


def test_the_page_has_every_check_and_its_rule() -> None:
    of_hosts = {check.id: check.rule for check in hosts.CHECKS}
    of_services = {check.id: check.rule for check in services.CHECKS}
    of_routers = {check.id: check.rule for check in routers.CHECKS}
    of_modes = {check.id: check.rule for mode in MODES.values() for check in mode.checks}
    every = of_hosts | of_services | of_routers | of_modes
    page = PAGE.read_text()
    rows = re.findall(r"^\| `([a-z.-]+)` \| (.*?) \|", page, flags=re.MULTILINE)
    assert dict(rows) == every


def test_the_table_of_the_modes_names_checks_that_exist() -> None:
    of_modes = {check.id for mode in MODES.values() for check in mode.checks}
    of_all = {check.id for check in (*hosts.CHECKS, *services.CHECKS, *routers.CHECKS)}
    table = PAGE.read_text().partition("## What each mode demands")[2]
    named = set(re.findall(r"`([a-z-]+\.[a-z-]+)`", table))
    assert named <= of_modes | of_all | {*problems.RULES}
    assert of_modes <= named
