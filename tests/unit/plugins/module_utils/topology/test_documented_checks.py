# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/checks.md names every check, with the rule that the code has."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.lvs.topology.plugins.module_utils.topology.checks import hosts, services
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.table import MODES

PAGE = Path(__file__).resolve().parents[5] / "docs/checks.md"


def test_the_page_has_every_check_and_its_rule() -> None:
    of_hosts = {check.id: check.rule for check in hosts.CHECKS}
    of_services = {check.id: check.rule for check in services.CHECKS}
    of_modes = {check.id: check.rule for mode in MODES.values() for check in mode.checks}
    rows = re.findall(r"^\| `([a-z.-]+)` \| (.*?) \|", PAGE.read_text(), flags=re.MULTILINE)
    assert dict(rows) == of_hosts | of_services | of_modes
