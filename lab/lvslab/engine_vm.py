# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: the lvs.topology authors
"""The nodes in one virtual machine, for hosts without IPVS or without a container engine."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import plan, recipe, snapshots, tools
from .image import Image
from .machine import MANAGEMENT_ADDRESS, Hardware, Machine
from .modules import MODULES
from .progress import say, step
from .settings import LAB_ROOT, Settings
from .snapshots import BOOTED, READY, Snapshot
from .ssh import Access, Remote, wait_all
from .topology import Topology

GUEST_FILES = LAB_ROOT / "guest"
AGENT_DIR = "/opt/lab"
VM = "vm"


@dataclass(frozen=True)
class VmEngine:
    settings: Settings
    image: Image
    accelerator: str
    name: str = "vm"

    @cached_property
    def machine(self) -> Machine:
        hardware = Hardware(self.accelerator, self.settings.cpus, self.settings.memory_mib)
        return Machine(self.settings, self.image, hardware)

    @cached_property
    def access(self) -> Access:
        return Access(self.image.key, self.settings.make_socket_dir())

    def plan(self, topology: Topology) -> dict[str, Any]:
        return plan.make(topology, plan.VM)

    def digest(self, topology: Topology) -> str:
        parts = [self.machine.hardware.digest(), MODULES, self.plan(topology)]
        parts += recipe.file_digests(GUEST_FILES)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def alive(self) -> bool:
        return self.machine.process.pid() is not None

    def up(self, topology: Topology) -> dict[str, tuple[str, int]]:
        """Bring the nodes up by the shortest way there is, and say where they answer SSH."""
        tools.need("qemu-system-x86_64", "qemu-img", "ssh")
        ready = Snapshot(self.image, READY, self.digest(topology))
        if ready.exists():
            with step("restoring the nodes"):
                ready.fetch(self.machine.disk)
                ports = self._start(topology, READY)
                self._set_clock(self._remote(ports[VM]))
        else:
            ports = self._booted(topology)
            self._make_nodes(topology, self._remote(ports[VM]))
            wait_all(self._remote(port) for port in ports.values())
            with step("keeping a snapshot"):
                self.access.close()
                with self.machine.control as control:
                    control.delete(BOOTED)
                ready.take(self.machine)
        return {name: ("127.0.0.1", port) for name, port in ports.items()}

    def _remote(self, port: int) -> Remote:
        return Remote(self.access, "127.0.0.1", port)

    def _start(self, topology: Topology, snapshot: str | None) -> dict[str, int]:
        guests = {VM: MANAGEMENT_ADDRESS}
        guests |= {
            node.name: str(plan.VM.address(number)) for number, node in enumerate(topology.nodes)
        }
        ports = self.machine.start(guests, snapshot)
        self._remote(ports[VM]).wait()
        return ports

    def _booted(self, topology: Topology) -> dict[str, int]:
        booted = Snapshot(self.image, BOOTED, self.machine.hardware.digest())
        if booted.exists():
            with step("restoring the machine"):
                booted.fetch(self.machine.disk)
                ports = self._start(topology, BOOTED)
                self._set_clock(self._remote(ports[VM]))
            return ports
        with step(f"booting the machine ({self.accelerator})"):
            snapshots.new_disk(self.image, self.machine.disk)
            ports = self._start(topology, None)
            vm = self._remote(ports[VM])
            vm.run("modprobe", "--all", *MODULES)
            vm.run("systemctl", "is-system-running", "--wait")
        with step("keeping a snapshot"):
            self.access.close()
            booted.take(self.machine)
        return ports

    def _make_nodes(self, topology: Topology, vm: Remote) -> None:
        with step(f"making {len(topology.nodes)} nodes"):
            files = [(path, path.name) for path in sorted(GUEST_FILES.iterdir()) if path.is_file()]
            text = json.dumps(self.plan(topology), indent=1).encode()
            vm.push([*files, (text, "plan.json")], AGENT_DIR)
            self._agent(vm, "up")

    def _agent(self, vm: Remote, *arguments: str) -> None:
        for line in vm.run("python3", f"{AGENT_DIR}/agent.py", *arguments).splitlines():
            say(line)

    def _set_clock(self, vm: Remote) -> None:
        """A restored machine believes that it is still the moment of its snapshot."""
        vm.run("date", "--utc", "--set", f"@{time.time():.3f}")

    def reset(self, endpoints: dict[str, tuple[str, int]]) -> None:
        self.access.close()
        with self.machine.control as control:
            control.load(READY)
        self._set_clock(self._remote(endpoints[VM][1]))

    def restart(self, names: list[str], endpoints: dict[str, tuple[str, int]]) -> None:
        self._agent(self._remote(endpoints[VM][1]), "restart", *names)
        wait_all(Remote(self.access, *endpoints[name]) for name in names)

    def down(self) -> None:
        self.access.close()
        self.machine.process.end()
        self.machine.disk.unlink(missing_ok=True)
