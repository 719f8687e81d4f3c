# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/checks.md has an entry for every check: its rule, a message that it gives, and a fix."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.topology import acceptance
from ansible_collections.lvs.topology.plugins.module_utils.topology.checks.table import CHECKS
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration import (
    options,
    problems,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.table import (
    MODES,
    ON_DIRECTOR,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.violation import entry, report
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.test_checks import (
    CASES,
)

ROOT = Path(__file__).resolve().parents[5]
PAGE = ROOT / "docs/checks.md"


EVERY_MODE = (*MODES.values(), *ON_DIRECTOR.values())
OF_PATHS = {check.id: check.rule for mode in EVERY_MODE for check in mode.checks}
OF_MODES = {check.id: check.rule for mode in MODES.values() for check in mode.topology_checks}
OF_ALL = {check.id: check.rule for check in CHECKS}
EVERY = OF_PATHS | OF_MODES | OF_ALL | problems.RULES | options.RULES


class Entry(NamedTuple):
    """What the page says of a check."""

    rule: str
    example: str
    fix: str


ENTRIES = {
    found[1]: Entry(found[2], found[3], found[4])
    for found in re.finditer(
        r'^<a id="([a-z.-]+)"></a>\n\n### \1\n\n(.*) \(.*\)\.\n\n'
        r"```text\n((?:.+\n)+)```\n\n\*\*Fix\.\*\* (.+)$",
        PAGE.read_text(),
        flags=re.MULTILINE,
    )
}


def messages(check: str) -> list[str]:
    """Messages of a check, as the run prints them, without the link to its entry."""
    return [
        report([one]).replace(f" [{entry(one.id)}]", "") + "\n"
        for case in CASES.values()
        if case.check == check
        for one in case.sample.changed(case.bad).compile().violations
        if one.id == check
    ]


def test_the_page_has_every_check_and_its_rule() -> None:
    assert {name: one.rule for name, one in ENTRIES.items()} == {
        name: rule[0].upper() + rule[1:] for name, rule in EVERY.items()
    }


@pytest.mark.parametrize("check", sorted(EVERY))
def test_the_example_is_what_the_check_says(check: str) -> None:
    assert ENTRIES[check].example in messages(check)


def test_the_link_in_a_message_leads_to_the_entry() -> None:
    for check in EVERY:
        name, _hash, anchor = entry(check).partition("#")
        assert f'<a id="{anchor}"></a>' in (ROOT / name).read_text()


def test_the_page_lists_what_can_be_accepted() -> None:
    part = PAGE.read_text().partition("These can be accepted:")[2].partition("Others cannot")[0]
    assert re.findall(r"`([a-z.-]+)`", part) == sorted(acceptance.ACCEPTABLE)


def test_the_table_of_the_modes_names_checks_that_exist() -> None:
    table = PAGE.read_text().partition("\n## What each mode demands")[2]
    named = set(re.findall(r"`([a-z-]+\.[a-z-]+)`", table))
    assert named <= {*EVERY}
    assert {*OF_PATHS} <= named
