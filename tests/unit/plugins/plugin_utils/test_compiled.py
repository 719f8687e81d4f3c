# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files by which one task hands over to another."""

from __future__ import annotations

import pytest
from ansible import constants

from ansible_collections.lvs.topology.plugins.plugin_utils.compiled import Compiled, write

CALLS = {"real_server": {"vips": ["192.0.2.1", "2001:db8::1"], "persist": True}}


@pytest.mark.parametrize("host", ["web1", "web/1", "..", "wéb 1", "10.0.0.1", "2001:db8::1", "%41"])
def test_every_name_of_a_host_is_a_file_of_its_own(host: str) -> None:
    written = write({host: CALLS, "A": {}, "web": {}}, [{"host": host}])
    compiled = Compiled(str(written.directory))
    assert compiled.calls(host) == CALLS
    assert compiled.paths_of(host) == [{"host": host}]
    inside = {file.parent.name for file in written.directory.rglob("*.json")}
    assert inside == {"calls", "paths"}


def test_paths_keep_their_order() -> None:
    hosts = ["web2", "web1", "", "web2", "web1"]
    paths = [{"host": host, "port": port} for port, host in enumerate(hosts)]
    assert write({}, paths).paths() == paths


def test_it_is_private_and_goes_with_the_run() -> None:
    directory = write({}, []).directory
    assert directory.stat().st_mode & 0o777 == 0o700
    # Ansible makes this directory for each run, and removes it at the end.
    base = constants.DEFAULT_LOCAL_TMP  # type: ignore[attr-defined] # added when it is imported
    assert str(directory.parent) == base


def test_a_second_one_leaves_the_first_alone() -> None:
    first, second = write({"web1": CALLS}, []), write({}, [])
    second.note("pending", "web1", holds=True)
    assert first.calls("web1") == CALLS
    assert not first.is_noted("pending")


def test_notes() -> None:
    compiled = write({}, [])
    assert not compiled.is_noted("pending")
    compiled.note("pending", "web1", holds=False)
    for host in ("web1", "web2", "web1"):
        compiled.note("pending", host, holds=True)
    compiled.note("pending", "web1", holds=False)
    assert compiled.is_noted("pending")
    assert not compiled.is_noted("arp_changed")
    compiled.note("pending", "web2", holds=False)
    assert not compiled.is_noted("pending")


def test_what_became_of_hosts() -> None:
    compiled = write({}, [])
    lowered = [{"service": {}, "destination": {"address": "10.0.0.1"}, "weight": 0, "reason": "x"}]
    for host, told in (("b", lowered), ("a", None), ("c", [{"weight": 0}]), ("d", "all")):
        compiled.keep(host, changed=host == "a", lowered=told)
    # A second call tells nothing of weights: a director may be a real server, too.
    for host in ("a", "b"):
        compiled.keep(host, changed=False, lowered=None)
    assert [(one["host"], one["changed"], one["lowered"]) for one in compiled.done()] == [
        ("a", True, []),
        ("b", False, lowered),
        ("c", False, []),
        ("d", False, []),
    ]
