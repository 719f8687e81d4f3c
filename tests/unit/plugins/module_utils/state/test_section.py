# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A section of a record: kept beside the others, and gone when it is empty."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError
from ansible_collections.lvs.topology.plugins.module_utils.state.record import Values
from ansible_collections.lvs.topology.plugins.module_utils.state.section import HOST, TABLE, Section


class Kept:
    """A record in memory."""

    place = "memory"

    def __init__(self) -> None:
        self.desired: Values = {}
        self.owned: Values = {}
        self.records = 0

    def record(self, desired: Values, owned: Values) -> None:
        self.desired, self.owned = desired, owned
        self.records += 1


def test_sections_are_kept_beside_each_other() -> None:
    kept = Kept()
    host, table = Section(kept, HOST), Section(kept, TABLE)
    assert (host.desired, host.owned) == ({}, {})
    host.record({"a": 1}, {"b": 2})
    table.record({"c": 3}, {})
    assert (kept.desired, kept.owned) == ({HOST: {"a": 1}, TABLE: {"c": 3}}, {HOST: {"b": 2}})
    assert (host.desired, host.owned) == ({"a": 1}, {"b": 2})
    assert (table.desired, table.owned) == ({"c": 3}, {})


def test_an_empty_section_is_none() -> None:
    kept = Kept()
    host, table = Section(kept, HOST), Section(kept, TABLE)
    host.record({"a": 1}, {"b": 2})
    table.record({"c": 3}, {"d": 4})
    host.record({}, {"b": 2})
    assert (kept.desired, kept.owned) == ({TABLE: {"c": 3}}, {HOST: {"b": 2}, TABLE: {"d": 4}})
    host.record({}, {})
    table.record({}, {})
    assert (kept.desired, kept.owned) == ({}, {})


def test_what_was_read_before_does_not_change() -> None:
    kept = Kept()
    host, table = Section(kept, HOST), Section(kept, TABLE)
    host.record({"a": 1}, {})
    before = kept.desired
    table.record({"c": 3}, {})
    assert before == {HOST: {"a": 1}}


def test_a_section_that_is_not_known_is_refused() -> None:
    kept = Kept()
    kept.owned = {HOST: {}, "future": {"a": 1}}
    with pytest.raises(PersistenceError, match=r"memory holds .* does not know \(future\)"):
        Section(kept, HOST)
