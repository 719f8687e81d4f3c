# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service changes from mode to mode without a lost request on short or long connections."""

from __future__ import annotations

import json
import sys
from itertools import pairwise, permutations

import pytest
from scenario.extent import IS_LONG, cases
from scenario.node import Node
from scenario.steady import requests
from scenario.topology import SITE, Run, Topology

MIGRATE = "lvs.topology.migrate"
V4, V6 = ("10.0.0.100", 80), ("2001:db8:10::100", 80)
MODES = {
    "nat": {"mode": "nat", "return_route": "policy"},
    "dr": {"mode": "dr"},
    "tun": {"mode": "tun", "tunnel": "gre"},
    "fullnat": {"mode": "fullnat"},
}
# The client's and its own address, as the real server sees them.
CIP, DIP, RIPS = "198.51.100.10", "10.0.0.5", {"10.0.0.11", "10.0.0.12"}
SIGHT = {
    "nat": (CIP, RIPS),
    "dr": (CIP, {V4[0]}),
    "tun": (CIP, {V4[0]}),
    "fullnat": (DIP, RIPS),
}
JOURNEY = cases(
    short=("nat", "dr"),
    # Each mode to each other one.
    long=(
        "nat", "dr", "tun", "fullnat", "nat", "fullnat", "tun",
        "dr", "fullnat", "dr", "nat", "tun", "nat",
    ),
)  # fmt: skip
WITH_PORT = [{"host": "web1", "port": 80}, {"host": "web2", "port": 80}]
RENEW_SECONDS = 15  # how long long connections last


def declared(topology: Topology, mode: str) -> tuple[str, str]:
    """The declaration with another mode, as arguments."""
    web = {
        name: value
        for name, value in topology.inventory.services["web"].items()
        if name not in ("mode", "return_route")
    }
    return "-e", json.dumps({"topology_services": {"web": {**web, **MODES[mode]}}})


def test_a_change_that_does_not_wait_breaks_long_connections(
    topology: Topology, client: Node
) -> None:
    """The requests detect a change that does not wait."""
    with requests(client, [V4, V6], [V4, V6]) as seen:
        run = topology.run(SITE, *declared(topology, "dr"))
    assert run.status == 0
    assert [one for one in seen.failures if one.startswith("long_lived")] != []
    back = topology.converge()
    assert back.status == 0


def migrate(topology: Topology, client: Node, old: str, new: str) -> Run:
    """Nothing is lost, and the new mode is active."""
    with requests(client, [V4, V6], [V4, V6], renew=RENEW_SECONDS) as seen:
        run = topology.run(MIGRATE, *declared(topology, new), "-e", "service=web")
    sys.stdout.write(f"from {old} to {new}: {seen}\n")
    assert (run.status, seen.failures) == (0, [])
    assert f"service web is in mode {new} from now on" in run.output
    addresses = {name: one.split(":")[0] for name, one in seen.last["10.0.0.100 port 80"].items()}
    client_seen, own = SIGHT[new]
    assert addresses["client"] == client_seen
    assert addresses["local"] in own
    return run


def test_the_long_form_goes_from_each_mode_to_each_other_one() -> None:
    assert not IS_LONG or {*pairwise(JOURNEY)} == {*permutations(MODES, 2)}


def test_from_mode_to_mode(
    topology: Topology, client: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    to_dr = *declared(topology, "dr"), "-e", "service=web"
    predicted = topology.run(MIGRATE, *to_dr, "--check")
    runs = [migrate(topology, client, old, new) for old, new in pairwise(JOURNEY)]
    assert predicted.outcomes.statements() == runs[0].outcomes.statements() != set()
    figures = [line for line in capsys.readouterr().out.splitlines() if line.startswith("from ")]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(figures) + "\n")
    last = declared(topology, JOURNEY[-1])
    assert topology.run(SITE, *last, "--check").changed == set()


@pytest.mark.long_form
def test_what_does_not_end_is_kept_until_somebody_says_so(topology: Topology, client: Node) -> None:
    given = ("-e", "service=web", "-e", "migrate_timeout=1")
    with requests(client, [V4], [V4]) as seen:
        run = topology.run(MIGRATE, *declared(topology, "dr"), *given)
    assert run.status != 0
    assert "after 1 s there still are" in run.output
    assert "Run this again to wait on" in run.output
    assert seen.failures == []
    done = topology.run(SITE, *declared(topology, "dr"))
    assert done.status == 0
    assert topology.verify(*declared(topology, "dr")) == []


@pytest.mark.long_form
def test_two_services_at_once(topology: Topology, client: Node) -> None:
    """One whose destinations drain before they are switched, and one whose connections go on."""
    mail = [("10.0.0.110", 8080), ("2001:db8:10::110", 8080)]
    web = topology.inventory.services["web"]
    common = {
        name: value for name, value in web.items() if name not in ("mode", "return_route", "vips")
    }

    def both(web_mode: str, mail_mode: str) -> tuple[str, str]:
        services = {
            "web": {**common, "vips": web["vips"], **MODES[web_mode]},
            "mail": {
                **common,
                "port": mail[0][1],
                "real_servers": WITH_PORT,
                "vips": [vip for vip, _port in mail],
                **MODES[mail_mode],
            },
        }
        return "-e", json.dumps({"topology_services": services})

    assert topology.run(SITE, *both("dr", "nat")).status == 0
    endpoints = [V4, V6, *mail]
    with requests(client, endpoints, endpoints, renew=RENEW_SECONDS) as seen:
        run = topology.run(MIGRATE, *both("tun", "fullnat"), "-e", "service=web,mail")
    assert (run.status, seen.failures) == (0, [])
    assert topology.verify(*both("tun", "fullnat")) == []


def test_a_service_that_is_not_declared(topology: Topology) -> None:
    run = topology.run(MIGRATE, "-e", "service=wbe")
    assert run.status != 0
    assert "did you mean web?" in run.output
    assert run.changed == set()
