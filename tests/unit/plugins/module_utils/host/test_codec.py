# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model through JSON and back."""

from __future__ import annotations

import json

from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.host.codec import (
    dump_found,
    dump_wanted,
    load_found,
    load_wanted,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.model import Current, Found, Wanted
from ansible_collections.lvs.topology.plugins.module_utils.host.plan import plan
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.strategies import (
    hosts,
    wants,
)


@given(wants())
def test_wanted_survives_json(wanted: Wanted) -> None:
    data = dump_wanted(wanted)
    assert json.loads(json.dumps(data)) == data
    loaded = load_wanted(data)
    # Nothing wanted is nothing kept, hidden or not.
    assert loaded == wanted or (data == {} and loaded == Wanted())


@given(hosts(), wants())
def test_found_survives_json(host: Current, wanted: Wanted) -> None:
    found = plan(host, wanted, Found()).found
    data = dump_found(found)
    assert json.loads(json.dumps(data)) == data
    assert load_found(data) == found


def test_nothing_is_an_empty_object() -> None:
    assert dump_wanted(Wanted()) == {}
    assert dump_found(Found()) == {}


def test_file_of_a_version_with_fewer_kinds_is_read() -> None:
    data = dump_wanted(Wanted(up=("lo",)))
    del data["rules"]
    assert load_wanted(data) == Wanted(up=("lo",))
