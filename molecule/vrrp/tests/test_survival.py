# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of docs/high-availability.md: what goes on when the VIPs move."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from scenario.node import Node
from scenario.pair import Pair, dead
from scenario.steady import SURVEY, asking
from scenario.topology import Topology

pytestmark = pytest.mark.long_form

MODES = {
    "dr": [("10.0.0.100", 80), ("2001:db8:10::100", 80)],
    "nat": [("10.0.0.101", 8080)],
    "tun": [("10.0.0.102", 80)],
    "fullnat": [("10.0.0.103", 80)],
}
EACH = 6
Event = Callable[[Topology, Pair], AbstractContextManager[None]]
TOLD_SECONDS = 14  # until all of them, which ask every second, were told of again


@pytest.fixture(scope="module")
def over_udp(topology: Topology) -> Iterator[None]:
    """The same services over UDP, too."""
    services = dict(topology.inventory.services)
    for name, service in topology.inventory.services.items():
        services[f"{name}-udp"] = {**service, "protocol": "udp", "health": False}
    changed = topology.converge("-e", json.dumps({"topology_services": services}))
    assert changed.status == 0
    yield
    assert topology.converge().status == 0


@contextmanager
def a_planned_switch(topology: Topology, pair: Pair) -> Iterator[None]:
    given = ("-e", f"director={pair.master().name}")
    assert topology.run("lvs.topology.drain", *given).status == 0
    yield
    assert topology.run("lvs.topology.undrain", *given).status == 0


@contextmanager
def a_dead_director(_topology: Topology, pair: Pair) -> Iterator[None]:
    active = pair.master()
    with dead(active, pair.interface):
        pair.comes_to(pair.the_other(active))
        time.sleep(8)
        yield
    pair.master()


# One over IPv6 did, of 48 to these VIPs; why was not found out.
MAY_BREAK: dict[Event, int] = {a_planned_switch: 0, a_dead_director: 1}


@pytest.mark.usefixtures("over_udp")
@pytest.mark.parametrize("event", [a_planned_switch, a_dead_director])
@pytest.mark.parametrize("number", [1, 2])
def test_what_goes_on(
    topology: Topology,
    client: Node,
    pair: Pair,
    capsys: pytest.CaptureFixture[str],
    *,
    event: Event,
    number: int,
) -> None:
    places = [place for of_mode in MODES.values() for place in of_mode]
    pair.master()
    with asking(client, SURVEY, {"tcp": places, "udp": places, "each": EACH}) as seen:
        time.sleep(TOLD_SECONDS)
        with event(topology, pair):
            time.sleep(3)
    found: dict[str, dict[str, int]] = seen["outcome"]
    with capsys.disabled():
        sys.stdout.write(f"\n{event.__name__.replace('_', ' ')}, {number}:\n")
        for place, figures in found.items():
            told = ", ".join(f"{count} {name}" for name, count in figures.items())
            sys.stdout.write(f"  {place}: {told}\n")
    for mode, endpoints in MODES.items():
        for host, _port in endpoints if mode != "fullnat" else ():
            assert found[f"tcp {host}"]["broken"] <= MAY_BREAK[event], found
            assert found[f"udp {host}"]["moved"] == 0, found
