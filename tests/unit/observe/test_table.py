# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
from observe.judge import judge
from observe.proof import Verdict
from observe.table import render

from .scenes import GIVEN, failed, good


def verdict(mode: str) -> Verdict:
    return Verdict(good(mode), ())


def test_columns_line_up_and_say_what_was_seen() -> None:
    head, rule, first, second, *more = render([verdict("dr")]).splitlines()
    assert more == []
    assert [len(part) for part in rule.split()] == [len(part) for part in rule.split("  ")]
    assert first[head.index("requests") :].startswith("6 of 6")
    assert first[head.index("answered by") :].startswith("4 web1 (2)")
    assert second[head.index("answered by") :].startswith("2 web2 (1)")
    assert first[head.index("reply path") :].startswith("straight from the")
    assert first.endswith("green")
    assert "through the director" in render([verdict("nat")])


def test_findings_stand_below_in_full() -> None:
    nothing: frozenset[str] = frozenset()
    seen = failed(good("nat"), "web2", "timed out", replied_by=nothing, reply_passed=nothing)
    findings = tuple(judge(seen, GIVEN))
    text = render([Verdict(seen, findings)])
    assert "RED" in text
    assert all(f"  - {finding}" in text for finding in findings)
    assert "4 of 6" in text
