# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random sequences of declarations and foreign changes, on the real kernel."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ansible_collections.lvs.topology.plugins.module_utils.converge import director
from ansible_collections.lvs.topology.plugins.module_utils.converge.drain import (
    Asked,
    converge_drain,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.model import Desired
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    Entry,
    ServiceKey,
    Table,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import plan
from ansible_collections.lvs.topology.plugins.module_utils.state import paths
from ansible_collections.lvs.topology.plugins.module_utils.state.part import Part, open_part
from ansible_collections.lvs.topology.plugins.module_utils.state.section import TABLE, Section
from ansible_collections.lvs.topology.tests.kernel.conftest import Ipvsadm
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.ipvs.strategies import tables

METHODS = {"droute": "-g", "masq": "-m", "tunnel": "-i"}
PROTOCOLS = {"tcp": "-t", "udp": "-u", "sctp": "--sctp-service"}


class Sequences(RuleBasedStateMachine):
    """A director, and a simple model of it."""

    def __init__(self) -> None:
        super().__init__()
        self.ipvsadm = Ipvsadm()
        self.there: Table = {}
        self.declared: Table = {}
        self.ours: set[ServiceKey] = set()
        self.drained: set[str] = set()
        self.folder, self.root = Path(tempfile.mkdtemp()), paths.ROOT
        paths.ROOT = self.folder

    def teardown(self) -> None:
        paths.ROOT = self.root
        shutil.rmtree(self.folder)
        self.ipvsadm.run("--clear")

    @initialize()
    def nothing(self) -> None:
        self.ipvsadm.run("--clear")

    @rule(declared=tables(), purge=st.sampled_from(["none", "owned", "all"]))
    def declare(self, declared: Table, purge: str) -> None:
        purged = {"none": set(), "owned": self.ours, "all": set(self.there)}[purge]
        self.there = {key: one for key, one in self.there.items() if key not in purged}
        self.declared = declared
        self.ours = (self.ours & self.there.keys()) | declared.keys()
        self.drained &= rips(declared)
        self.there |= with_drained(declared, self.drained)
        with part() as record:
            request = director.Request(Desired(), Desired(), declared, purge=purge)
            director.converge_director(record, request)
            assert director.converge_director(record, request).operations == []

    @rule(added=tables())
    def somebody_adds_services(self, added: Table) -> None:
        new = {key: one for key, one in added.items() if key not in self.there}
        self.there |= new
        with Client() as client:
            client.apply(plan({}, new, ()))

    @rule()
    def somebody_flushes_the_table(self) -> None:
        self.there = {}
        self.ipvsadm.run("--clear")

    @rule()
    def it_boots(self) -> None:
        self.ipvsadm.run("--clear")
        self.there = with_drained(self.declared, self.drained)
        with part() as record:
            director.apply(record)

    @precondition(lambda self: bool(rips(self.declared) & rips(self.there)))
    @rule(data=st.data())
    def drain(self, data: st.DataObject) -> None:
        rip = data.draw(st.sampled_from(sorted(rips(self.declared))))
        self.drained.add(rip)
        mine = {key: one for key, one in self.there.items() if key in self.declared}
        self.there |= with_drained(mine, {rip})
        with part() as record:
            asked = Asked([rip], "drained", permanent=True, end_permanent=True, min_active=0)
            converge_drain(Section(record, TABLE), asked, check_mode=False)

    @invariant()
    def ipvsadm_agrees(self) -> None:
        assert saved(self.ipvsadm) == shown(self.there)


def part() -> AbstractContextManager[Part]:
    return open_part(director.PART, persist=False, check_mode=False)


def rips(table: Table) -> set[str]:
    return {key.address for entry in table.values() for key in entry.destinations}


def with_drained(table: Table, drained: set[str]) -> Table:
    def weighed(one: Destination) -> Destination:
        return one._replace(weight=0) if one.key.address in drained else one

    return {
        key: Entry(service, {each: weighed(one) for each, one in destinations.items()})
        for key, (service, destinations) in table.items()
    }


def saved(ipvsadm: Ipvsadm) -> set[tuple[str, ...]]:
    """Return schedulers of services, and methods and weights of destinations, from ipvsadm."""
    lines = [[word for word in line.split() if word != "-6"] for line in ipvsadm.saved()]
    return {
        (
            *words[1:5],
            words[5] if words[0] == "-a" else "",
            words[words.index("-w") + 1] if "-w" in words else "",
        )
        for words in lines
    }


def shown(table: Table) -> set[tuple[str, ...]]:
    """Return the same of a table."""
    found: set[tuple[str, ...]] = set()
    for key, (service, destinations) in table.items():
        name = (
            ("-f", str(key.fwmark))
            if key.fwmark
            else (PROTOCOLS[key.protocol], str(key).split()[1])
        )
        found.add((*name, "-s", service.scheduler, "", ""))
        for each, one in destinations.items():
            found.add((*name, "-r", str(each), METHODS[one.forwarding], str(one.weight)))
    return found


Sequences.TestCase.settings = settings(max_examples=6, stateful_step_count=10, deadline=None)
TestSequences = pytest.mark.usefixtures("ipvsadm")(Sequences.TestCase)
