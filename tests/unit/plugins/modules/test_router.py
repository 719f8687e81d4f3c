# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of router, on a host in memory."""

from __future__ import annotations

from typing import Any

from ansible_collections.lvs.topology.plugins.module_utils.boot import program
from ansible_collections.lvs.topology.plugins.modules import router
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)

MAC, OTHER_MAC = "52:54:00:00:00:05", "52:54:00:00:00:06"
ENTRY = {"address": "10.0.0.100", "interface": "eth0", "mac": MAC}
PLACE = ("eth0", "10.0.0.100")


def run(*entries: dict[str, str], check: bool = False, **arguments: object) -> dict[str, Any]:
    return run_module(router.main, check=check, neighbours=entries, **arguments)


def test_present_again_and_absent(host: FakeHost) -> None:
    before = host.snapshot()
    predicted = run(ENTRY, check=True)
    assert host.snapshot() == before
    assert run(ENTRY) == predicted
    assert predicted["operations"][0] == f"add neighbour 10.0.0.100 at {MAC} on eth0"
    assert predicted["diff"]["after"]["neighbours"] == [f"neighbour 10.0.0.100 at {MAC} on eth0"]
    assert host.neighbours == {PLACE: MAC}
    assert not run(ENTRY)["changed"]
    run(state="absent")
    assert host.snapshot() == before
    assert not run(state="absent")["changed"]


def test_a_director_with_another_card(host: FakeHost) -> None:
    run(ENTRY)
    run({**ENTRY, "mac": OTHER_MAC.upper()})
    assert host.neighbours == {PLACE: OTHER_MAC}


def test_what_was_there_before_stays(host: FakeHost) -> None:
    host.neighbours[PLACE] = MAC
    run(ENTRY)
    run(state="absent")
    assert host.neighbours == {PLACE: MAC}


def test_an_entry_of_somebody_else_is_not_overwritten(host: FakeHost) -> None:
    host.neighbours[PLACE] = OTHER_MAC
    before = host.snapshot()
    assert run(ENTRY)["msg"].startswith(f"neighbour 10.0.0.100 at {OTHER_MAC} on eth0 is not ours")
    assert host.snapshot() == before


def test_boot_program_makes_it_so_again(host: FakeHost) -> None:
    run(ENTRY)
    host.neighbours.clear()
    assert program.main() == 0
    assert host.neighbours == {PLACE: MAC}


def test_bad_input_is_told_all_at_once(host: FakeHost) -> None:
    before = host.snapshot()
    result = run(
        {**ENTRY, "mac": "53:54:00:00:00:05"},
        {**ENTRY, "mac": "00:00:00:00:00:00"},
        {**ENTRY, "mac": "525400000005"},
        {**ENTRY, "address": "2001:db8::1"},
        ENTRY,
        {**ENTRY, "mac": OTHER_MAC},
        {**ENTRY, "interface": "a b"},
    )
    a_mac = "expected the MAC address of one interface, as 52:54:00:12:34:56"
    assert result["problems"] == [
        f"neighbours[0].mac: got '53:54:00:00:00:05', {a_mac}",
        f"neighbours[1].mac: got '00:00:00:00:00:00', {a_mac}",
        f"neighbours[2].mac: got '525400000005', {a_mac}",
        (
            "neighbours[3].address: got '2001:db8::1', "
            "expected an IPv4 address: only the director advertises an IPv6 one"
        ),
        (
            "neighbours[5]: got '10.0.0.100 on eth0', "
            "expected each only once: neighbours[4] is the same"
        ),
        "neighbours[6].interface: got 'a b', expected the name of an interface",
    ]
    assert host.snapshot() == before


def test_a_host_without_the_interface(host: FakeHost) -> None:
    before = host.snapshot()
    assert run({**ENTRY, "interface": "eth7"})["msg"] == "this host has no interface eth7"
    assert host.snapshot() == before
