# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes in one virtual machine, for hosts without IPVS or without a container engine."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from labagent.change import Change, change_between

from . import bytecode, snapshots, tools
from .engine import COMPANIONS, Endpoints, Engine, agent_command
from .machine import MANAGEMENT_ADDRESS, Hardware, Machine
from .modules import MODULES
from .plan import IN_VM, Placement
from .progress import step
from .settings import FORKING_PYTHON
from .snapshots import BOOTED, READY, Snapshot
from .ssh import Remote, wait_all
from .topology import Topology

PROGRAMS = ("qemu-system-x86_64", "qemu-img", "ssh")
VM = "vm"
_GUEST_DIR = "/opt/lab"
_PLAN, _PREVIOUS = "plan.json", "previous.json"


class VmEngine(Engine):
    """Boots rarely: both the machine and the finished nodes are snapshots."""

    name = "vm"

    @property
    def placement(self) -> Placement:
        """Where the nodes run."""
        return IN_VM

    @cached_property
    def machine(self) -> Machine:
        """The virtual machine."""
        hardware = Hardware(self.accelerator, self.settings.cpus, self.settings.memory_mib)
        return Machine(self.settings, self.image, hardware)

    def base_digest(self) -> str:
        """Return the digest of the booted machine."""
        return f"{self.machine.hardware.digest()} {' '.join(MODULES)}"

    def alive(self) -> bool:
        """Tell whether the machine runs."""
        return self.machine.process.pid() is not None

    def up(self, topology: Topology) -> Endpoints:
        """Start the nodes, from the best snapshot."""
        tools.need(*PROGRAMS)
        ready = Snapshot(self.image, READY, self.digest(topology))
        if ready.exists():
            with step("restoring the nodes"):
                return self._restore(topology, ready)
        endpoints, kind = self._changed(topology) or self._made(topology)
        with step("saving a snapshot of the nodes"):
            self.access.close()
            with self.machine.control as control:
                control.delete(kind)
            ready.take(self.machine)
            ready.describe(self.agent_digest(), self.plan(topology))
        return endpoints

    def reset(self, endpoints: Endpoints) -> None:
        """Restore the snapshot that up() left in the machine's disk."""
        self.access.close()
        with self.machine.control as control:
            control.load(READY)
        self._set_clock(endpoints)

    def down(self) -> None:
        """Stop the machine with everything in it."""
        self.access.close()
        self.machine.process.end()
        self.machine.disk.unlink(missing_ok=True)

    def _vm(self, endpoints: Endpoints) -> Remote:
        return self.remotes(endpoints)[VM]

    def _changed(self, topology: Topology) -> tuple[Endpoints, str] | None:
        """Make the nodes out of those of another topology, if one has some of them."""
        base, wanted = self.agent_digest(), self.plan(topology)
        best: tuple[Change, Snapshot, dict[str, Any]] | None = None
        for snapshot in snapshots.all_of(self.image, READY):
            plan = snapshot.plan_on(base)
            change = plan and change_between(plan["nodes"], wanted["nodes"])
            if plan and change and (best is None or len(change.new) < len(best[0].new)):
                best = change, snapshot, plan
        if best is None:
            return None
        change, snapshot, before = best
        with step("restoring nodes of another topology"):
            endpoints = self._restore(topology, snapshot)
        with step(f"changing {len(change.kept)} nodes, making {len(change.new)}"):
            self._push_plan(topology, endpoints, [(_text(before), _PREVIOUS)])
            self._agent(endpoints, ["change", f"{_GUEST_DIR}/{_PREVIOUS}"])
            self._settle(endpoints, [node["name"] for node in change.new])
        return endpoints, READY

    def _made(self, topology: Topology) -> tuple[Endpoints, str]:
        """Make the nodes."""
        endpoints = self._booted(topology)
        with step(f"making {len(topology.nodes)} nodes"):
            self._push_plan(topology, endpoints)
            self._agent(endpoints, ["up"])
            self._settle(endpoints, [node.name for node in topology.nodes])
        return endpoints, BOOTED

    def _booted(self, topology: Topology) -> Endpoints:
        booted = Snapshot(self.image, BOOTED, self.machine.hardware.digest())
        if booted.exists():
            with step("restoring the machine"):
                return self._restore(topology, booted)
        with step(f"booting the machine ({self.accelerator})"):
            snapshots.new_disk(self.image, self.machine.disk)
            endpoints = self._start(topology, None)
            vm = self._vm(endpoints)
            vm.run("modprobe", "--all", *MODULES)
            vm.run("systemctl", "is-system-running", "--wait")
        if self.python == FORKING_PYTHON:
            with step("compiling what modules consist of"):
                bytecode.keep(vm)
        with step("saving a snapshot of the machine"):
            self.access.close()
            booted.take(self.machine)
        return endpoints

    def _restore(self, topology: Topology, snapshot: Snapshot) -> Endpoints:
        snapshot.fetch(self.machine.disk)
        endpoints = self._start(topology, snapshot.name)
        self._set_clock(endpoints)
        return endpoints

    def _start(self, topology: Topology, snapshot: str | None) -> Endpoints:
        guests = {VM: MANAGEMENT_ADDRESS}
        for number, node in enumerate(topology.nodes):
            guests[node.name] = str(self.placement.address(number))
        endpoints = self.machine.start(guests, snapshot)
        self._vm(endpoints).wait()
        return endpoints

    def _push_plan(
        self, topology: Topology, endpoints: Endpoints, more: Sequence[tuple[bytes, str]] = ()
    ) -> None:
        files = [(path, path.name) for path in COMPANIONS]
        plan = (_text(self.plan(topology)), _PLAN)
        self._vm(endpoints).push([*files, plan, *more], _GUEST_DIR)

    def _settle(self, endpoints: Endpoints, nodes: list[str]) -> None:
        """Wait until nodes answer that have just been made."""
        remotes = self.remotes(endpoints)
        wait_all(remotes[name] for name in nodes)
        if self.python == FORKING_PYTHON:
            for name in nodes:
                remotes[name].run(self.python)  # an empty program: its server is in the snapshot

    def _run_agent(self, endpoints: Endpoints, arguments: list[str]) -> str:
        command = agent_command("/usr/bin/python3", _GUEST_DIR, f"{_GUEST_DIR}/{_PLAN}")
        return self._vm(endpoints).run(*command, *arguments)

    def _set_clock(self, endpoints: Endpoints) -> None:
        """Set the clock, which a restored machine has from its snapshot."""
        self._vm(endpoints).run("date", "--utc", "--set", f"@{time.time():.3f}")


def _text(plan: dict[str, Any]) -> bytes:
    return json.dumps(plan, indent=1).encode()
