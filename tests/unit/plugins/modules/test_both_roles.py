# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of director and real_server on one host, which is both."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.boot import program
from ansible_collections.lvs.topology.plugins.modules import director, real_server
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)

pytestmark = pytest.mark.usefixtures("ipvs")

VIP = "10.0.0.100"
DIRECTOR: dict[str, Any] = {
    "vips": [{"address": VIP, "interface": "eth0"}],
    "forward": ["ipv4"],
    "services": [
        {
            "address": VIP,
            "port": 80,
            "destinations": [{"address": "10.0.0.11", "port": 80, "forwarding": "droute"}],
        }
    ],
}
NO_REAL_SERVER: dict[str, Any] = {"state": "absent"}


def converge(
    to_director: dict[str, Any], to_real_server: dict[str, Any], *, check: bool = False
) -> list[dict[str, Any]]:
    """Call the modules in the order of site.yml."""
    calls = [
        (real_server.main, {**to_real_server, "phase": "prepare"}),
        (director.main, to_director),
        (real_server.main, {**to_real_server, "phase": "finish"}),
    ]
    results = [run_module(main, check=check, **arguments) for main, arguments in calls]
    assert not any(result.get("failed") for result in results), results
    return results


def places(host: FakeHost) -> set[str]:
    return {device for device, address, _prefix in host.addresses if address == VIP}


def test_neither_role_undoes_what_the_other_one_does(host: FakeHost) -> None:
    before = host.snapshot()
    assert [one["changed"] for one in converge(DIRECTOR, NO_REAL_SERVER)] == [False, True, False]
    assert places(host) == {"eth0"}
    done = host.snapshot()
    for check in (False, True):
        again = converge(DIRECTOR, NO_REAL_SERVER, check=check)
        assert not any(one["changed"] for one in again)
    assert host.snapshot() == done
    host.addresses = [one for one in host.addresses if one[1] != VIP]
    assert program.main() == 0
    assert places(host) == {"eth0"}
    converge({"state": "absent"}, NO_REAL_SERVER)
    assert host.snapshot() == before


def test_a_real_server_becomes_the_director(host: FakeHost) -> None:
    """It has the VIP all the time, in silence until it is the director's."""
    before = host.snapshot()
    run_module(real_server.main, vips=[VIP])
    assert places(host) == {"lo"}
    (prepared, _director, finished) = converge(DIRECTOR, NO_REAL_SERVER)
    assert (prepared["changed"], finished["changed"]) == (False, True)
    assert places(host) == {"eth0"}
    assert host.get("net/ipv4/conf/all/arp_ignore") == "0"
    converge({"state": "absent"}, NO_REAL_SERVER)
    assert host.snapshot() == before
