# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes in one virtual machine, for hosts without IPVS or without a container engine."""

from __future__ import annotations

import json
import time
from functools import cached_property

from . import snapshots, tools
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
        endpoints = self._booted(topology)
        with step(f"making {len(topology.nodes)} nodes"):
            self._make_nodes(topology, endpoints)
        with step("saving a snapshot of the nodes"):
            self.access.close()
            with self.machine.control as control:
                control.delete(BOOTED)
            ready.take(self.machine)
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

    def _make_nodes(self, topology: Topology, endpoints: Endpoints) -> None:
        text = json.dumps(self.plan(topology), indent=1).encode()
        files = [(path, path.name) for path in COMPANIONS]
        self._vm(endpoints).push([*files, (text, "plan.json")], _GUEST_DIR)
        self._agent(endpoints, ["up"])
        remotes = self.remotes(endpoints)
        wait_all(remotes.values())
        if self.python == FORKING_PYTHON:
            for name in remotes.keys() - {VM}:
                remotes[name].run(self.python)  # an empty program: its server is in the snapshot

    def _run_agent(self, endpoints: Endpoints, arguments: list[str]) -> str:
        command = agent_command("/usr/bin/python3", _GUEST_DIR, f"{_GUEST_DIR}/plan.json")
        return self._vm(endpoints).run(*command, *arguments)

    def _set_clock(self, endpoints: Endpoints) -> None:
        """Set the clock, which a restored machine has from its snapshot."""
        self._vm(endpoints).run("date", "--utc", "--set", f"@{time.time():.3f}")
