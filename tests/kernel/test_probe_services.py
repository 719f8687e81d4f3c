# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that lead probes: nobody's table has them, and each leads to its real server."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.health.mark_services import (
    assign,
    target,
)
from ansible_collections.lvs.topology.plugins.module_utils.health.model import VIP, Check
from ansible_collections.lvs.topology.plugins.module_utils.health.prober import Probe, Prober
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import plan
from ansible_collections.lvs.topology.plugins.module_utils.net.probe_marks import MARK_BASE
from ansible_collections.lvs.topology.tests.kernel.tables import WEB, table


def probing(mark: int) -> Table:
    """Return a service that leads probes."""
    key = ServiceKey("ipv4", mark, "", "", 0)
    rip = DestinationKey("10.0.0.1", 0)
    return {key: Entry(Service(key, "rr", one_packet=True), {rip: Destination(rip)})}


def test_hidden_and_read_on_their_own(client: Client) -> None:
    declared, ours = table(WEB), probing(MARK_BASE + 7)
    client.apply(plan({}, {**declared, **ours}, ()))
    assert client.table() == declared
    assert client.services() == {*declared}
    assert {*client.activity()} == {*declared}
    assert client.probe_services() == ours
    client.apply(plan(client.probe_services(), {}, [*ours]))
    assert client.probe_services() == {}


ADDRESS, SOURCE, PORT = "192.0.2.1", "192.0.2.9", 8080
# One has a listener, one has none, and packets to the third are lost.
LIVE, CLOSED, LOST = RIPS = ("10.66.0.1", "10.66.0.2", "10.66.0.3")
SINK = "sink"
ROUNDS = 3
SECONDS = 20  # more than any of this takes


@pytest.fixture
def servers() -> Iterator[None]:
    """Make a VIP, the address that probes come from, and the real servers."""
    with ExitStack() as stack:
        for kind, *rest in (
            ("link", "add", SINK, "type", "dummy"),
            *(("address", "add", f"{one}/32", "dev", "lo") for one in (ADDRESS, SOURCE, *RIPS[:2])),
        ):
            subprocess.run(["ip", kind, *rest], check=True)
            stack.callback(subprocess.run, ["ip", kind, "delete", *rest[1:]], check=True)
        subprocess.run(["ip", "link", "set", SINK, "up"], check=True)
        subprocess.run(["ip", "route", "add", f"{LOST}/32", "dev", SINK], check=True)
        listener = stack.enter_context(socket.create_server((LIVE, PORT)))
        stack.callback(listener.shutdown, socket.SHUT_RDWR)
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        yield


def accept(listener: socket.socket) -> None:
    while True:
        try:
            listener.accept()[0].close()
        except OSError:
            return


@pytest.mark.usefixtures("servers")
def test_each_leads_to_its_real_server(client: Client) -> None:
    service = ServiceKey("ipv4", 0, "tcp", ADDRESS, PORT)
    targets = {rip: target(service, Destination(DestinationKey(rip, PORT), "masq")) for rip in RIPS}
    services = assign(targets.values(), client.probe_services())
    client.apply(services.operations)
    assert assign(targets.values(), client.probe_services()) == (services.marks, [])
    check = Check("tcp", through=VIP, interval=0.2, timeout=0.2)
    probes = {
        rip: Probe(check, ADDRESS, PORT, services.marks[one], SOURCE, rip)
        for rip, one in targets.items()
    }
    results: dict[str, list[str]] = {rip: [] for rip in RIPS}
    prober = Prober()
    prober.watch(probes.values())
    until = time.monotonic() + SECONDS
    while min(map(len, results.values())) < ROUNDS and time.monotonic() < until:
        for probe, result in prober.run(until):
            results[probe.rip].append(result)
    prober.close()
    assert prober.untried == {}
    assert {rip: {*found} for rip, found in results.items()} == {
        LIVE: {""},
        CLOSED: {"connection refused"},
        LOST: {"no answer within 0.2 s"},
    }
