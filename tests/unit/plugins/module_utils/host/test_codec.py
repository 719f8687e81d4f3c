# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model through JSON and back."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from hypothesis import given

from ansible_collections.lvs.topology.plugins.module_utils.host.codec import (
    dump_desired,
    dump_owned,
    load,
    load_desired,
    load_owned,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    Current,
    Desired,
    OriginalValue,
    Owned,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.plan import plan
from ansible_collections.lvs.topology.plugins.module_utils.state.errors import PersistenceError
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


def test_a_helper_survives_json() -> None:
    desired = Desired(helpers=("ftp",))
    assert load_desired(dump_desired(desired)) == desired


def test_nothing_is_an_empty_object() -> None:
    assert dump_desired(Desired()) == {}
    assert dump_owned(Owned()) == {}


def test_file_of_a_version_with_fewer_kinds_is_read() -> None:
    data = dump_desired(Desired(up=("lo",)))
    del data["rules"]
    assert load_desired(data) == Desired(up=("lo",))


class Kept(NamedTuple):
    """A record in memory."""

    desired: dict[str, Any]
    owned: dict[str, Any]
    place: str = "memory"

    def record(self, desired: dict[str, Any], owned: dict[str, Any]) -> None:
        """Is not called."""


LIP = {"real_server": "10.0.0.11", "first": "10.0.0.5", "last": "10.0.0.5"}
VALUE = {"original": "0", "written": "1"}


@pytest.mark.parametrize(
    ("desired", "owned", "reason"),
    [
        ({"vlans": [{"id": 5}]}, {}, "desired.vlans"),
        ({"addresses": [{"device": "lo", "address": "10.0.0.1", "prefix": 32, "x": 1}]}, {}, "x"),
        ({"addresses": [{"device": "lo"}]}, {}, "missing"),
        ({"addresses": "abc"}, {}, "TypeError"),
        ({"addresses": [{"device": "a b", "address": "10.0.0.1", "prefix": 32}]}, {}, "device"),
        ({"addresses": [{"device": "lo", "address": "10.0.0.1", "prefix": True}]}, {}, "prefix"),
        ({"tunnels": [{"name": "a", "kind": "vxlan", "local": "10.0.0.1"}]}, {}, "kind: 'vxlan'"),
        ({"nft_tables": [{"table": "filter"}]}, {}, "table: 'filter'"),
        ({"local_addresses": [LIP, LIP]}, {}, "desired.local_addresses"),
        ({"settings": None}, {}, "TypeError"),
        ({"up": "lo"}, {}, "desired.up"),
        ({"helpers": ["best"]}, {}, "helpers: 'best'"),
        (
            {"rules": [{"source": "10.0.0.1", "protocol": "tcp", "ports": "None", "table": 1}]},
            {},
            "ports: 'None'",
        ),
        ({"arp_suppressed": 1}, {}, "arp_suppressed"),
        ({}, {"settings": {"/etc/shadow": VALUE}}, "key"),
        ({}, {"settings": {"net/../../../etc/shadow": VALUE}}, "key"),
        ({}, {"settings": {"net/ipv4/conf/a\vb/forwarding": VALUE}}, "key"),
        ({}, {"settings": {"net/ipv4/ip_forward": {**VALUE, "by": "x"}}}, "by"),
        ({}, {"settings": {"net/ipv4/ip_forward": {**VALUE, "original": "x"}}}, "ip_forward: 'x'"),
        ({}, {"bridges": [{}]}, "owned.bridges"),
    ],
)
def test_what_is_not_known_is_refused(
    desired: dict[str, Any], owned: dict[str, Any], reason: str
) -> None:
    nothing: dict[str, Any] = {
        "settings": [],
        "up": ["lo"],
        "arp_suppressed": False,
        "helpers": [],
    }
    kept = Kept({**nothing, **desired} if desired else {}, {"settings": {}, **owned})
    with pytest.raises(PersistenceError, match=r"memory holds something .* newer one") as refused:
        load(kept)
    assert reason in str(refused.value)


@pytest.mark.parametrize("name", ["a#b", "a\\", "\xe9", "\x1b[2J", "\x1c", "\x85", "\u2003", "..."])
def test_every_name_that_a_foreign_device_may_have_is_read(name: str) -> None:
    settings = {f"net/ipv4/conf/{name}/forwarding": OriginalValue("1", "1")}
    owned = Owned(settings=settings)
    assert load(Kept({}, dump_owned(owned))).owned == owned
