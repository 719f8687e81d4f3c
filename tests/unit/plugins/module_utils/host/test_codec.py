# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model through JSON and back."""

from __future__ import annotations

import json

from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.host.codec import (
    dump_desired,
    dump_owned,
    load_desired,
    load_owned,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.model import Current, Desired, Owned
from ansible_collections.lvs.topology.plugins.module_utils.host.plan import plan
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.strategies import (
    hosts,
    wants,
)


@given(wants())
def test_desired_survives_json(desired: Desired) -> None:
    data = dump_desired(desired)
    assert json.loads(json.dumps(data)) == data
    loaded = load_desired(data)
    # Nothing desired is nothing kept, with ARP or without.
    assert loaded == desired or (data == {} and loaded == Desired())


@given(hosts(), wants())
def test_owned_survives_json(host: Current, desired: Desired) -> None:
    owned = plan(host, desired, Owned()).owned
    data = dump_owned(owned)
    assert json.loads(json.dumps(data)) == data
    assert load_owned(data) == owned


def test_nothing_is_an_empty_object() -> None:
    assert dump_desired(Desired()) == {}
    assert dump_owned(Owned()) == {}


def test_file_of_a_version_with_fewer_kinds_is_read() -> None:
    data = dump_desired(Desired(up=("lo",)))
    del data["rules"]
    assert load_desired(data) == Desired(up=("lo",))
